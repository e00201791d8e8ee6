# Sends signal S to what the shell P runs; X 1: to the shell and to H, which holds its stdin, too.
if [ "$S" = INT ] && kill -INT "-$P" 2>/dev/null; then exit 0; fi
ps=$(ps -A -o pid= -o ppid= 2>/dev/null || ps -o pid,ppid 2>/dev/null) all=" $P " kl= more=1
while [ $more = 1 ]; do
  more=0
  while read -r pp qq x; do
    case $all in *" $pp "*) continue;; esac
    case $all in *" $qq "*) ;; *) continue;; esac
    all="$all$pp " kl="$kl $pp" more=1
  done <<EOP
$ps
EOP
done
if [ "$S" = INT ]; then kill -INT $kl "$P" 2>/dev/null
elif [ -n "$kl" ]; then kill -"$S" $kl 2>/dev/null
elif [ "$S" = KILL ]; then kill -KILL "$P" 2>/dev/null
elif [ "$S" != STOP ] && [ "$S" != CONT ]; then kill -INT "$P" 2>/dev/null; fi
[ "$X" != 1 ] || { kill -KILL "$P"; [ "$H" = 0 ] || kill -KILL "$H"; } 2>/dev/null
exit 0
