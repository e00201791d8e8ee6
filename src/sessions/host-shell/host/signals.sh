# Signals for what a session runs: a part of attach.sh, and for the butler a file (signals.sh). D directory; say tells what was sent; runs says
# whether command $1 is the one that runs in the session shell.
# is process $1 of ours: do its arguments hold $2?
ours() { kill -0 "$1" 2>/dev/null || return 1; if [ -r "/proc/$1/cmdline" ]; then x=$(tr '\000' ' ' <"/proc/$1/cmdline"); else x=$(ps -o args= -p "$1" 2>/dev/null); fi; case $x in *"$2"*) return 0;; esac; return 1; }
# all descendants of process $1 but those below the background pids that follow, into kl
tree() {
  all=" $1 " kl= more=1; shift
  ps=$(ps -A -o pid= -o ppid= 2>/dev/null || ps -o pid,ppid 2>/dev/null)
  while [ $more = 1 ]; do
    more=0
    while read -r pp qq x; do
      case "$all" in *" $pp "*) continue;; esac
      case "$all" in *" $qq "*) ;; *) continue;; esac
      case " $* " in *" $pp "*) continue;; esac
      all="$all$pp " kl="$kl $pp" more=1
    done <<EOP
$ps
EOP
  done
}
# the same, when all these stand still, with process $1: what is just being started would be missed, and be nobody's child then
freeze() {
  # not at the very moment when output has made somebody send this: a shell takes signals badly in the middle of a write
  tree "$@"
  f=; kill -STOP "$1" 2>/dev/null
  n=0; while tree "$@"; [ "$kl" != "$f" ] && [ $n -lt 50 ]; do n=$((n+1)); kill -STOP $kl 2>/dev/null; f=$kl; done
}
# children first: no parent sees one stand still
thaw() { f=; for x in $kl; do f="$x $f"; done; kill -CONT $f "$rp" 2>/dev/null; }
# signal $1 to all descendants of process $2 (and to itself: $3 = 1; else it is the session shell with command $ek) but those below the background pids that follow
sig() {
  s=$1 rp=$2 self=$3 hard=; shift 3
  case $s in TERM|KILL|HUP|QUIT) final "$@" ;; *) hard=1; tree "$rp" "$@"; hit ;; esac
}
# URG while the shell stands still, so that it comes behind whatever the shell has begun
final() {
  freeze "$rp" "$@"; beyond
  # sudo passes a signal on to its command alone: what that has started may be left behind
  [ -z "$bey" ] || for p in $bey; do echo "$ek $p $(began "$p")"; done >"$D/rooted"
  if [ "$self" = 1 ]; then ending; elif runs "$ek"; then echo "$ek" >"$D/urg"; kill -URG "$rp" 2>/dev/null; ending; fi
  thaw
}
began() { read -r x <"/proc/$1/stat" && x=${x##*) } && set -- $x && [ "$1" != Z ] && echo "${20}"; } 2>/dev/null
ending() {
  if [ "$s" = KILL ] && [ -n "$bey" ]; then relayed; return; fi
  hit
  [ -z "$bey" ] || [ "$self" = 1 ] || case $s in TERM) press USR1 ;; QUIT) press USR2 ;; esac
}
# the session's terminal is told to give INT (USR1) or QUIT (USR2) to all of the shell's group, as a person would by Ctrl+C, so that it comes
# to what root runs, too
press() { [ -s "$D/tt" ] && read -r y <"$D/tt" && ours "$y" holdfast-terminal && kill -"$1" "$y" 2>/dev/null; }
# those of kl that live and that we may not signal (what sudo runs), into bey
beyond() { bey=; for p in $kl; do if ! kill -0 "$p" && read -r x <"/proc/$p/stat"; then case ${x##*) } in Z*) ;; *) bey="$bey $p" ;; esac; fi; done; } 2>/dev/null
parent() { read -r x <"/proc/$1/stat" && x=${x##*) } && set -- $x && echo "$2"; } 2>/dev/null
# KILL where some are out of reach (overreach). Only when they are gone what they were started by is killed, which stands still meanwhile; else
# it goes on.
relayed() {
  above
  for p in $kl; do case "$keep$bey " in *" $p "*) ;; *) kill -KILL "$p" ;; esac; done 2>/dev/null
  hold=$kl
  overreach
  kl=$hold
  if [ -z "$bey" ]; then [ "$self" = 0 ] || keep="$keep $rp"; kill -KILL $keep 2>/dev/null; fi
  say "sent KILL$kl"
}
# what has started those out of reach, but for $rp, into keep
above() {
  keep=
  for p in $bey; do
    n=0; while p=$(parent "$p") && [ "${p:-1}" != 1 ] && [ "$p" != "$rp" ] && [ $n -lt 64 ]; do n=$((n+1)) keep="$keep $p"; done
  done
}
# Ends those out of reach: a sudo that is killed would leave them behind, unseen. So it is asked to end its command (ALRM: it gives that HUP and
# TERM, and KILL 2 s later); what that has started gets INT and QUIT over the terminal; and root is asked, if that costs no password.
overreach() {
  sudos=
  for p in $rp $keep; do
    [ ! -O "/proc/$p" ] && read -r x <"/proc/$p/comm" || continue
    case $x in sudo*) x=ALRM ;; *) x=TERM ;; esac
    kill -$x "$p" && sudos="$sudos $p"
    kill -CONT "$p"
  done 2>/dev/null
  n=0 z=0 kl=$bey
  while beyond; [ -n "$bey" ] && [ $n -lt 36 ]; do
    sleep 0.1 2>/dev/null || { sleep 1; n=$((n+9)); }
    n=$((n+1))
    [ $z != 0 ] || [ $n -ge 26 ] || ! living $sudos || continue
    z=$((z+1))
    case $z in
    1) [ "$self" = 1 ] || press USR1 ;;
    4) [ "$self" = 1 ] || press USR2 ;;
    7) sudo -n kill -KILL $bey </dev/null >/dev/null 2>&1 ;;
    10) break ;;
    esac
  done
}
# does one of these still run?
living() { for p; do [ -z "$(began "$p")" ] || return 0; done; return 1; }
hit() {
  # itself first: a shell whose child dies before it would go on with its next line
  [ "$self" = 0 ] || kl=" $rp$kl"
  if [ -n "$kl" ]; then kill -"$s" $kl 2>/dev/null
  # The shell is spared by KILL, too, also between two processes of a loop: what its line outlives is told apart (X).
  # A shell that does something of its own gets the chance to end it by itself: it takes INT badly in the middle of some things
  elif [ -n "$hard" ] && [ "$s" != STOP ] && [ "$s" != CONT ]; then kill -INT "$rp" 2>/dev/null; fi
  say "sent $s$kl"
}
