# The first thing that a shell on a channel reads: its framing, see shell-channel.ts.
if [ -n "$ZSH_VERSION" ]; then setopt interactivecomments nobanghist; unsetopt promptsp promptcr monitor multios; else set +m 2>/dev/null; fi
[ -n "$BASH_VERSION" ] && set +H +o history
# a shell that exits says so on stderr, which is the command's
[ -n "$BASH_VERSION" ] && eval 'exit() { builtin exit "$@" 2>/dev/null; }'
unset HISTFILE
HISTSIZE=0
PS1= PS2= _hf_rc=0 _hf_t= _hf_h=0 _hf_c=
if [ -n "$BASH_VERSION$ZSH_VERSION" ]; then _hf_1=builtin; else _hf_1=command; fi
# _hf_r: before a command: the status of the one before, for its $?
# _hf_e: after it: the markers that end its streams, with status and directory
eval "
_hf_r() { case \$- in *e*) return 0;; esac; return \$_hf_rc; }
_hf_e() { _hf_rc=\$1 _hf_t=\$2; $_hf_1 printf '\\036%s %s %s\\036\\n' \"\$2\" \"\$1\" \"\$PWD\" >&7; $_hf_1 printf '\\036%s\\036\\n' \"\$2\" >&8; PS1= PS2=; }
"
# _hf_a: the next line after a command: where its line was aborted, _hf_e was not reached. An aborted line has not succeeded;
# zsh says 0 or 2 when an interrupt broke a loop of builtins.
_hf_a() { [ "$_hf_t" != "$2" ] || return 0; case $1${ZSH_VERSION:+z} in 0|0z|2z) _hf_e 130 "$2";; *) _hf_e "$1" "$2";; esac; return 1; }
# _hf_i: a new stdin for commands: a pipe that a process holds open for reading and writing, as descriptor 4; prints the process id.
_hf_i() {
  [ "$_hf_h" = 0 ] || kill "$_hf_h" 2>/dev/null
  _hf_h=0
  [ -e /proc/self/fd/0 ] || return 0
  _hf_h=$(trap '' INT QUIT; : | { exec 4<>/proc/self/fd/0 0</dev/null && { sleep 2147483 4<&4 >/dev/null 2>&1 7>&- 8>&- & echo $!; }; } 2>/dev/null)
  [ -e "/proc/${_hf_h:=0}/fd/4" ] || _hf_h=0
}
