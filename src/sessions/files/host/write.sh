# Writes a file whose content comes on stdin. Set before: SIZE and HASH of the content, M replace|append|create, MODE and OWNER ("" to keep),
# DIRS 1 to make directories, X the hash that the old file must have ("" for any), Y the size of the old file's content where that comes after
# the new one, to be compared on hosts that cannot hash ("" where not). The content is complete on the host's disk before the old file is touched;
# check and rename are one step to all who take the lock.
T= L= O= old= notes=
# The lock goes in one step: half gone, it would be taken for one whose owner is dead.
trap 'if [ -n "$T$O" ]; then rm -f "$T" "$O"; fi; if [ -n "$L" ]; then mv "$K" "$t-lock" && rm -rf "$t-lock"; fi' EXIT
trap 'exit 1' HUP INT TERM PIPE
D=${P%/*}
D=${D:-/}
W=$(uname -n 2>/dev/null | tr -cd 'A-Za-z0-9')
alive() {
  kill -0 "$1" 2>/dev/null || [ -d "/proc/$1" ] || ps -p "$1" >/dev/null 2>&1
}
# Variables hold no NUL: two bytes that one of the ways takes for the same, the other tells apart.
same() {
  if command -v cmp >/dev/null 2>&1; then
    cmp -s "$1" "$2"
    return
  fi
  for b in '\001\002' '\001\001'; do
    [ "$(tr '\000\001' "$b" <"$1"; echo .)" = "$(tr '\000\001' "$b" <"$2"; echo .)" ] || return 1
  done
}
if [ -d "$P" ]; then fail dir; fi
if [ -e "$P" ]; then
  [ -f "$P" ] || fail special
  [ "$M" != create ] || fail exists
  old=1
elif ! [ -d "$D" ]; then
  if [ -n "$DIRS" ]; then
    E=$(mkdir -p "$D" 2>&1) || fail os "$E"
  else
    E=$(ls -ld "$D/." 2>&1 >/dev/null)
    fail os "${E:-Not a directory}"
  fi
fi
# What killed writers have left here.
for f in "$D/.holdfast-$W-"*; do
  q=${f#"$D/.holdfast-$W-"}
  q=${q%%-*}
  case $q in '' | *[!0-9]*) continue ;; esac
  alive "$q" || rm -rf "$f"
done
K=$D/.holdfast-lock
stage=$D
if [ "$M$old" = append1 ] && ! [ -w "$D" ]; then
  stage=${TMPDIR:-/tmp}
  K=
fi
t=$stage/.holdfast-$W-$$-$N
# A new file has its mode from the beginning, one that replaces another is nobody else's until it has the other's.
if [ -n "$old$MODE" ]; then u=077; else u=$U; fi
E=$( (set -C; umask "$u"; : >"$t") 2>&1) || fail os "$E"
T=$t
E=$(cat 2>&1 >"$T") || fail os "${E:-the file could not be written to its end}"
s=$(wc -c <"$T")
[ "$((s))" = "$((SIZE + ${Y:-0}))" ] || fail short "$((s))"
if [ -n "$Y" ]; then
  O=$T-old
  E=$( (umask 077; tail -c "+$((SIZE + 1))" "$T" >"$O") 2>&1) || fail os "$E"
  E=$(dd if=/dev/null of="$T" bs=1 seek="$SIZE" 2>&1) || fail os "$E"
fi
sha "$T"
[ -z "$S" ] || [ "$S" = "$HASH" ] || fail damaged
sync "$T" 2>/dev/null || dd if=/dev/null of="$T" conv=notrunc,fsync 2>/dev/null || notes="$notes nosync"
i=0
e=0
q=
while [ -n "$K" ] && ! mkdir "$K" 2>/dev/null; do
  if ! [ -d "$K" ]; then
    E=$(mkdir "$K" 2>&1) && break
    # It may have been given back and taken again.
    case $E in *'ile exists'*) ;; *) [ -d "$K" ] || fail os "$E" ;; esac
  fi
  o=$q
  q=$(cat "$K/by" 2>/dev/null)
  i=$((i + 1))
  dead=
  case $q in
  "$W "*)
    e=0
    alive "${q#* }" || dead=1
    ;;
  '' | 'by-sftp '*)
    # Just made, mostly; or held by one whose process nobody sees, who says something new every 2 s.
    [ "$q" = "$o" ] || e=0
    e=$((e + 1))
    [ $e -le 100 ] || dead=1
    ;;
  *) e=0 ;;
  esac
  # Whoever makes this directory takes the place of the dead one, if the lock is still that one's.
  if [ -n "$dead" ] && mkdir "$K/after-${q#* }" 2>/dev/null; then
    [ "$(cat "$K/by" 2>/dev/null)" != "$q" ] || break
    rmdir "$K/after-${q#* }" 2>/dev/null
  fi
  [ $i -le 200 ] || fail locked "$K"
  sleep 0.1 2>/dev/null || sleep 1
done
if [ -n "$K" ]; then
  L=1
  echo "$W $$" >"$K/by" 2>/dev/null
fi
if [ -d "$P" ]; then fail dir; fi
if [ -e "$P" ]; then old=1; else old=; fi
if [ -n "$X" ]; then
  [ -n "$old" ] || fail changed
  if [ -n "$Y" ]; then
    same "$P" "$O" || fail changed another
  else
    sha "$P"
    if [ -z "$S" ]; then
      say nohash
      exit 0
    fi
    [ "$S" = "$X" ] || fail changed "$S"
  fi
fi
if [ "$M$old" = create1 ]; then fail exists; fi
if [ -n "$old" ]; then
  facts "$P" -L || fail nostat
  set -- $(stat -L -c '%u:%g %a %h' "$P" 2>/dev/null || stat -L -f '%u:%g %Mp%Lp %l' "$P")
fi
if [ "$M$old" = append1 ]; then
  # wc of busybox counts 32 bits only.
  s0=${F#*"$NL"}
  s0=${s0%%"$NL"*}
  if ! E=$(cat "$T" 2>&1 >>"$P"); then
    dd if=/dev/null of="$P" bs=1 seek="$((s0))" 2>/dev/null || fail half "$E"
    fail os "${E:-the file could not be written to its end}"
  fi
  if [ -n "$OWNER" ]; then E=$(chown "$OWNER" "$P" 2>&1) || fail half "$E"; fi
  if [ -n "$MODE" ]; then E=$(chmod "$MODE" "$P" 2>&1) || fail half "$E"; fi
  sync "$P" 2>/dev/null
else
  if [ -n "$OWNER" ]; then
    E=$(chown "$OWNER" "$T" 2>&1) || fail os "$E"
  elif [ -n "$old" ]; then
    own=$(stat -c '%u:%g' "$T" 2>/dev/null || stat -f '%u:%g' "$T")
    [ "$own" = "$1" ] || chown "$1" "$T" 2>/dev/null || fail owner "$F"
  fi
  if [ -n "$old" ]; then
    keep "$P" "$T"
    chmod "$2" "$T" 2>/dev/null || [ "$(stat -c %a "$T" 2>/dev/null)" = "$2" ] || notes="$notes mode"
    [ "$3" = 1 ] || notes="$notes links"
  fi
  if [ -n "$MODE" ]; then E=$(chmod "$MODE" "$T" 2>&1) || fail os "$E"; fi
  if [ "$M" = create ] && E=$(ln "$T" "$P" 2>&1); then
    rm -f "$T"
  elif [ "$M" = create ] && [ -e "$P" ]; then
    fail exists
  else
    E=$(mv -f "$T" "$P" 2>&1) || fail os "$E"
  fi
  T=
  sync "$D" 2>/dev/null
fi
facts "$P" -L || F=
S=$HASH
if [ "$M$old" = append1 ]; then sha "$P"; fi
say ok "$P" "$F" "$S" "$notes" "$old"
