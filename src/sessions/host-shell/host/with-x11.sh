# Runs a program with the display of whoever has the session, if they let it: with-x11 <program> <arguments>. It has it for as long as it runs.
# Set before this text: d, the session's directory.
PATH=$PATH:/usr/bin:/bin
no() { echo "with-x11: $*" >&2; exit 126; }
[ $# -gt 0 ] || no 'say which program: with-x11 xclock'
[ -p "$d/ev" ] || no 'the session has ended'
f=$d/w.$$ u=$(umask)
trap 'rm -f "$f"' 0
trap 'exit 1' 1 2 13 15
umask 077
rm -f "$f"; mkfifo "$f" || no 'nothing can be written'
umask "$u"
exec 3<>"$f"
( printf '\nx11 %s\n' "$$" 1<>"$d/ev" )
# whoever would answer may be away
( s=; trap 'kill $s; exit' 15; sleep 60 & s=$!; wait $s; echo 'no nobody is there who could give it a display' >"$f" ) >/dev/null 2>&1 3<&- &
t=$!
read -r a n <&3
exec 3<&-
kill $t 2>/dev/null
rm -f "$f"
trap - 0 1 2 13 15
[ "$a" = ok ] || no "$n"
DISPLAY=$n XAUTHORITY=$d/xa.$$
export DISPLAY XAUTHORITY
exec "$@"
