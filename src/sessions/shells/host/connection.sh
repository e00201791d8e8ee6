# Becomes a shell that lives as long as its SSH channel: the user's where it is bash, zsh, dash or ash, else bash or sh (ksh would tell of
# background jobs on the stderr of commands); interactive without rc files,
# reading lines from the channel. The channel's streams are its descriptors 7 and 8; what it says itself (prompts) goes nowhere.
unset TMOUT ENV BASH_ENV HISTFILE PROMPT_COMMAND PS1 PS2 PS4 MAIL MAILPATH s
w=$SHELL
case ${w##*/} in bash|zsh|dash|ash|sh) ;; *) w=$(command -v bash || command -v sh);; esac
command -v "$w" >/dev/null 2>&1 || w=/bin/sh
cd "$HOME" 2>/dev/null || cd /
# When the connection or the shell is gone, so is what it has started (but what is immune to HUP, as when a terminal goes). It is no
# child of the shell, so that `wait` and `jobs` do not see it.
[ ! -d /proc/$PPID ] || ( ( trap '' INT QUIT TERM HUP; while sleep 2; [ -d /proc/$$ ] && [ -d /proc/$PPID ]; do :; done; kill -HUP -$$ ) </dev/null >/dev/null 2>&1 & )
# dropbear gives no process group of our own, which signals go to
S= g=
[ ! -r /proc/$$/stat ] || read -r x x x x g x </proc/$$/stat
[ "${g:-$$}" = $$ ] || ! command -v setsid >/dev/null 2>&1 || S=setsid
exec 7>&1 8>&2 >/dev/null 2>&1
case ${w##*/} in
bash) exec $S "$w" --noprofile --norc --noediting -i ;;
zsh) exec $S "$w" -f -i +Z -s ;;
esac
exec $S "$w" -i
