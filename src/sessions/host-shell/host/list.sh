# Prints what sessions of this user live on the host, a line each: id, alive or dead, next number, name. Set before: N, BASE.
LC_ALL=C
IFS='
'
for b in $BASE /var/tmp /tmp "$HOME/.cache" "$HOME"; do
  unset IFS
  for d in "$b"/.holdfast-*; do
    [ -d "$d" ] && [ ! -L "$d" ] && [ -O "$d" ] && [ -f "$d/name" ] || continue
    read -r p <"$d/up" && kill -0 "$p" 2>/dev/null && s=alive || s=dead
    read -r n <"$d/name"; read -r k x <"$d/next"; read -r y <"$d/key"
    printf '\036%s session %s %s %s %s %s\n' "$N" "${d##*-}" "$s" "$k" "$y" "$n"
  done
done
printf '\036%s end\n' "$N"
