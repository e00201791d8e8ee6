# The beginning of each file script, after link-target.sh. Set before: N nonce, P path, C the session's directory ("" if not known). $1 is the login's home.
# Answers with a line of RS and the nonce, then words that each end with NUL, then bytes.
LC_ALL=C
export LC_ALL
U=$(umask)
NL='
'
say() {
  printf '\036%s\n' "$N"
  printf '%s\0' "$@"
}
fail() {
  say fail "$@"
  exit 0
}
# Seven lines of facts in F: type and mode (hexadecimal), size, user, group, their numbers, time of change, links. Busybox and GNU, then BSD.
facts() {
  F=$(stat $2 -c "%f$NL%s$NL%U$NL%G$NL%u$NL%g$NL%Y$NL%h" "$1" 2>/dev/null) ||
    F=$(stat $2 -f "%Xp$NL%z$NL%Su$NL%Sg$NL%u$NL%g$NL%m$NL%l" "$1" 2>/dev/null)
}
# The file $1 from byte $2 on. tail of busybox knows no numbers beyond 32 bits: there dd goes most of the way, in blocks.
from() {
  if [ "$2" -lt 2000000000 ]; then
    tail -c "+$(($2 + 1))" "$1"
  else
    dd if="$1" bs=1048576 skip="$(($2 / 1048576))" 2>/dev/null | tail -c "+$(($2 % 1048576 + 1))"
  fi
}
sha() {
  S=$({ sha256sum || shasum -a 256 || sha256 -q || openssl dgst -sha256 -r; } <"$1" 2>/dev/null)
  S=${S%% *}
  [ "${#S}" = 64 ] || S=
}
case $P in
'~') P=$1 ;;
'~/'*) P=$1/${P#'~/'} ;;
'~'*)
  u=${P%%/*}
  case ${u#'~'} in *[!A-Za-z0-9._-]*) fail user "$u" ;; esac
  eval "h=$u"
  [ "$h" != "$u" ] || fail user "$u"
  P=$h${P#"$u"}
  ;;
/*) ;;
*) P=${C:-$1}/$P ;;
esac
case $P in
/*) ;;
*) P=$(pwd)/$P ;;
esac
while :; do
  case $P in
  ?*/) P=${P%/} ;;
  *) break ;;
  esac
done
n=0
while [ -L "$P" ]; do
  n=$((n + 1))
  [ $n -le 40 ] || fail os "Too many levels of symbolic links"
  target "$P"
  case $t in
  /*) P=$t ;;
  *) P=${P%/*}/$t ;;
  esac
done
