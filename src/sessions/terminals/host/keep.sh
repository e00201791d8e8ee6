# Keeps a terminal on the host: shell line $2 runs on a pseudo-terminal by means of $1, its screen on stdout, its keys from stdin; the
# status is the line's. Set before this text: _hf_py and _hf_pl, the keepers in python and perl.
# script stops itself when its child is stopped, as whoever ends a command does first: so that is a shell that nobody stops, and lets it end.
_hf_keep() {
  case $1 in
  script) SHELL=/bin/sh script -qefc "trap : 1 2 3 15;exec 3>&2 2>/dev/null;(exec 2>&3 3>&-;exec $2);exit \$?" /dev/null ;;
  python3) python3 -c "$_hf_py" /bin/sh -c "exec $2" ;;
  perl) perl -e "$_hf_pl" /bin/sh -c "exec $2" ;;
  esac
}
