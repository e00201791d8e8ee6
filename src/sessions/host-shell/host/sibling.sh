# Runs command $1 beside the session shell, with a copy of its directory and exported variables, in streams of its own.
# Environment: D directory, SHELL the session's shell, SS setsid, DI what gives INT and QUIT their defaults back, BLOCKS cap, FULL drain or stop. $2: p or f, its stdin.
cd "$D" || exit 70
k=$1
umask 077
trap : HUP INT QUIT TERM PIPE
echo $$ >"bp.$k"
# an event begins a line of its own, whatever stands before it
tell() { printf '\n%s\n' "$*" >ev; }
w=$SHELL
case ${w##*/} in bash|zsh|dash|ash|sh|ksh|mksh|ksh93) ;; *) w=$(command -v bash || command -v sh);; esac
case ${w##*/} in bash) w="$w --noprofile --norc";; zsh) w="$w -f";; esac
# One stream: fifo $1 into spool $2 until nothing holds it any more; at the cap, or on a full disk, read on and drop, at the cap all but the end.
spool() { (
  c=; trap '[ -z "$c" ] || kill $c 2>/dev/null; exit 0' TERM
  ( ulimit -f "$BLOCKS" 2>/dev/null; exec cat "$1" ) >>"$2" 2>/dev/null & c=$!
  wait $c && exit 0
  n=$(wc -c <"$2"); n=$((n)) t=
  [ $n -lt $((BLOCKS*512)) ] || t=' tail'
  echo "$n$t" >"x.$2"; tell "bcut $2 $n$t"
  # a command that has ended meanwhile must not make this wait for a writer
  [ -z "$t" ] || exec 8<>"$1" 9<"$1" 8>&-
  [ "$FULL" != stop ] || { read -r p <"bq.$k" && { kill -TERM "-$p" || kill -TERM "$p"; }; } 2>/dev/null
  [ -z "$t" ] || { tail -c 1048576 <&9 >>"$2" 2>/dev/null & c=$!; exec 9<&-; wait $c && exit 0; }
  cat "$1" >/dev/null 2>&1 & c=$!
  wait $c
) & }
: >"BO.$k"; : >"BE.$k"
spool "bo.$k" "BO.$k"; a=$!
spool "be.$k" "BE.$k"; b=$!
if [ "$2" = f ]; then [ ! -r "n.$k" ] || exec 8<"n.$k"; else
  mkfifo "bi.$k"
  # whoever holds it open keeps the command from the end of its input; that may come before the command begins, which has it open by then
  ( exec sleep 2147483 ) 7<>"bi.$k" & h=$!
  exec 8<"bi.$k"
  echo $h >"bh.$k"
fi
# a snapshot that is being written has no last line yet
n=0; while [ $n -lt 50 ] && [ -f snap ] && [ "$(tail -n 1 snap)" != '#' ]; do n=$((n+1)); sleep 0.02 2>/dev/null || sleep 1; done
t0= t1=; { read -r t0 u </proc/uptime; } 2>/dev/null
rc=$(
  exec 3>&1
  {
    umask "${HOLDFAST_UMASK:-022}"
    unset BLOCKS TTL CAP FIRST WSH HOLDFAST_SHELL
    # the snapshot is in the words of the session's shell, so that one reads it
    $SS $DI $w -c 'echo $$ >"$1/bq.$2"; unset D SS DI HOLDFAST_UMASK; cd "$HOME" 2>/dev/null || cd /; [ -f "$1/snap" ] && . "$1/snap" >/dev/null 2>&1; shift 2; . "$0"' "$D/bc.$k" "$D" "$k" <&8 8<&- >"$D/bo.$k" 2>"$D/be.$k" 3>&-
    echo $? >&3
  } 0>"bo.$k" 0<>"bo.$k" 1>"be.$k" 1<>"be.$k"
)
exec 8<&-
[ ! -f "bh.$k" ] || { read -r h <"bh.$k"; kill -KILL "$h"; rm -f "bi.$k" "bh.$k"; } 2>/dev/null
# what still holds the streams prints into the spools; the command itself is over
n=0 m=10; [ ! -f "x.BO.$k" ] && [ ! -f "x.BE.$k" ] || m=100
while { kill -0 $a || kill -0 $b; } 2>/dev/null && [ $n -lt $m ]; do n=$((n+1)); sleep 0.02 2>/dev/null || sleep 1; done
{ read -r t1 u </proc/uptime; } 2>/dev/null
h=; { kill -0 $a || kill -0 $b; } 2>/dev/null && h=' held'
so=$(wc -c <"BO.$k"); se=$(wc -c <"BE.$k")
# how it ended first: without that and these it would be one that was killed
e="$rc $((so)) $((se))$h"
# on a full disk what it was given makes room
echo "$e" >"bx.$k" || { rm -f "bc.$k" "n.$k"; echo "$e" >"bx.$k"; }
rm -f "bo.$k" "be.$k" "bc.$k" "bp.$k" "bq.$k" "n.$k" "bt.$k" "bw.$k" "bv.$k" "bl.$k"
echo "$k $rc $t0 $t1" >>fin
tell "bend $k $rc $((so)) $((se))$h"
