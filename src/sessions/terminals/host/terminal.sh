# The text of a command on a terminal: runs beside the session's shell as any other does (see sibling.sh), which has bc.<n>, this text, as
# $0. What is to run on the terminal is in bt.<n>. Set before this text: _hf_by what keeps the terminal, _hf_c columns, _hf_l rows.
# What runs there first says who it is: signals go to it and not to the keeper.
_hf_d=${0%/*} _hf_k=${0##*.} _hf_s=$SHELL
case ${_hf_s##*/} in bash|zsh|dash|ash|sh|ksh|mksh|ksh93) ;; *) _hf_s=$(command -v bash || command -v sh);; esac
_hf_f=; case ${_hf_s##*/} in zsh) _hf_f=-f;; esac
case $SHELL in *"'"*) SHELL=$_hf_s;; esac
_hf_i='echo $$ >"$1/bq.$2"; tty >"$1/bw.$2"; stty cols "$3" rows "$4" 2>/dev/null; SHELL=$5; unset LINES COLUMNS SCRIPT; TERM=vt100; for _hf_t in xterm xterm-256color; do for _hf_p in /usr/share/terminfo /lib/terminfo /etc/terminfo /usr/lib/terminfo /usr/local/share/terminfo; do if [ -e "$_hf_p/x/$_hf_t" ] || [ -e "$_hf_p/78/$_hf_t" ]; then TERM=$_hf_t; fi; done; done; export SHELL TERM; unset _hf_t _hf_p; shift 5; . "$0"'
_hf_keep "$_hf_by" "'$_hf_s' $_hf_f -c '$_hf_i' '$_hf_d/bt.$_hf_k' '$_hf_d' $_hf_k $_hf_c $_hf_l '$SHELL'"
_hf_r=$?
rm -f "$_hf_d/bt.$_hf_k" "$_hf_d/bw.$_hf_k"
exit $_hf_r
