# Reads a file, or lists a directory. Set before: FROM, MAX bytes, TAIL lines ("" for none), HASHED the largest size to hash, ROWS entries to list.
if ! [ -e "$P" ]; then
  E=$(ls -ld "$P" 2>&1 >/dev/null)
  fail os "${E:-No such file or directory}"
fi
facts "$P" -L || fail nostat
if [ -d "$P" ]; then
  [ -r "$P" ] && cd "$P" 2>/dev/null || fail os "Permission denied"
  say dir "$P" "$F"
  n=0
  for f in .[!.]* ..?* *; do
    [ -e "$f" ] || [ -L "$f" ] || continue
    n=$((n + 1))
    [ $n -le "$ROWS" ] || break
    t=
    if [ -L "$f" ]; then target "./$f"; fi
    facts "./$f" '' || F=
    printf '%s\0' "$f" "$F" "$t"
  done
  printf '%s\0' "$n"
  exit 0
fi
[ -f "$P" ] || fail special
[ -r "$P" ] || fail os "Permission denied"
s=${F#*"$NL"}
s=${s%%"$NL"*}
S=
if [ "$s" -le "$HASHED" ] && { [ "$FROM" != 0 ] || [ "$MAX" != 0 ] && [ "$s" -gt "$MAX" ]; }; then sha "$P"; fi
say file "$P" "$F" "$S"
if [ "$MAX" = 0 ]; then exit 0; fi
if [ -n "$TAIL" ]; then
  tail -n "$TAIL" "$P" | tail -c "$MAX"
elif [ "$FROM" = 0 ]; then
  head -c "$MAX" "$P"
else
  from "$P" "$FROM" | head -c "$MAX"
fi
