# Runs once for a session: makes its directory, starts the butler, and then reads the next line, which attaches (attach.sh): one login does
# for both. Where the butler cannot be started from here (see below) this process becomes it, and the channel ends.
# Set before this text: N nonce of this channel, K key of the session, ID, NAME, BASE preferred place, WSH shell or "auto",
# START shell text to begin with, FIRST number of the first command, TTL seconds, CAP bytes, FULL drain or stop at the cap, BUTLER RUNNER INIT SIBLING SIGNALS WITHX11 (or "") ASK ASKPASS PINENTRY SUDO TERMINAL texts.
say() { printf '\036%s %s\n' "$N" "$*"; }
say here
places() { [ -n "$BASE" ] && echo "$BASE"; echo /var/tmp; echo /tmp; [ -n "$HOME" ] && { echo "$HOME/.cache"; echo "$HOME"; }; }
umask_user=$(umask)
for t in mkfifo cat tail wc mkdir rm sleep; do command -v $t >/dev/null 2>&1 || { say "fatal tools $t"; exit 70; }; done
[ -z "$START" ] || { e=$( (eval "$START") 2>&1 >/dev/null) || { say "fatal start $(printf %s "$e" | tr '\n' ' ')"; exit 70; }; }
D= why= ALREADY=
IFS='
'
for b in $(places); do
  case $b in *"'"*|[!/]*) continue;; esac
  [ -d "$b" ] || continue
  D=$b/.holdfast-$ID
  # asked again after the answer was lost on the way
  [ -s "$D/up" ] && [ -O "$D" ] && { ALREADY=1; break; }
  [ ! -d "$D" ] || [ ! -O "$D" ] || rm -rf "$D"
  e=$( (umask 077; mkdir "$D" "$D/bin" && mkfifo "$D/ev" "$D/ctl" "$D/rdy" && echo "$K" >"$D/key" && printf '%s\n' "$NAME" >"$D/name" && printf '%s\n' "$BUTLER" >"$D/butler.sh" && printf '%s\n' "$RUNNER" >"$D/runner.sh" && printf '%s\n' "$INIT" >"$D/init.sh" && printf '%s\n' "$SIBLING" >"$D/sibling.sh" && printf '%s\n' "$SIGNALS" >"$D/signals.sh" && : >"$D/log" && : >"$D/fin" && echo "$FIRST $((FIRST-1))" >"$D/next" && echo $((FIRST-1)) >"$D/started" && { [ -z "$START" ] || printf '%s\n#\n' "$START" >"$D/snap"; }) 2>&1)
  [ -z "$e" ] && read -r x <"$D/key" && [ "$x" = "$K" ] && break
  why="$why $b: $e;"; rm -rf "$D" 2>/dev/null; D=
done
unset IFS
[ -n "$D" ] || { say "fatal place $(printf %s "$why" | tr '\n' ' ')"; exit 70; }
told() { say "facts $(uname -srm 2>/dev/null), ${SHELL##*/}"; say "made $D"; }
attach() { IFS= read -r s && eval "$(printf %b "$s")"; }
[ -z "$ALREADY" ] || { told; attach; exit; }
[ -r /proc/sys/kernel/random/boot_id ] && cat /proc/sys/kernel/random/boot_id >"$D/boot"
# when the host's first process began: another one, and the container was restarted
{ read -r x </proc/1/stat && x=${x##*) } && set -- $x && echo "${20}" >"$D/born"; } 2>/dev/null
# tail follows without delay where it uses inotify or kqueue; elsewhere the pump ships
FOL=pump
case $(tail --version 2>/dev/null) in *coreutils*) FOL=tail;; esac
case $(uname 2>/dev/null) in *BSD|Darwin) FOL=tail;; esac
case $(stat -f -c %T "$D" 2>/dev/null) in nfs*|fuse*|smb*|cifs*|afs*|9p*) FOL=pump;; esac
echo "$FOL" >"$D/fol"
SS=; command -v setsid >/dev/null 2>&1 && SS=setsid || { busybox setsid true >/dev/null 2>&1 && SS='busybox setsid'; }
HOLDFAST_UMASK=$umask_user
export D WSH TTL CAP FULL FIRST SS HOLDFAST_UMASK
# what programs are to start that want to know something; beside what attaches
asking() { (
  umask 077; cd "$D/bin" || exit
  printf '%s\n' '#!/bin/sh' "d='$D'" "$ASK" >ask; printf '%s\n' '#!/bin/sh' "d='$D'" "$ASKPASS" >askpass
  ! command -v gpg-agent >/dev/null 2>&1 || printf '%s\n' '#!/bin/sh' "d='$D'" "$PINENTRY" >gpg-pinentry
  ! command -v sudo >/dev/null 2>&1 || { printf '%s\n' '#!/bin/sh' "$SUDO" >sudo; printf '%s\n' "$TERMINAL" >../terminal.sh; }
  [ -z "$WITHX11" ] || printf '%s\n' '#!/bin/sh' "d='$D'" "$WITHX11" >with-x11
  exec chmod 700 *
); }
told
# An asynchronous list leaves INT and QUIT ignored for ever, unless something gives them their defaults back.
if [ -n "$SS" ] && env --default-signal=INT true 2>/dev/null; then
  ( asking; cd / && exec env --default-signal=INT,QUIT $SS sh "$D/butler.sh" ) </dev/null >/dev/null 2>&1 &
  attach; exit
elif command -v perl >/dev/null 2>&1; then
  ( asking; cd / && exec perl -e 'use POSIX;$SIG{INT}=$SIG{QUIT}="DEFAULT";setsid;exec @ARGV' sh "$D/butler.sh" ) </dev/null >/dev/null 2>&1 &
  attach; exit
fi
asking
cd / || exit 70
exec </dev/null >/dev/null 2>&1
# This process leads the channel's process group, so setsid forks and the channel ends.
[ -n "$SS" ] && exec $SS sh "$D/butler.sh"
exec sh "$D/butler.sh"
