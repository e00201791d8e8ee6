# Asks whoever has the session for what a program wants to know: SUDO_ASKPASS, started by sudo, or what askpass.sh has become; its stdout a
# pipe to that program. The prompt ($1) goes to a file and to the events; the answer comes through a fifo of its own, straight to stdout: it
# is in no variable, argument or file. Where there is none, there is a file for that (no.<pid>), and it fails.
# Set before this text: d, the session's directory.
umask 077
PATH=/usr/bin:/bin:/usr/local/bin:/run/current-system/sw/bin:/usr/sbin:/sbin:$PATH
[ -p "$d/ev" ] && [ -O "$d" ] || exit 1
trap 'rm -f "$d/a.$$" "$d/k.$$" "$d/no.$$" "$d/rd.$$"' 0
trap 'exit 1' 1 2 13 15
rm -f "$d/a.$$" "$d/no.$$" "$d/rd.$$"
mkfifo "$d/a.$$" || exit 1
( p=$(printf %s "$1" | head -c 1500 | tr '\000-\037\177' ' '); printf '%s\n' "$$ $p" >"$d/k.$$"; printf '\nask %s\n' "$$ $p" 1<>"$d/ev" )
# where readers of the fifo cannot be seen, a file tells that this one is there: what is written before would be lost
if [ -r /proc/self/status ]; then cat "$d/a.$$" || exit 1; else exec 3<"$d/a.$$" && : >"$d/rd.$$" && cat <&3 || exit 1; fi
[ ! -f "$d/no.$$" ]
