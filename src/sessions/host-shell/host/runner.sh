# Becomes the session shell: the user's shell where it speaks POSIX, else bash or sh; interactive without rc files, reading lines from
# its fifo, with its prompt and its own messages going to the event fifo. Environment: as the butler's, and G the generation.
umask "${HOLDFAST_UMASK:-022}"
SHELL=$HOLDFAST_SHELL; export SHELL
w=$WSH d=$D g=$G
unset HOLDFAST_SHELL HOLDFAST_UMASK WSH TTL CAP FULL BLOCKS DI FIRST SS D G TMOUT ENV BASH_ENV HISTFILE PROMPT_COMMAND PS1 PS2 PS4 MAIL MAILPATH
echo $$ >"$d/pid"
if [ "$w" = auto ]; then
  w=$SHELL
  case ${w##*/} in bash|zsh|dash|ash|sh|ksh|mksh|ksh93) ;; *) w=$(command -v bash || command -v sh);; esac
  command -v "$w" >/dev/null 2>&1 || w=/bin/sh
fi
# sudo asks through the session, whoever calls it by its name, and so do ssh and git, unless they are told otherwise
[ ! -x "$d/bin/askpass" ] || [ -n "$SSH_ASKPASS$SSH_ASKPASS_REQUIRE" ] || { SSH_ASKPASS=$d/bin/askpass SSH_ASKPASS_REQUIRE=force; export SSH_ASKPASS SSH_ASKPASS_REQUIRE; }
[ ! -x "$d/bin/sudo" ] || { PATH=$d/bin:$PATH; SUDO_ASKPASS=${SUDO_ASKPASS:-$d/bin/ask}; export PATH SUDO_ASKPASS; }
# where gpg-agent is told to ask by what asks in sessions, it asks in this one
[ ! -x "$d/bin/gpg-pinentry" ] || [ -n "$PINENTRY_USER_DATA" ] || { PINENTRY_USER_DATA=holdfast:$d; export PINENTRY_USER_DATA; }
case :$PATH: in *":$d/bin:"*) ;; *) [ ! -x "$d/bin/with-x11" ] || { PATH=$d/bin:$PATH; export PATH; } ;; esac
cd "$HOME" 2>/dev/null || cd /
q=$d/q.$g
exec >"$d/ev" 2>&1
case ${w##*/} in
bash) exec "$w" --noprofile --norc --noediting -i <"$q" ;;
zsh) exec "$w" -f -i +Z -s <"$q" ;;
esac
# busybox ash takes an interrupted read of an interactive stdin for its end: it reads, from a plain file, one line that begins the file
# anew, fetches a command and runs it
bb=; case $("$w" -c 'echo ${BB_ASH_VERSION:+bb}' 2>/dev/null) in bb) bb=1;; esac
[ -n "$bb" ] || { "$w" --help 2>&1 </dev/null | grep -qi busybox && bb=1; }
if [ -n "$bb" ]; then
  l="_hf_s=\$?;exec <'$d/feed.$g';IFS= read -r _hf_i <'$q';eval \"\$_hf_i\"" n=16
  [ ${#l} -lt 1024 ] || n=1
  # a signal may abort the line before it has begun the file anew: then the next one does, which stands where a read of any size begins
  while [ $n -gt 0 ]; do printf '%-1023s\n' "$l"; n=$((n-1)); done >"$d/feed.$g"
  exec "$w" -i <"$d/feed.$g"
fi
exec "$w" -i <"$q"
