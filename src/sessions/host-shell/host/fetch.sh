# Reads ranges of files in directory D for one client: requests "<file> <offset> <most>" on stdin, a line each; answers a control line with
# the number of bytes that follow, or "gone". N nonce.
LC_ALL=C
cd "$D" || exit 66
while read -r f o n; do
  [ -f "$f" ] || { printf '\036%s gone\n' "$N"; continue; }
  s=$(wc -c <"$f"); a=$((s-o))
  [ $a -ge 0 ] || a=0
  [ $a -le "$n" ] || a=$n
  printf '\036%s %s\n' "$N" "$a"
  [ $a = 0 ] || tail -c "+$((o+1))" "$f" | head -c "$a"
done
