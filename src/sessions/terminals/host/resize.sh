# Gives the terminal of command $1 another size: $2 columns, $3 rows. Prints how much had come to it by then, which is remembered with the size:
# what comes later was drawn for that. A command that has only just begun may have no terminal yet.
n=0; until [ -s "bw.$1" ] || [ -s "bx.$1" ] || [ $n -ge 100 ]; do n=$((n+1)); sleep 0.05 2>/dev/null || { sleep 1; n=$((n+19)); }; done
read -r t <"bw.$1" && [ -c "$t" ] || exit 3
umask 077
at=$(wc -c <"BO.$1") && at=$((at))
# of a window that is drawn to another size for hours, the newest will do
[ ! -f "bz.$1" ] || [ "$(wc -c <"bz.$1")" -lt 32768 ] || { tail -n 200 "bz.$1" >"bz.$1.n" && mv -f "bz.$1.n" "bz.$1"; }
stty cols "$2" rows "$3" <"$t" 2>/dev/null || exit 4
echo "$at $2 $3" >>"bz.$1"
echo "$at"
