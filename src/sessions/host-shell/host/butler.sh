# Owns a session on the host; never connected to SSH. The first process runs the session shell, again and again, in its foreground
# (an asynchronous list would leave SIGINT ignored in every command); its child, the loop, keeps the spools, stdin and the expiry.
# Environment: D directory, WSH shell, TTL seconds, CAP bytes, FULL drain or stop at the cap, FIRST number, SS setsid, HOLDFAST_UMASK.
HOLDFAST_SHELL=$SHELL
export HOLDFAST_SHELL
umask 077
cd "$D" || exit 70
trap : HUP INT QUIT TERM USR1 PIPE
exec 4<>ev 5<>ctl
echo $$ >up
BLOCKS=$((CAP/512)) EP= BES= TIDY=0 IN=1 HELD= DONE= END= EPS= KEEP=16 ALONE=0 LOOK=$((TTL/4+1))
[ $LOOK -lt 3600 ] || LOOK=3600
# An asynchronous list leaves INT and QUIT ignored; commands beside the shell get them back with one of these.
DI=
if env --default-signal=INT true 2>/dev/null; then DI='env --default-signal=INT,QUIT'
elif command -v perl >/dev/null 2>&1; then printf '%s\n' '$SIG{INT}=$SIG{QUIT}="DEFAULT";exec @ARGV' >di.pl; DI="perl $D/di.pl"; fi
export BLOCKS DI

# An event for whoever is attached. It begins a line of its own: what a trap or a prompt has printed may stand before it.
tell() { printf '\n%s\n' "$*" >ev; }

# One stream of one epoch: fifo $1 into spool $2. At each end of file, that is when no process of the command holds the stream any more,
# cat appends marker file $3 and opens the fifo again: the end stands in the spool, in its place, without another process.
spool() {
  alone; exec </dev/null
  l= i=0
  while [ $i -lt 300 ]; do l="$l $1 $3"; i=$((i+1)); done
  c=; trap '[ -z "$c" ] || kill $c 2>/dev/null; exit 0' TERM
  # The limit is the spool's alone: what reads on behind it appends the end. A cat that has come to the end of its list, as killed commands
  # take two places in it, is followed by another.
  r=0
  while [ $r = 0 ]; do
    ( ulimit -f $BLOCKS 2>/dev/null; exec cat $l ) 2>/dev/null >>"$2" & c=$!
    wait $c; r=$?
  done
  [ -p "$1" ] || exit 0
  # The cap or the disk: the command goes on, what it prints is read and, at the cap but for its end, not kept.
  n=$(wc -c <"$2"); n=$((n)) t=
  # on a full disk the reserve goes, so that the session itself can still write its few bytes
  if [ $n -ge $((BLOCKS*512)) ]; then t=' tail'; else rm -f reserve; fi
  echo "$n$t" >"x.$2"; tell "cut $2 $n$t"
  # a command that has ended meanwhile must not make this wait for a writer
  [ -z "$t" ] || exec 8<>"$1" 9<"$1" 8>&-
  [ "$FULL" != stop ] || echo cap >ctl
  if [ -n "$t" ]; then
    # the news of the cut must be there before the end is
    sleep 0.05 2>/dev/null
    tail -c 1048576 <&9 >>"$2" 2>/dev/null & c=$!
    exec 9<&-
    wait $c && cat "$3" >>"$2" 2>/dev/null
    t=$(wc -c <"$2"); t="tail $((t))"
    echo "$n $t" >"x.$2"; tell "cut $2 $n $t"
  fi
  while [ -p "$1" ]; do
    cat "$1" >/dev/null 2>&1 & c=$!
    wait $c; tell "drained $2"
  done
}
# A new pair of fifos and spools from command $1 on. The old names go: nobody can open them any more.
# $2 = c: nothing holds the old streams, their spoolers end now; u: they end with the last process that holds them.
epoch() {
  # asked for twice
  [ "$1" != "$EP" ] || { tell "ep $EP"; return; }
  mkfifo "o.$1" "e.$1" && : >"O.$1" && : >"E.$1" || { rm -f "o.$1" "e.$1"; tell "failed epoch"; return; }
  [ -n "$EP" ] && rm -f "o.$EP" "e.$EP" "s.$EP" "r.$EP"
  [ "$2" = c ] && [ -n "$EP" ] && unspool "$EP"
  EP=$1
  : >"s.$EP"; : >"r.$EP"
  [ -f reserve ] || head -c 65536 /dev/zero >reserve 2>/dev/null || rm -f reserve
  ( spool "o.$EP" "O.$EP" "s.$EP" ) & a=$!
  ( spool "e.$EP" "E.$EP" "r.$EP" ) & b=$!
  eval "S$EP='$a $b'"
  EPS="$EPS $EP"
  echo "$EP" >ep
  trim
  shorten
  tell "ep $EP"
}
# Ends the spoolers of epoch $1. Some have ended by themselves, perhaps long ago: what has their ids now is let alone.
unspool() {
  eval "set -- \$S$1; unset S$1"
  for p; do
    if [ -r "/proc/$p/cmdline" ]; then x=$(tr '\000' ' ' <"/proc/$p/cmdline"); else x=$(ps -o args= -p "$p"); fi 2>/dev/null
    case $x in *"$D/butler.sh"*) kill "$p" 2>/dev/null ;; esac
  done
}
# The lists of commands, of keys, of tickets and of both kinds of ends keep the newest 10,000 lines, or a few more.
shorten() { for f in log keys tickets ends fin; do [ -f $f ] && [ $(wc -l <$f) -gt 12000 ] && tail -n 10000 $f >$f.t && mv -f $f.t $f; done; }
# Keeps the newest KEEP epochs and, beyond the newest two, no more than CAP bytes in all.
trim() {
  set -- $EPS
  while [ $# -gt 2 ]; do
    t=0
    [ $# -le $KEEP ] && for f in O.* E.*; do s=$(wc -c <"$f"); t=$((t+s)); done
    [ $# -le $KEEP ] && [ $t -le "$CAP" ] && break
    unspool "$1"
    rm -f "O.$1" "E.$1" "x.O.$1" "x.E.$1"
    shift
  done
  EPS=$*
}
# Of the commands beside the shell that have ended, the newest 64 keep their output, and beyond the newest two no more than CAP bytes;
# how the others ended is a line in a list.
tidy() {
  BES="$BES $1" TIDY=$((TIDY+1))
  [ $((TIDY%256)) != 0 ] || shorten
  set -- $BES
  BES=
  while [ $# -gt 2 ]; do
    [ $# -gt 64 ] || { t=$(wc -c BO.* BE.* 2>/dev/null | tail -n 1); t=${t#"${t%%[0-9]*}"}; [ "${t%% *}" -gt "$CAP" ]; } || break
    if [ -s "bx.$1" ] && read -r x <"bx.$1"; then echo "$1 $x" >>ends; rm -f "BO.$1" "BE.$1" "x.BO.$1" "x.BE.$1" "bx.$1" "bz.$1"; else BES="$BES $1"; fi
    shift
  done
  BES="$BES $*"
}
# The next stdin, after command $1 has used the old one. Closing that is the end of file for whoever reads it. A command that has yet to open
# it finds it under its name, with what was put into it, and it is closed then: either we see that the command has begun, or the shell, which
# writes that down first, sees `held` and tells. $2 = over: the command has ended, whether it began or not.
stdin() {
  read -r x y <next
  # the shell has another command by now, which reads the stdin of now; or asked for twice
  { [ -z "$y" ] || [ "$y" = "$1" ]; } && [ "$DONE" != "$1$2" ] || { tell "in $IN"; return; }
  mkfifo "i.$((IN+1))" || return
  DONE=$1$2
  release
  exec 7>&6
  HELD=$1 OLD=$IN
  [ "$2" = over ] || : >held || release
  IN=$((IN+1))
  exec 6<>"i.$IN"
  echo $IN >in
  [ ! -f fed ] || rm -f fed
  read -r x <started
  [ "$2" != over ] && [ "$x" -lt "$1" ] || release
  tell "in $IN"
}
release() {
  [ -n "$HELD" ] || return
  exec 7>&-
  rm -f held "i.$OLD"
  HELD=
}
# what is started here does not hold what is ours
alone() { exec 4>&- 5>&- 6>&- 7>&-; }
# The spool of the running command is full, and that is to end it: TERM, 5 s later KILL; what goes on then is the shell's own, which is killed.
# An aborted line leaves no marker, and nobody may be there to hear the prompt: the shell says itself when it is done with it.
enough() {
  read -r ek <started; read -r sp <pid; read -r g <gen; e=$EP
  say() { :; }
  runs() { [ ! -s "s.$e" ] && read -r x <started && [ "$x" = "$1" ] && { [ ! -f idle ] || ! read -r x <idle || [ "$x" != "$1" ]; }; }
  . ./signals.sh
  sig TERM "$sp" 0
  printf '%s\n' "printf '%s\\n' $ek >|'$D/idle'" 1<>"q.$g"
  n=0; while runs "$ek" && [ $n -lt 5 ]; do n=$((n+1)); sleep 1; done
  runs "$ek" || return
  sig KILL "$sp" 0
  n=0; while runs "$ek" && [ $n -lt 3 ]; do n=$((n+1)); sleep 1; done
  runs "$ek" && { tree "$sp"; beyond; [ -z "$bey" ]; } && kill -KILL "$sp"
}
# Looked at every LOOK seconds (four times in a TTL, at least once an hour): no one attached for a TTL, and the session has expired.
ttl() { sleep $LOOK; echo ttl >ctl; }
attached() { [ -f att ] && read -r a x <att && kill -0 "$a" 2>/dev/null; }
loop() {
  # A subshell starts with caught signals back at default. TERM comes at shutdown: end quickly and cleanly.
  trap : HUP INT QUIT USR1 PIPE
  trap 'END=1; echo quit >&5' TERM
  mkfifo i.1; exec 6<>i.1; echo 1 >in
  epoch "$FIRST" u
  ( alone; ttl ) & T=$!
  ( alone; echo ok >rdy ) &
  while :; do
    IFS= read -r l <&5 || { [ -z "$END" ] && continue; l=quit; }
    [ -z "$END" ] || l=quit
    case $l in
    "epoch "*) set -- $l; epoch "$2" "$3" ;;
    "stdin "*) set -- $l; stdin "$2" "$3" ;;
    "open "*) [ "${l#* }" -lt "${HELD:-0}" ] || release ;;
    "beside "*) set -- $l; ( alone; [ "$WSH" = auto ] && SHELL=$HOLDFAST_SHELL || SHELL=$WSH; exec sh sibling.sh "$2" "$3" ) & tidy "$2" ;;
    "dead "*) echo "$l" >dead; tell "$l" ;;
    cap) ( alone; enough ) & ;;
    touch) ALONE=0 ;;
    ttl) if attached; then ALONE=0; else ALONE=$((ALONE+LOOK)); fi; [ $ALONE -lt "$TTL" ] && [ -p ev ] || break; ( alone; ttl ) & T=$! ;;
    quit) break ;;
    esac
  done
  finish
}
# the process group of process $1, which on a terminal may be led by what keeps that
group() { if read -r x <"/proc/$1/stat"; then x=${x##*) }; set -- $x; echo "$3"; else ps -o pgid= -p "$1" | tr -d ' '; fi; } 2>/dev/null
# What root runs is ended first, as far as that can be done, while all that waits for it stands still: that is then in rs.
unroot() {
  rs= rb=
  . ./signals.sh
  for f in pid bq.*; do
    [ -f "$f" ] && read -r rp <"$f" || continue
    tree "$rp"; beyond
    [ -n "$bey" ] || continue
    freeze "$rp"; beyond
    rb="$rb$bey" rs="$rs $rp$kl"
  done
  [ -n "$rb" ] || return
  bey=$rb self=0
  read -r rp <pid
  above; overreach
}
finish() { # first what root runs, then the shell (HUP, then KILL), then what we started, then the directory
  trap '' TERM HUP
  : >stop
  unroot
  n=0
  while [ ! -f over ] && kill -0 $$ 2>/dev/null && [ $n -lt 200 ]; do
    [ $n -lt 75 ] && g=HUP || g=KILL
    case $n in 0|25|50|75|100|125|150|175) [ -f pid ] && read -r p <pid && { kill -$g "-$p"; kill -$g "$p"; [ -z "$rs" ] || kill -CONT $rs; } 2>/dev/null ;; esac
    n=$((n+1)); sleep 0.02 2>/dev/null || { sleep 1; n=$((n+49)); }
  done
  for f in bq.*; do [ -f "$f" ] && read -r p <"$f" && { kill -KILL "-$p" || { x=$(group "$p"); [ "${x:-1}" = 1 ] || [ "$x" = $$ ] || kill -KILL "-$x"; kill -KILL "$p"; }; } 2>/dev/null; done
  attached && kill -TERM "$a" 2>/dev/null
  for e in $EPS; do unspool "$e"; done
  kill $T 2>/dev/null
  [ ! -L bin ] || rm -rf "$(readlink bin)"
  cd /; n=0
  while [ -d "$D" ] && [ $n -lt 5 ]; do rm -rf "$D" 2>/dev/null; n=$((n+1)); [ -d "$D" ] && sleep 1; done
  kill -KILL 0
}
# A fresh input fifo for each generation of the shell: nothing queued for a dead one is ever run by its successor.
generation() {
  G=$((G+1)); mkfifo "q.$G" || exit 70
  exec 3<>"q.$G"
  echo "_hf_D='$D';. '$D/init.sh'" >&3
  echo $G >gen
  export G
}
# Where nothing can be executed in our directory, what sudo and others are to start is at home.
if [ -f bin/ask ] && [ ! -x bin/ask ]; then
  for x in "$HOME/.cache" "$HOME"; do
    y=$x/.holdfast-bin-${D##*-}
    mkdir "$y" 2>/dev/null || continue
    cp bin/* "$y" && [ -x "$y/ask" ] && rm -rf bin && ln -s "$y" bin && break
    rm -rf "$y"
  done
fi
# where sudo may ask: what gives the shell a terminal first; root needs no sudo
R=runner.sh
[ -z "$SS" ] || [ ! -x bin/sudo ] || [ -O / ] || [ ! -c /dev/ptmx ] || [ ! -r /proc/self/stat ] || R=terminal.sh
G=0
generation
( exec 3>&-; loop ) & LP=$!
exec 4>&- 5>&-
while [ $G -lt 1000 ]; do
  [ $G -lt 100 ] || sleep 1
  $SS sh $R 3>&-; r=$?
  [ -d "$D" ] || exit 0
  [ ! -f stop ] || { : >over; exit 0; }
  kill -0 $LP 2>/dev/null || { rm -rf "$D"; exit 0; }
  rm -f "q.$G" "feed.$G"
  generation
  read -r k <started; echo "$k $r" >>fin; echo "dead $r $G $k" >ctl
done
