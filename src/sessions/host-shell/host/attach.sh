# Connects one SSH channel to a session and dies with it: requests come on stdin, one a line; the spools go to stdout and stderr, events in
# between as control lines. Set before this text: N nonce of this channel, ID, BASE, MODE w (writer: takes over from the one before) or
# r (reader), EP0 OO EE the epoch and offsets to follow first (empty: the current epoch from its start), PUMP 1 to ship without tail,
# GIVEN the commands that the client has asked for, as <number>:<ticket>.
LC_ALL=C
umask 077
say() { printf '\036%s %s\n' "$N" "$*"; }
die() { say "fatal $*"; exit 70; }
RS=$(printf '\036') D=
IFS='
'
for b in $BASE /var/tmp /tmp "$HOME/.cache" "$HOME"; do [ -d "$b/.holdfast-$ID" ] && [ ! -L "$b/.holdfast-$ID" ] && [ -O "$b/.holdfast-$ID" ] && { D=$b/.holdfast-$ID; break; }; done
unset IFS
[ -n "$D" ] || die gone
if [ -s "$D/boot" ] && read -r x <"$D/boot" && read -r y </proc/sys/kernel/random/boot_id; then [ "$x" = "$y" ] || { rm -rf "$D"; die rebooted; }; fi
[ -p "$D/rdy" ] && { read -r x <"$D/rdy"; rm -f "$D/rdy"; }
# what may have killed the session: its container's end, logind's at the last logout, or something that left the shell alive; where nothing is alive, nothing of the session is of use any more
killer() {
  if [ -s "$D/born" ] && read -r x <"$D/born" && read -r y </proc/1/stat; then y=${y##*) }; set -- $y; [ "$x" = "${20}" ] || { echo restart; return; }; fi
  if read -r x <"$D/pid" && kill -0 "$x" && { [ ! -r "/proc/$x/cmdline" ] || [ -n "$(tr -d '\000' <"/proc/$x/cmdline")" ]; }; then echo some; elif [ -d /run/systemd/users ]; then echo logind; else echo all; fi
} 2>/dev/null
# where nothing shows what a process is, it counts that there is one
unseen() { [ ! -r /proc/self/stat ] && ! ps -o args= -p $$ >/dev/null 2>&1 && kill -0 "$1" 2>/dev/null; }
read -r bp <"$D/up" && { ours "$bp" "$D/butler.sh" || unseen "$bp"; } || { x=$(killer); [ "$x" = some ] || rm -rf "$D"; die dead "$x"; }
read -r FOL <"$D/fol"; [ -z "$PUMP" ] || FOL=pump
if [ "$MODE" = w ]; then
  # the one before may be stuck on a frozen connection
  if [ -f "$D/att" ] && read -r a rest <"$D/att"; then
    ours "$a" 'IFS= read -r s' && kill -TERM "$a" 2>/dev/null
    for p in $rest; do { ours "$p" 'IFS= read -r s' || ours "$p" "$D/"; } && kill -KILL "$p" 2>/dev/null; done
    # what it is just giving to the shell counts; its number is known when it is gone
    n=0; while ours "$a" 'IFS= read -r s' && [ $n -lt 50 ]; do n=$((n+1)); sleep 0.02 2>/dev/null || { sleep 1; n=50; }; done
    ours "$a" 'IFS= read -r s' && kill -KILL "$a" 2>/dev/null
  fi
  exec 3<>"$D/ev" 5<>"$D/ctl"
fi
read -r EP <"$D/ep"; read -r G <"$D/gen"; read -r NK FG <"$D/next"; read -r SK <"$D/started"
# those of them whose numbers the host has given to requests of somebody else
oth=
if [ -n "$GIVEN" ]; then
  x="
$(cat "$D/tickets" 2>/dev/null)
"
  for y in $GIVEN; do
    k=${y%%:*}
    [ "$k" -lt "$NK" ] || continue
    # the newest word on it counts
    z=${x##*"
$k "}
    [ "${z%%"
"*}" = "${y#*:}" ] || oth="$oth${oth:+,}$k"
  done
fi
P2= T1= T2=
# the pump is let finish its piece: what its cat wrote later would be taken for the next epoch's
retail() { sg=KILL; [ "$FOL" = tail ] || sg=TERM; [ -z "$T1$T2" ] || { kill -$sg $T1 $T2; wait $T1 $T2; } 2>/dev/null; T1= T2=; }
# what follows on each stream are the bytes of epoch $1 from offsets $2 and $3 on
follow() {
  retail
  [ -f "$D/O.$1" ] || { say "nofile $1"; return; }
  printf '\036%s F %s %s\n' "$N" "$1" "$2"; printf '\036%s F %s %s\n' "$N" "$1" "$3" >&2
  for x in O E; do [ -s "$D/x.$x.$1" ] && read -r y <"$D/x.$x.$1" && say "cut $x.$1 $y"; done
  if [ "$FOL" = tail ]; then
    tail -s 0.1 -c "+$(($2+1))" -f "$D/O.$1" 2>/dev/null & T1=$!
    tail -s 0.1 -c "+$(($3+1))" -f "$D/E.$1" >&2 2>/dev/null & T2=$!
  else ship_loop "$1" "$2" "$3" & T1=$!; fi
  [ "$MODE" = r ] || echo "$$ $P2 $T1 $T2" >"$D/att"
}
# for a tail that polls or is not there: looks five times a second, on the host
ship_loop() {
  trap 'exit 0' TERM
  exec 7<"$D/O.$1" 8<"$D/E.$1"
  [ "$2" = 0 ] || dd bs=1 skip="$2" count=0 <&7 2>/dev/null
  [ "$3" = 0 ] || dd bs=1 skip="$3" count=0 <&8 2>/dev/null
  while cat <&7 && cat <&8 >&2; do sleep 0.05 2>/dev/null || sleep 1; done
}
pump() {
  trap - TERM
  while IFS= read -r l; do
    case $l in
    *"$RS"[PQ]*) l=${l#*"$RS"}; say "${l%"$RS"*}" ;;
    "dead "*|"bend "*|"bcut "*|"ep "*|"in "*|"cut "*|"late "*|"drained "*|"failed "*|"ask "*|"key "*|"x11 "*) say "$l" ;;
    esac
  done <&3
}
WP=
# another has taken over; what is just being given to the shell is given first, with its number and all that belongs to it
BUSY= TAKEN=
taken() { [ -z "$BUSY" ] || { TAKEN=1; return; }; say taken; quiet; exit 75; }
wholly() { BUSY=1; "$@"; BUSY=; [ -z "$TAKEN" ] || taken; }
quiet() { kill -KILL $P2 $T1 $T2 $WP 2>/dev/null; }
[ "$MODE" = r ] || trap taken TERM
trap : HUP PIPE
x=; [ -f "$D/dead" ] && read -r x <"$D/dead"
y=new z=-; [ ! -s "$D/log" ] || y=used; [ ! -f "$D/fed" ] || read -r z <"$D/fed"
say "hello $EP $NK $FG $SK $y ${z:--} ${oth:--} ${x:--} $D"
[ ! -f "$D/late" ] || say "late $(tail -n 100 "$D/late" | tr '\n' ' ')"
# events only now: the end of a command is told behind the news that its time was up, which whoever was attached before may have taken
[ "$MODE" = r ] || { pump & P2=$!; }
follow "${EP0:-$EP}" "${OO:-0}" "${EE:-0}"
queue() { # one line to the session shell of now
  read -r x <"$D/gen"
  [ "$x" = "$GQ" ] || { GQ=$x; exec 4<>"$D/q.$GQ" || return 1; }
  printf '%s\n' "$1" >&4
}
GQ= Y= LIM= INTD=
ask() { queue '_hf_q ${_hf_s-$?} '"$N"; }
run() { # number, token, ticket, stdin p|f, time, text
  k=$1; tok=$2; tk=$3 in=$4; ms=$5
  y=$Y lim=$LIM; Y= LIM=
  [ "$k" = "$NK" ] || { say "stale $NK $k $FG"; return; }
  case $in in f) i="$D/n.$k";; *) read -r x <"$D/in"; i="$D/i.$x";; esac
  printf '%b\n' "$l" >"$D/c" && : >"$D/s.$EP" && : >"$D/r.$EP" && printf '%s\n' "$k $tk" >>"$D/tickets" && echo "$((k+1)) $k" >"$D/next" || { say "E $k $FG cannot write on the host: disk full or read-only"; return; }
  o=$FG NK=$((k+1)) FG=$k
  [ -z "$y" ] || printf '%s\n' "$k $y" >>"$D/keys"
  L="_hf_k=$k _hf_d=;{ { _hf_r $k;. '$D/c' >'$D/o.$EP' 2>'$D/e.$EP';} <'$i' 1>&2;_hf_p \$? $tok $EP; } 0>'$D/o.$EP' 0<>'$D/o.$EP' 1>'$D/e.$EP' 1<>'$D/e.$EP';_hf_y"
  # what was to end an earlier one must not end this one
  [ ! -f "$D/urg" ] || rm -f "$D/urg"
  queue "$L" || { say "E $k $FG the session shell is gone"; return; }
  limit "$EP"
  logged "$EP"
  # the one before has ended: its input was opened long ago
  [ ! -f "$D/n.$o" ] || rm -f "$D/n.$o"
}
logged() { # in the session's log, the text shortened: number, epoch or b, time, text
  x=$l; case $x in ????????????????????????????????????????????????????????????????????????????????*) x=$(printf %s "$x" | cut -c 1-200);; esac
  printf '%s\n' "$k $1 $ms $x" >>"$D/log"
}
beside() { # number, ticket, stdin p|f, time, text: beside the session shell
  k=$1; tk=$2 in=$3; ms=$4 y=$Y lim=$LIM; Y= LIM=
  [ "$k" = "$NK" ] || { say "stale $NK $k $FG"; return; }
  printf '%b\n' "$l" >"$D/bc.$k" && mkfifo "$D/bo.$k" "$D/be.$k" && printf '%s\n' "$k $tk" >>"$D/tickets" && echo "$((k+1)) $FG" >"$D/next" || { say "E $k $FG cannot write on the host: disk full or read-only"; return; }
  NK=$((k+1))
  [ -z "$y" ] || printf '%s\n' "$k $y" >>"$D/keys"
  echo "beside $k $in" >&5
  limit b
  logged b
}
# a file of a command beside the shell, which may be about to be made
there() { [ -s "$1" ] || [ -p "$1" ]; }
ready() { n=0; while ! there "$1" && [ $n -lt 100 ]; do n=$((n+1)); sleep 0.02 2>/dev/null || sleep 1; done; there "$1"; }
# how a command beside the shell is: over, running, or killed with everything that could tell
sibling() { if [ -s "$D/bx.$1" ] && read -r x <"$D/bx.$1"; then say "bend $1 $x"; elif [ -f "$D/bp.$1" ] && read -r x <"$D/bp.$1" && kill -0 "$x" 2>/dev/null; then say "brun $1"; elif [ -f "$D/bo.$1" ] || [ -p "$D/bo.$1" ]; then say "brun $1"; else
  x=
  # it may have ended between these looks
  [ ! -s "$D/bx.$1" ] || { read -r x <"$D/bx.$1" && { say "bend $1 $x"; return; }; } 2>/dev/null
  [ ! -f "$D/ends" ] || while read -r k y; do [ "$k" != "$1" ] || { x=$y; break; }; done <"$D/ends"
  if [ -n "$x" ]; then say "bend $1 $x"; else say "blost $1"; fi
fi; }
# tells the sizes of a command that was just fed something: whoever types waits for the echo
echoed() {
  cd "$D" || return
  for x in 0.02 0.06; do
    sleep $x 2>/dev/null || return
    x=$(wc -c "BO.$1" "BE.$1" 2>/dev/null | while read -r n b; do case $b in B*) printf ' %s=%s' "$b" "$n";; esac; done)
    [ -z "$x" ] || say "bsize$x"
  done
}
# does the terminal of command $1 hide what is typed, a line at a time? Told once for all that has been printed so far
hidden() {
  read -r t <"bw.$1" && [ -c "$t" ] && y=$(wc -c <"BO.$1") && y=$((y)) && eval "[ \"\$H$1\" != $y ]" || return
  x=" $(stty -a <"$t" | tr '\n;' '  ') "
  case $x in *' -echo '*) ;; *) return ;; esac
  case $x in *' icanon '*) eval "H$1=$y"; say "hidden $1" ;; esac
} 2>/dev/null
watch() { # tells the sizes of the spools of these commands whenever they have changed, and how each ended
  trap - TERM
  cd "$D" || exit; p= w=$* i=0
  while [ -n "$w" ]; do
    f= r=
    for k in $w; do if [ -s "bx.$k" ] && read -r x <"bx.$k"; then say "bend $k $x"; elif [ ! -f "BO.$k" ] && [ -f ends ] && ! [ -p "bo.$k" ]; then sibling "$k"; else r="$r $k" f="$f BO.$k BE.$k"; fi; done
    w=$r
    [ -n "$w" ] || break
    x=$(wc -c $f 2>/dev/null | while read -r n b; do case $b in B*) printf ' %s=%s' "$b" "$n";; esac; done)
    [ "$x" = "$p" ] || { p=$x; say "bsize$x"; }
    i=$((i+1)); [ $((i%3)) != 0 ] || [ "$MODE" = r ] || for k in $w; do [ ! -s "bw.$k" ] || hidden "$k"; done
    sleep 0.2 2>/dev/null || sleep 1
  done
}
# the command with token $1 is over with status $2, in directory $3, and no marker has come: put one into each stream, behind its output; and, for the
# spooler to add when nothing holds the stream any more, the final one
unheld() { # the sign ! tells markers from outside: these may come more than once, also when the end comes by itself just now
  # New files: a spooler that is reading an old one must not go on in what is longer. Put there by name, in one step: to a cat that found
  # none in between, which it tells when it is through its list, that would be a failure. On a full disk there may be no second file.
  for x in s r; do
    m="$D/$x.$EP"
    printf '\036%s !%s %s\036\n' "$1" "$2" "$3" >"$m.n" && mv -f "$m.n" "$m" || { rm -f "$m.n" "$m"; printf '\036%s !%s %s\036\n' "$1" "$2" "$3" >"$m"; }
  done
  printf '%s %s\n' "$FG" "$2" >>"$D/fin"
  [ "$INTD" != "$FG" ] || { INTD=; unended; }
  # a spooler that is just about to open its fifo again misses this: whoever asked asks again
  printf '\036%s !b%s %s\036\n' "$1" "$2" "$3" 1<>"$D/o.$EP"
  printf '\036%s !b%s %s\036\n' "$1" "$2" "$3" 1<>"$D/e.$EP"
}
# A shell that gets INT when it is just about to start something starts it all the same, and then aborts its line; it would wait for that
# before its next line. So what the idle shell has as a child in its own group that does not ignore INT, as background jobs do, is given it, too:
# again after a moment, for the shell's handlers are the child's until that begins
unended() {
  read -r rp <"$D/pid"; f=; tree "$rp"
  for p in $kl; do [ "$(parent "$p") $(group "$p")" = "$rp $(group "$rp")" ] && minds_int "$p" && f="$f $p"; done 2>/dev/null
  [ -z "$f" ] || { kill -INT $f; ( trap '' HUP PIPE; trap - TERM; for t in 0.1 0.4 1; do sleep $t || sleep 1; for p in $f; do [ "$(parent "$p")" != "$rp" ] || kill -INT "$p"; done; done ) </dev/null >/dev/null & } 2>/dev/null
}
group() { read -r x <"/proc/$1/stat" && x=${x##*) } && set -- $x && echo "$3"; }
minds_int() { while read -r x y; do case $x in SigIgn:) case $y in *[2367abefABEF]) return 1;; esac; return 0;; esac; done <"/proc/$1/status"; return 1; }
# A shell that was about to start something when it was told to end the line starts it all the same: it is looked at again, three times,
# and what is new is ended too, but nothing that what has been ended starts in the end. $ek: the command; others: the background pids to spare
again() {
  read -r g <"$D/gen"
  d=$kl hard=1
  for t in 0.1 0.4 1; do
    sleep $t 2>/dev/null || sleep 1
    goes_on "$ek" "$EP" "$g" || return
    tree "$rp" "$@"
    if [ -z "$kl" ]; then final "$@"; else
      tree "$rp" "$@" $d
      [ -z "$kl" ] || { final "$@" $d; d="$d $kl"; }
    fi
  done
}
# sig, to its end: whoever takes over or ends the channel leaves nothing that stands still; again: see there
surely() { (
  trap '' HUP PIPE TERM
  sig "$@"
  [ "$3" = 0 ] || exit
  case $1 in TERM|KILL|HUP|QUIT) shift 3; again "$@" </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- & ;; esac
) }
# does command $1 run in the session shell, as far as is known here? Its marker is empty and nothing came after it
runs() { read -r x y <"$D/next" && [ "$y" = "$1" ] && [ ! -s "$D/s.$EP" ]; }
# does command $1 still run? Asked later, on the host alone: $2 is the epoch and $3 the generation that it began in, or b beside the shell
goes_on() {
  [ -d "$D" ] || return 1
  [ "$2" != b ] || { [ ! -s "$D/bx.$1" ] && [ -p "$D/bo.$1" ]; return; }
  [ ! -f "$D/idle" ] || ! read -r x <"$D/idle" || [ "$x" != "$1" ] || return 1
  read -r x <"$D/ep" && [ "$x" = "$2" ] && read -r x <"$D/gen" && [ "$x" = "$3" ] && EP=$2 && runs "$1"
} 2>/dev/null
# after $4 ms it has had its time: TERM, 5 s later KILL. Counted in sleeps, not by the clock, and noticed within 2 s when it has ended
time_up() {
  k=$1 e=$2 g=$3 t=$(($4/1000)) f=$(($4%1000)); shift 4
  [ $f = 0 ] || sleep "0.$(printf %03d $f)" 2>/dev/null || t=$((t+1))
  while goes_on $k $e $g && [ $t -gt 0 ]; do n=$((t<2?t:2)); t=$((t-n)); sleep $n; done
  goes_on $k $e $g || return
  echo $k >>"$D/late"; printf '\nlate %s\n' "$k" 1<>"$D/ev"
  end_by TERM "$@"
  # an aborted line leaves no marker, and nobody may be there to hear the prompt: the shell says itself that it is done with it, when it is
  [ $e = b ] || printf '%s\n' "printf '%s\\n' $k >|'$D/idle'" 1<>"$D/q.$g"
  n=0; while goes_on $k $e $g && [ $n -lt 5 ]; do n=$((n+1)); sleep 1; done
  goes_on $k $e $g || return
  end_by KILL "$@"
  n=0; while goes_on $k $e $g && [ $n -lt 3 ]; do n=$((n+1)); sleep 1; done
  # a loop of the shell's own; not what still waits for something that root runs
  [ $e = b ] || { goes_on $k $e $g && read -r rp <"$D/pid" && { tree "$rp" "$@"; beyond; [ -z "$bey" ]; } && kill -KILL "$rp"; }
}
end_by() {
  x=$1 ek=$k; shift
  if [ $e = b ]; then ready "$D/bq.$k" && read -r rp <"$D/bq.$k" && sig "$x" "$rp" 1; else read -r rp <"$D/pid" && sig "$x" "$rp" 0 "$@"; again "$@" & fi
}
# the limit of the command that has just been given, if it has one: ms and the background pids to spare
limit() {
  [ -n "$lim" ] || return
  read -r g <"$D/gen"
  ( trap '' HUP; trap - TERM; exec </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&-; time_up "$k" "$1" "$g" $lim ) &
}
# all descendants of process $1 into kl, for a look: where the kernel lists children nothing is started for that, but one may be missed that is just beginning
kin() {
  [ -r "/proc/$1/task/$1/children" ] || { tree "$1"; return; }
  kl= kw=$1
  while [ -n "$kw" ]; do
    kv=
    for p in $kw; do for x in /proc/$p/task/*/children; do { y=; read -r y <"$x"; } 2>/dev/null; kv="$kv${y:+ }$y"; done; done
    kl="$kl $kv" kw=$kv
  done
}
# does a process in the foreground of the terminal of command $1 wait for keys? It has the terminal as its descriptor 0, and is in read on it,
# or in poll, select or epoll without a limit of time (numbers of x86-64, then of arm64 and riscv64)
keyless() {
  read -r t <"$D/bw.$1" && read -r rp <"$D/bq.$1" || return
  g=$(foreground "$rp")
  kin "$rp"
  for p in $rp $kl; do
    [ "/proc/$p/fd/0" -ef "$t" ] && read -r x <"/proc/$p/stat" || continue
    x=${x##*) }; set -- $x
    [ "$3" = "$g" ] && read -r c a1 a2 a3 a4 a5 x <"/proc/$p/syscall" || continue
    case "$c $a1 $a3 $a4 $a5" in
    "0 0x0 "*|"63 0x0 "*|"7 "*" 0xffffffff "*|"7 "*" 0xffffffffffffffff "*|"271 "*" 0x0 "*" "*|"73 "*" 0x0 "*" "*|"23 "*" 0x0"|"270 "*" 0x0"|"72 "*" 0x0") ;;
    "232 "*" 0xffffffff "*|"281 "*" 0xffffffff "*|"22 "*" 0xffffffff "*) ;;
    *) continue ;;
    esac
    return 0
  done
  return 1
} 2>/dev/null
# does a process of command $1 wait to read its stdin? Evidence: the file behind its descriptor 0, and the system call it is in
# (read is number 0 on x86-64, 63 on arm64 and riscv64, 3 on the 32-bit ones) or the place in the kernel where it sleeps
blocked() {
  [ -r /proc/self/stat ] || { say "blocked $1 ?"; return; }
  if [ -s "$D/bw.$1" ]; then if keyless "$1"; then say "blocked $1 yes"; else say "blocked $1 no"; fi; return; fi
  if [ -f "$D/bq.$1" ]; then read -r rp <"$D/bq.$1"; f=$D/bi.$1; else read -r rp <"$D/pid"; read -r x <"$D/in"; f=$D/i.$x; fi
  kin "$rp"
  for p in $rp $kl; do
    [ "/proc/$p/fd/0" -ef "$f" ] || continue
    { read -r c d x <"/proc/$p/syscall" || c=; } 2>/dev/null
    case "$c $d" in "0 0x0"|"63 0x0"|"3 0x0") say "blocked $1 yes"; return;; esac
    case $c in [0-9]*) continue;; esac
    { read -r c <"/proc/$p/wchan" || c=; } 2>/dev/null
    case $c in *pipe_read*|*pipe_wait*) say "blocked $1 yes"; return;; esac
  done
  say "blocked $1 no"
}
# the process group in the foreground of the terminal of process $1, or its own where that is not told
foreground() {
  if read -r x <"/proc/$1/stat"; then x=${x##*) }; set -- "$1" $x; x=$7; else x=$(ps -o tpgid= -p "$1" | tr -d ' '); fi
  case $x in ''|0|1|-*) echo "$1" ;; *) echo "$x" ;; esac
} 2>/dev/null
sigsib() { # number, signal
  ek=$1
  ready "$D/bq.$1" && read -r rp <"$D/bq.$1" || { say "sent $2"; return; }
  if [ "$2" = INT ]; then x=$rp; [ ! -f "$D/bw.$1" ] || x=$(foreground "$rp"); kill -INT "-$x" 2>/dev/null || kill -INT "$rp" 2>/dev/null; say "sent INT"; else surely "$2" "$rp" 1; fi
}
# has the shell begun command $1? It may be queued behind a shell that is only starting, for which a signal would be too early
begun() { read -r x <"$D/started" && [ "$x" -ge "$1" ]; }
# what follows $1 for command $1 that runs: now, or as soon as it has begun, within half a minute, so that nothing else waits for that
once() {
  k=$1; shift
  if begun "$k"; then "$@"; else (
    trap '' HUP PIPE; trap - TERM
    n=0; until begun "$k" || [ $n -ge 1500 ]; do n=$((n+1)); sleep 0.02 2>/dev/null || { sleep 1; n=$((n+49)); }; done
    # not while it only forks: its shell's handlers would be the child's, too
    sleep 0.1 2>/dev/null || sleep 1
    runs "$k" && "$@"
  ) </dev/null & fi
}
end_it() { read -r rp <"$D/pid" && surely "$z" "$rp" 0 "$@"; }
intr() { # the command that runs
  INTD=$FG; read -r rp <"$D/pid"; pg=
  if [ -s "$D/tt" ]; then tree "$rp"; beyond; [ -z "$bey" ] || ! press USR1 || { say "sent INT"; return; }; fi
  if read -r x <"/proc/$rp/stat"; then x=${x##*) }; set -- $x; pg=$3; else pg=$(ps -o pgid= -p "$rp" | tr -d ' '); fi 2>/dev/null
  if [ -n "$pg" ] && [ "$pg" != "$bp" ]; then kill -INT "-$pg" 2>/dev/null; else kill -INT "$rp" 2>/dev/null; fi
  say "sent INT"
}
if [ "$MODE" = w ]; then
  # who asked while nobody was here, and still waits
  for f in "$D"/k.*; do [ -f "$f" ] && read -r x <"$f" && say "ask $x"; done
  for f in "$D"/bp.*; do [ -f "$f" ] && sibling "${f##*.}"; done
  ask
fi
while IFS= read -r l; do
  op=${l%% *}; l=${l#* }
  case $op in
  r) k=${l%% *}; l=${l#* }; tok=${l%% *}; l=${l#* }; tk=${l%% *}; l=${l#* }; in=${l%% *}; l=${l#* }; ms=${l%% *}; l=${l#* }; wholly run "$k" "$tok" "$tk" "$in" "$ms" ;;
  n) k=${l%% *}; l=${l#* }; [ "$k" != "$NK" ] || printf '%b' "$l" >"$D/n.$k" || say "E $k $FG cannot write the input: disk full or read-only" ;;
  b) k=${l%% *}; l=${l#* }; tk=${l%% *}; l=${l#* }; in=${l%% *}; l=${l#* }; ms=${l%% *}; l=${l#* }; wholly beside "$k" "$tk" "$in" "$ms" ;;
  y) Y=$l ;; # the mark of the next command's key: written with its number, before it begins
  s) sibling "$l" ;;
  z) ( i=0; until ready "$D/bh.$l" || [ -s "$D/bx.$l" ] || [ $i -ge 5 ]; do i=$((i+1)); done; read -r x <"$D/bh.$l" && kill -KILL "$x" ) 2>/dev/null & ;; # not TERM: a shell that has yet to become the holder would catch it
  k) sigsib $l ;;
  W) [ -z "$WP" ] || kill $WP 2>/dev/null; WP=; case $l in W) ;; *) watch $l & WP=$!;; esac ;;
  j) k=${l%% *}; l=${l#* }; ( trap - TERM HUP PIPE; ready "$D/bi.$k" && printf '%b' "$l" >"$D/bi.$k" && say "fed $k" && echoed "$k" ) & ;;
  i) k=${l%% *}; l=${l#* }; read -r x <"$D/in"; echo "$k" >"$D/fed"; ( trap - TERM HUP PIPE; printf '%b' "$l" >"$D/i.$x" && say "fed $k" ) & ;;
  J) echo "stdin $FG over" >&5 ;;
  Z) if runs "$l"; then echo "stdin $l" >&5; else say "in -"; fi ;; # the end of file for command $l
  I) runs "$l" && once "$l" intr ;;
  t) LIM=$l ;; # the time limit of the next command
  K) set -- $l; ek=$1 z=$2; runs "$1" && shift 2 && once "$ek" end_it "$@" ;;
  U) k=${l%% *}; l=${l#* }; unheld "$k" "${l%% *}" "${l#* }" ;;
  N) set -- $l; EP=$1; echo "epoch $1 $2" >&5 ;;
  X) set -- $l; z=$1; shift; [ "$z" = "$FG" ] && [ ! -s "$D/s.$EP" ] && read -r rp <"$D/pid" && { tree "$rp" "$@"; beyond; [ -z "$bey" ]; } && kill -KILL "$rp" 2>/dev/null ;; # the shell itself, while that command runs in it
  B) set -- $l; z=$1; shift; kl= # what of a command is out of reach, or of all (0); with when it began
    for f in "$D/pid" "$D"/bq.*; do
      [ "$z" = 0 ] || [ "$f" = "$D/bq.$z" ] || { [ "$f" = "$D/pid" ] && runs "$z"; } || continue
      [ -s "$f" ] && read -r rp <"$f" || continue
      y=$kl; tree "$rp" "$@"; kl="$y$kl"
    done
    beyond
    [ ! -s "$D/rooted" ] || while read -r k p x; do case " $bey " in *" $p "*) ;; *) { [ "$z" != 0 ] && [ "$k" != "$z" ]; } || [ "$(began "$p")" != "${x:--}" ] || bey="$bey $p" ;; esac; done <"$D/rooted"
    x=; for p in $bey; do x=$x${x:+,}$p.$(began "$p"); done; say "beyond $z $x" ;;
  F) x=${l%% *}; [ ! -p "$D/o.$x" ] || EP=$x; follow $l ;; # the epoch may be one that another server has asked for
  A) queue "$L" ;;
  V) blocked "$l" ;;
  q) echo quit >&5; say bye now; break ;;
  e) say "pong $l" ;;
  esac
done
quiet
exit 0
