# On the terminal of a channel: does what the session has left for it (see lend.sh) in file $0, when that is there.
n=0; until [ -f "$0" ]; do n=$((n+1)); [ $n -lt 600 ] || exit 75; sleep 0.05 2>/dev/null || { sleep 1; n=$((n+19)); }; done; . "$0"
