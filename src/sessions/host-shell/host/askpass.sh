# SSH_ASKPASS of a session, which git takes, too: asks whoever has the session, as ask.sh does, unless the program that wants to know has a
# better place to ask: a terminal that somebody else has made for it (sshpass, expect), or its stdin. The prompt is $1.
# Set before this text: d, the session's directory.
PATH=$PATH:/usr/bin:/bin
# without it nobody could tell who asks
[ -r /proc/self/stat ] || exit 1
# ssh tells that a security key waits to be touched
[ "$SSH_ASKPASS_PROMPT" != none ] || exit 0
tty() { read -r x <"/proc/$1/stat" && x=${x##*) } && set -- $x && echo "$5"; } 2>/dev/null
who=$(tr '\000' ' ' <"/proc/$PPID/cmdline")
read -r x <"/proc/$PPID/comm"
case $x in ssh-keygen) case $who in *' -Y sign '*) ;; *) IFS= read -r x && printf '%s\n' "$x"; exit ;; esac ;; esac
read -r s <"$d/pid"
t=$(tty $PPID)
# a terminal that the session has made for a command has nobody at it who should know: as without one
for f in "$d"/bw.*; do { [ -f "$f" ] && read -r x <"$d/bq.${f##*.}" && [ "$t" = "$(tty "$x")" ] && t=0; } 2>/dev/null; done
if [ "${t:-0}" != 0 ] && [ "$t" != "$(tty "$s")" ] && ( : 3<>/dev/tty ) 2>/dev/null; then
  exec 3<>/dev/tty
  o=$(stty -g <&3) || exit 1
  trap 'stty "$o" <&3; exit 1' 1 2 3 13 15
  case $1 in Username*|*'yes/no'*|*fingerprint*) ;; *) stty -echo <&3 ;; esac
  printf %s "$1" >&3
  IFS= read -r x <&3; r=$?
  stty "$o" <&3; printf '\n' >&3
  [ $r = 0 ] || exit 1
  printf '%s\n' "$x"
  exit
fi
exec "$d/bin/ask" "$1"
