# The first thing that a session shell reads: its framing. A prompt is an event (`P`), so "ready again" is told by the shell itself,
# after a syntax error, an aborted line or a killed job as after a normal end.
if [ -n "$ZSH_VERSION" ]; then setopt promptsubst interactivecomments nobanghist; unsetopt promptsp promptcr monitor multios; _hf_1='%?'; else set +m 2>/dev/null; _hf_1='$?'; fi
[ -n "$BASH_VERSION" ] && set +H +o history
unset HISTFILE
HISTSIZE=0
PS2= _hf_k=0 _hf_d= _hf_rc=0 _hf_b=0 _hf_z=0
_hf_ps="@RS@P \$((_hf_z=_hf_k)) \${_hf_d:-$_hf_1} \${_hf_d:+n}:\$_hf_b \$PWD@RS@
"
if [ -n "$BASH_VERSION$ZSH_VERSION" ]; then _hf_1=builtin; else _hf_1=command; fi
# _hf_r: before a command, whose stdin is open by now: its number, again, for INT that comes while a line is read makes bash forget what it
# has of it; on disk; to the butler, where that holds its stdin until then; and the status of the one before, for its $?
# _hf_p: after it: the markers that end its streams, with status and directory; until then its token is in no file; and for whoever lists it
# later, how it ended and, by the time that the host has been up, when it began and ended
# _hf_t: its number is in urg: the line is to end here; where the prompt has told that it is over, INT would hit the line that is read next
# _hf_y: when its streams are closed: exported variables and directory, for commands beside this shell and for its successor
eval "
_hf_r() { _hf_k=\$1 _hf_d=; $_hf_1 printf '%s\n' \"\$_hf_k\" >|\"\$_hf_D/started\"; if $_hf_1 [ -f \"\$_hf_D/held\" ]; then $_hf_1 printf 'open %s\n' \"\$_hf_k\" 1<>\"\$_hf_D/ctl\"; fi; _hf_t0=; { $_hf_1 read -r _hf_t0 _hf_w </proc/uptime; } 2>/dev/null; case \$- in *e*) return 0;; esac; return \$_hf_rc; }
_hf_p() { _hf_d=\$1 _hf_rc=\$1 _hf_b=\${!:-0}; $_hf_1 printf '\\036%s %s %s\\036\\n' \"\$2\" \"\$1\" \"\$PWD\" >|\"\$_hf_D/s.\$3\"; $_hf_1 printf '\\036%s\\036\\n' \"\$2\" >|\"\$_hf_D/r.\$3\"; _hf_t1=; { $_hf_1 read -r _hf_t1 _hf_w </proc/uptime; } 2>/dev/null; $_hf_1 printf '%s %s %s %s\n' \"\$_hf_k\" \"\$1\" \"\$_hf_t0\" \"\$_hf_t1\" >>\"\$_hf_D/fin\"; PS1=\$_hf_ps; }
_hf_t() { $_hf_1 read -r _hf_u <\"\$_hf_D/urg\" && case \$_hf_u:\$_hf_d:\$_hf_z in \$_hf_k::\$_hf_k) ;; \$_hf_k::*) $_hf_1 kill -INT \$\$;; esac; } 2>/dev/null
_hf_y() { { export -p; _hf_w=\$PWD; $_hf_1 printf \"cd -- '\"; while :; do case \$_hf_w in *\\'*) $_hf_1 printf \"%s'\\\\\\\\''\" \"\${_hf_w%%\\'*}\"; _hf_w=\${_hf_w#*\\'};; *) break;; esac; done; $_hf_1 printf \"%s'\\n#\\n\" \"\$_hf_w\"; } >|\"\$_hf_D/snap\"; } 2>/dev/null
"
# _hf_q: asked on attach ($2: by which), answered when the shell is idle: by an event of its own, then by its prompt
_hf_q() { [ -n "$_hf_d" ] || _hf_d=$1; PS1=$_hf_ps; printf '@RS@Q %s %s@RS@\n' "$2" "$_hf_k" >"$_hf_D/ev"; }
if [ -f "$_hf_D/snap" ]; then . "$_hf_D/snap" >/dev/null 2>&1; fi
_hf_y
trap _hf_y EXIT
# A command that is to end ends as a whole: whoever ends what the shell waits for writes its number and sends URG first, which nobody else
# minds; it is looked at before the next part of the line would run, and INT aborts a line.
trap _hf_t URG 2>/dev/null
PS1=$_hf_ps
