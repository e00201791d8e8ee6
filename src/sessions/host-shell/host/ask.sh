# Asks whoever has the session for what sudo wants to know: SUDO_ASKPASS, started by sudo, its stdout a pipe to sudo. The prompt ($1) goes to
# a file and to the events; the answer comes through a fifo of its own, straight to stdout: it is in no variable, argument or file.
# Set before this text: d, the session's directory.
umask 077
PATH=/usr/bin:/bin:/usr/local/bin:/run/current-system/sw/bin:/usr/sbin:/sbin:$PATH
[ -p "$d/ev" ] || exit 1
trap 'rm -f "$d/a.$$" "$d/k.$$"' 0
trap 'exit 1' 1 2 13 15
rm -f "$d/a.$$"
mkfifo "$d/a.$$" || exit 1
( p=$(printf %s "$1" | head -c 512 | tr '\000-\037\177' ' '); printf '%s\n' "$$ $p" >"$d/k.$$"; printf '\nask %s\n' "$$ $p" 1<>"$d/ev" )
cat "$d/a.$$"
