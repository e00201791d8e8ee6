# What runs on a command's terminal, for whatever gives it that: _hf_s and _hf_f, the shell that reads its text, and _hf_i, what that shell does
# first. Part of the text of a command beside the session's shell, which has bc.<n>, this text, as $0; what is to run on the terminal is in bt.<n>.
# What runs there first says who it is: signals go to it and not to the keeper. Where the command was ended
# before that, nothing runs, and whoever sees this terminal is told by the host.
_hf_d=${0%/*} _hf_k=${0##*.} _hf_s=$SHELL
case ${_hf_s##*/} in bash|zsh|dash|ash|sh|ksh|mksh|ksh93) ;; *) _hf_s=$(command -v bash || command -v sh);; esac
_hf_f=; case ${_hf_s##*/} in zsh) _hf_f=-f;; esac
case $SHELL in *"'"*) SHELL=$_hf_s;; esac
_hf_i='echo $$ >"$1/bq.$2"; { tty || readlink /proc/self/fd/0; } >"$1/bw.$2" 2>/dev/null; [ -f "$1/bp.$2" ] || { rm -f "$1/bq.$2" "$1/bw.$2"; exec sleep 30; }; stty cols "$3" rows "$4" 2>/dev/null; SHELL=$5; unset LINES COLUMNS SCRIPT; TERM=vt100; for _hf_t in xterm xterm-256color; do for _hf_p in /usr/share/terminfo /lib/terminfo /etc/terminfo /usr/lib/terminfo /usr/local/share/terminfo; do if [ -e "$_hf_p/x/$_hf_t" ] || [ -e "$_hf_p/78/$_hf_t" ]; then TERM=$_hf_t; fi; done; done; export SHELL TERM; unset _hf_t _hf_p; shift 5; . "$0"'
