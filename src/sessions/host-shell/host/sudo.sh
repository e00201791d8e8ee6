# Stands for sudo in a session, first in its PATH: the real one, told to ask by SUDO_ASKPASS. Not where its password comes on stdin (-S), not
# what is no sudo of its own (a shim). A sudo that does not know -A yet gets a ticket first, its password on stdin; what it prints when it
# wants one opens the gate: only then is anybody asked, and what they say goes into a pipe to that sudo. The command keeps its own stdin.
# Where sudo may be let in by a key it gets an agent for that, if somebody is there who has it.
p=$PATH: s= v= h=${0%/*} w=$HOLDFAST_SUDO_KEY
while [ -n "$p" ]; do d=${p%%:*} p=${p#*:}; [ "$d" != "$h" ] && [ -x "$d/sudo" ] && [ ! -d "$d/sudo" ] && { s=$d/sudo; break; }; done
[ -n "$s" ] || { echo 'sudo: not found' >&2; exit 127; }
a=-A g=
[ -u "$s" ] && [ -x "${SUDO_ASKPASS:-/}" ] || a=
[ "$HOLDFAST_SUDO" != stdin ] || g=1
[ ! -e /usr/lib/cargo/bin/sudo ] || case $("$s" --version 2>/dev/null) in sudo-rs\ 0.[01].*|sudo-rs\ 0.2.[0-9]|sudo-rs\ 0.2.10) g=1 ;; esac
[ -z "$g" ] || {
  [ -n "$a" ] && [ "$SUDO_ASKPASS" = "$h/ask" ] || g=
  a=
  while [ "$1" = -A ]; do shift; done
}
# these ask nobody, and sudo-rs takes no -A with them
case $#:$1 in 1:-[kKVh]|1:--reset-timestamp|1:--remove-timestamp|1:--version|1:--help) a= ;; esac
for x; do
  [ -z "$v" ] || { v=; continue; }
  case $x in -n*|-[KV]|--non-interactive|--remove-timestamp|--version|--help) w= ;; esac
  case $x in -[nkKV]*|-[AEHPbeils]*[nkKV]*|--non-interactive|--reset-timestamp|--remove-timestamp|--version|--help) g= ;; esac
  case $x in
  --stdin|-S*|-[ABEHKPbeiklnsv]S*|-[ABEHKPbeiklnsv][ABEHKPbeiklnsv]S*) a= g=; break ;;
  --*=*) ;;
  --) break ;;
  --user|--group|--prompt|--host|--close-from|--chdir|--chroot|--role|--type|--command-timeout|--other-user|-*[ugphCDRrtTU]) v=1 ;;
  -*|*=*) ;;
  *) break ;;
  esac
done
if [ -n "$g" ]; then
  q=gate-$$-$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n') e=${h%/bin}/sg.$$
  ( umask 077; mkfifo "$e" ) && exec 5<>"$e" && exec 6>"$e" 7<"$e" 5<&- || exit 1
  rm -f "$e"
  {
    exec 6>&-
    y=
    while x=$(dd bs=4096 count=1 <&7 2>/dev/null) && [ -n "$x" ]; do
      y=$y$x
      case $y in *"$q"*) exec "$h/ask" "[sudo] password for $(id -un):" 2>/dev/null ;; esac
    done
  } | "$s" -S -v -p "$q" >/dev/null 2>&6 6>&- 7<&- &
  exec 6>&-
  wait $!
  exec 7<&-
  a=-n
fi
if [ -n "$w" ] && [ "$a" = -A ] && [ "$SUDO_ASKPASS" = "$h/ask" ]; then
  d=${h%/bin} f=${h%/bin}/sa.$$ n=0
  rm -f "$f"
  [ -p "$d/ev" ] && printf '\nkey %s\n' "$$" 1<>"$d/ev" && until [ -s "$f" ] || [ $n -ge 250 ]; do n=$((n+1)); sleep 0.02 2>/dev/null || { sleep 1; n=$((n+49)); }; done
  [ ! -s "$f" ] || { read -r x <"$f"; [ ! -S "$x" ] || { SSH_AUTH_SOCK=$x; export SSH_AUTH_SOCK; }; rm -f "$f"; }
fi
exec "$s" $a "$@"
