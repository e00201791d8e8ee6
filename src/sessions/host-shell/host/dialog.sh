# Shows a question on the display that came with this channel, by the host's own ssh-askpass, and sends what is typed there. Nothing of the
# session has a say in what runs. When the channel's stdin ends, the dialog does.
# Set before this text: N nonce, D the session's directory, Y a display or "" for the channel's, A an Xauthority file as printf %b takes it, T the question.
PATH=/usr/bin:/bin:/usr/local/bin:/usr/sbin:/sbin:$PATH
say() { printf '\036%s %s\n' "$N" "$*"; }
DISPLAY=${Y:-$DISPLAY}
[ -n "$DISPLAY" ] || { say no display; exit; }
for p in /usr/bin/ssh-askpass /usr/libexec/openssh/ssh-askpass /usr/lib/ssh/ssh-askpass /usr/libexec/ssh-askpass /usr/lib/openssh/gnome-ssh-askpass /usr/libexec/openssh/gnome-ssh-askpass /usr/bin/ksshaskpass /usr/lib/ssh/x11-ssh-askpass /usr/local/bin/ssh-askpass /usr/X11R6/bin/ssh-askpass ''; do
  [ -x "$p" ] && [ ! -d "$p" ] && break
done
[ -n "$p" ] || { say no program; exit; }
umask 077
f=$D/xa.$$
trap 'rm -f "$f"' 0
trap 'exit 1' 1 2 13 15
printf %b "$A" >"$f" || { say no file; exit; }
exec 3<&0
env -i HOME=/ PATH="$PATH" LANG="$LANG" LC_ALL="$LC_ALL" LC_CTYPE="$LC_CTYPE" DISPLAY="$DISPLAY" XAUTHORITY="$f" NO_AT_BRIDGE=1 "$p" "$T" </dev/null 2>/dev/null 3<&- &
k=$!
( cat <&3; kill "$k" ) >/dev/null 2>&1 &
w=$!
exec 3<&-
wait "$k"; c=$?
kill "$w" 2>/dev/null
# sshd has put its cookie, which opens nothing, into the user's own file, and leaves it there
[ -n "$Y" ] || xauth -q remove "unix:${DISPLAY##*:}" 2>/dev/null
say "end $c"
