# Gives the display that came with this channel to one program of the session (with-x11.sh), or says why there is none. It is there until the
# program ends, or this channel's stdin.
# Set before this text: N nonce, D the session's directory, P the program's process, Y a display or "" for the channel's, A an Xauthority file as printf %b takes it, WHY or "".
PATH=/usr/bin:/bin:/usr/local/bin:/usr/sbin:/sbin:$PATH
cd "$D" || exit 66
[ -p "w.$P" ] && kill -0 "$P" 2>/dev/null || exit 0
DISPLAY=${Y:-$DISPLAY}
[ -n "$WHY$DISPLAY" ] || WHY='the server forwards no X11 (X11Forwarding is off there, or it has no xauth)'
[ -z "$WHY" ] || { printf 'no %s\n' "$WHY" 1<>"w.$P"; exit; }
umask 077
trap 'rm -f "xa.$P"; [ -n "$Y" ] || xauth -q remove "unix:${DISPLAY##*:}" 2>/dev/null' 0
trap 'exit 1' 1 2 13 15
printf %b "$A" >"xa.$P" || exit
printf 'ok %s\n' "$DISPLAY" 1<>"w.$P"
exec 3<&0
( cat <&3; kill $$ ) >/dev/null 2>&1 &
exec 3<&-
# most are short
n=0; while kill -0 "$P" 2>/dev/null; do n=$((n+1)); [ $n -gt 50 ] || { sleep 0.1 2>/dev/null && continue; }; sleep 1; done
