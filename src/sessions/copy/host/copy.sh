# The operations of a copy, each in a section of its own: a shell reads what it is sent byte by byte, so only what is needed goes out (the
# beginning, the functions that are named and one operation). Set before: N nonce, P path; others by operation. Answers with a line of RS and the nonce, `ok` or `fail` and
# why, each ended by NUL, then bytes. Whatever has said `ok` and exits 0 is complete.
LC_ALL=C
export LC_ALL
NL='
'
say() {
  printf '\036%s\nok\0' "$N"
}
fail() {
  printf '\036%s\nfail\0%s\0' "$N" "$1"
  exit 0
}
try() {
  E=$("$@" 2>&1) || fail "${E:-$1 failed}"
}
#: function facts
# Mode (hexadecimal), size, time of change, links.
facts() {
  F=$(stat -c "%f$NL%s$NL%Y$NL%h" "$1" 2>/dev/null) || F=$(stat -f "%Xp$NL%z$NL%m$NL%l" "$1" 2>/dev/null)
}
#: function there
there() {
  [ -e "$1" ] || [ -L "$1" ]
}
#: function missing
missing() {
  E=$(ls -ld "$1" 2>&1 >/dev/null)
  fail "${E:-No such file or directory}"
}
#: function size
# The size of the file $1 in s. Its own failure must not pass for nothing in it. wc of busybox counts 32 bits only.
size() {
  s=$(stat -c %s "$1" 2>/dev/null || stat -f %z "$1" 2>/dev/null) || s=$( (wc -c <"$1") 2>&1) || fail "${s:-wc failed}"
  s=$((s))
}
#: function stamp
stamp() {
  touch -h -d "@$MTIME" "$1" 2>/dev/null || touch -d "@$MTIME" "$1" 2>/dev/null || :
}
#: function adopt
# Gives $1 the access list in ACL and the attributes in ATTRS, a line for each.
adopt() {
  [ -z "$ACL" ] || printf '%s\n' "$ACL" | setfacl --set-file=- -- "$1" 2>/dev/null || notes="$notes acl"
  [ -z "$ATTRS" ] || printf '%s\n' "$ATTRS" | (
    while IFS= read -r l; do setfattr -n "${l%%=*}" -v "${l#*=}" -- "$1" 2>/dev/null || exit 1; done
  ) || notes="$notes xattr"
}
#: resolve
# $1, where another user runs it: the login's home.
case $P in
'~') P=${1:-$HOME} ;;
'~/'*) P=${1:-$HOME}/${P#'~/'} ;;
/*) ;;
*) P=${C:-${1:-$HOME}}/$P ;;
esac
case $P in /*) ;; *) P=$(pwd)/$P ;; esac
n=0
r=
while :; do
  while :; do
    case $P in
    */. ) P=${P%/.} ;;
    ?*/) P=${P%/} ;;
    *) break ;;
    esac
  done
  P=${P:-/}
  if [ -L "$P" ] && [ -e "$P" ]; then
    n=$((n + 1))
    [ $n -le 40 ] || fail "Too many levels of symbolic links"
    target "$P"
    case $t in /*) P=$t ;; *) P=${P%/*}/$t ;; esac
  elif [ -d "$P" ]; then
    P=$(CDPATH='' cd -P -- "$P" 2>/dev/null && pwd -P; echo .)
    P=${P%??}
    [ -n "$P" ] || fail "Permission denied"
    break
  else
    r=/${P##*/}$r
    P=${P%/*}
    P=${P:-/}
  fi
done
say
printf '%s' "${P%/}$r"
#: facts
if there "$P"; then
  facts "$P" || fail "no stat"
  say
  printf '%s' "$F"
else
  E=$(ls -ld "$P" 2>&1 >/dev/null)
  case $E in *enied*) fail "$E" ;; esac
  say
  printf none
fi
#: list
[ -d "$P" ] || missing "$P"
[ -r "$P" ] && cd -- "$P" 2>/dev/null || fail "Permission denied"
say
# GNU: one process for all.
if stat --printf=x / >/dev/null 2>&1 && command -v xargs >/dev/null 2>&1; then
  printf '%s\0' ./.[!.]* ./..?* ./* | xargs -0 stat --printf='%n\0%f\n%s\n%Y\n%h\0' -- 2>/dev/null
  exit 0
fi
for f in .[!.]* ..?* *; do
  there "./$f" || continue
  facts "./$f" || continue
  printf '%s\0%s\0' "$f" "$F"
done
#: target
[ -L "$P" ] || missing "$P"
target "$P"
say
printf '%s' "$t"
#: link
try ln -s "$TO" "$P"
say
#: mkdir
[ "$MASK" = 0 ] || umask "$MASK"
try mkdir "$P"
say
#: settle
chmod "$MODE" "$P" 2>/dev/null || :
stamp "$P"
say
#: rm
try rm -f "$P"
say
#: rmdir
try rmdir "$P"
say
#: hash
{ [ -f "$P" ] && [ -r "$P" ]; } || fail "not readable"
if command -v sha256sum >/dev/null 2>&1; then h=sha256sum
elif command -v shasum >/dev/null 2>&1; then h='shasum -a 256'
elif command -v sha256 >/dev/null 2>&1; then h=sha256
else h='openssl dgst -sha256 -r'; fi
S=$(head -c "$LEN" "$P" | $h) || fail "no hash"
say
printf '%s' "${S%% *}"
#: read
there "$P" || missing "$P"
[ -f "$P" ] || fail "is no regular file"
[ -r "$P" ] || fail "Permission denied"
say
if [ "$FROM" = 0 ]; then
  cat "$P"
elif [ "$FROM" -lt 2000000000 ]; then
  tail -c "+$((FROM + 1))" "$P"
else
  # tail of busybox knows no numbers beyond 32 bits.
  dd if="$P" bs=1048576 skip="$((FROM / 1048576))" 2>/dev/null | tail -c "+$((FROM % 1048576 + 1))"
fi
#: held
s=0
if [ -f "$T" ] && ! [ -L "$T" ] && [ -O "$T" ]; then size "$T"; else try rm -f "$T"; fi
say
printf '%s' "$s"
#: write
umask 077
if [ "$FROM" = 0 ]; then
  try rm -f "$T"
  E=$( (set -C; : >"$T") 2>&1) || fail "$E"
else
  E=$(dd if=/dev/null of="$T" bs=1 seek="$FROM" 2>&1) || fail "$E"
fi
# GNU: runs of zeros become holes.
if dd if=/dev/null of=/dev/null bs=65536 iflag=fullblock oflag=seek_bytes conv=sparse status=none 2>/dev/null; then
  E=$(dd of="$T" bs=65536 iflag=fullblock oflag=seek_bytes seek="$FROM" conv=notrunc,sparse status=none 2>&1) || fail "${E:-the file could not be written to its end}"
else
  E=$(cat 2>&1 >>"$T") || fail "${E:-the file could not be written to its end}"
fi
size "$T"
say
printf '%s' "$s"
#: finish
# Whoever waits for it has let go of it.
fail() {
  rm -f "$T"
  printf '\036%s\nfail\0%s\0' "$N" "$1"
  exit 0
}
size "$T"
[ "$s" = "$SIZE" ] || fail "has $s bytes instead of $SIZE"
if [ -d "$P" ] && ! [ -L "$P" ]; then fail "Is a directory"; fi
notes=
[ -z "$KEEP" ] || keep "$P" "$T"
chmod "$MODE" "$T" 2>/dev/null || :
[ -z "$ACL$ATTRS" ] || adopt "$T"
[ -z "$KEEP" ] || case $(getfacl -cp "$T" 2>/dev/null) in *'#effective'*) notes="$notes mask" ;; esac
stamp "$T"
try mv -f "$T" "$P"
say
printf '%s' "$notes"
#: extras
# Of the paths on stdin, each ended by NUL: `a` and the path where it has an access list, `x` where it has attributes, `d` where it is a directory
# that gives new files a list. `*`: some may have, and all can be kept; `?` and `?x`: it cannot be told whether they have any, or attributes.
gnu=
case $(cp --help 2>&1) in *attributes-only*) gnu=1 ;; esac
acl='ls -ldq "$@" | sed -n "s/^..........+.*/*/p" | head -n 1'
if command -v getfacl >/dev/null 2>&1; then
  acl='getfacl -asp -- "$@" 2>/dev/null | sed -n "s/^# file: /a /p"; getfacl -dsp -- "$@" 2>/dev/null | sed -n "s/^# file: /d /p"'
elif [ -z "$gnu" ]; then
  acl='echo "?"'
fi
attr='getfattr -m "^(user|trusted)\\." --absolute-names -- "$@" 2>/dev/null | sed -n "s/^# file: /x /p"'
command -v getfattr >/dev/null 2>&1 || attr='echo "?x"'
[ -z "$gnu" ] || [ -n "$MANY" ] || [ "$attr" != 'echo "?x"' ] || attr='echo "*"'
say
xargs -0 sh -c "$acl;$attr" sh || echo '?'
#: gather
# Size and time of change of the files below P that are named on stdin as words for a shell, then their bytes, then size and time again.
cd -- "$P" 2>/dev/null || missing "$P"
eval "set -- $(cat)"
stats() { stat -c '%s %Y' "$@" 2>/dev/null || stat -f '%z %m' "$@" 2>/dev/null; }
for f; do
  { [ -f "$f" ] && ! [ -L "$f" ]; } || fail "is no regular file"
done
say
stats "$@" && cat "$@" && stats "$@"
# What is missing shows where it is cut.
exit 0
#: unpack
# An archive on stdin, of files for directories below P, each in a directory S in there. D: of each directory its path, and how many files and bytes
# come. All have come whole before the first takes its place.
cd -- "$P" 2>/dev/null || missing "$P"
clear() {
  eval "set -- $D"
  while [ $# -gt 0 ]; do
    rm -rf "$1/$S"
    shift 3
  done
}
files() {
  set --
  for f in .[!.]* ..?* *; do
    [ ! -f "$f" ] || set -- "$@" "./$f"
  done
  "$do" "$@"
}
check() {
  s=$(cat "$@" | wc -c)
  [ "$#" = "$n" ] && [ "$((s))" = "$b" ] || { echo "$# files and $((s)) bytes instead of $n and $b"; exit 1; }
}
move() {
  mv -f "$@" ..
}
each() {
  do=$1
  eval "set -- $D"
  while [ $# -gt 0 ]; do
    n=$2 b=$3
    E=$( (cd "$1/$S" && files) 2>&1) || fail "${E:-$do failed}"
    shift 3
  done
}
trap clear EXIT
trap 'exit 1' HUP INT TERM PIPE
clear
command -v tar >/dev/null 2>&1 || fail "tar: not found"
E=$( (umask 077; exec tar -xpof -) 2>&1) || fail "${E:-tar failed}"
each check
each move
say
#: receive
# The file T, staged already, from stdin.
{ [ -f "$T" ] && ! [ -L "$T" ] && [ -O "$T" ]; } || exit 1
exec cat >"$T"
#: send
# The file P to the host HOST, with the ssh that is here. The host is known by the fingerprint FP of its key, and by nothing that is known here.
# LINE goes before the file. Answers with why it could not be sent, or nothing. Whoever asked holds stdin open as long as this is to go on.
# Nothing that another program says is taken for what is wrong with P.
fail() {
  say
  printf '%s' "$1"
  exit 0
}
{ [ -f "$P" ] && [ -r "$P" ]; } || fail "it cannot be read"
for c in ssh ssh-keyscan ssh-keygen mktemp; do
  command -v $c >/dev/null 2>&1 || fail "$c: not found"
done
d=$(umask 077; mktemp -d "${TMPDIR:-/tmp}/.holdfast-XXXXXXXX" 2>&1) || fail "$d"
trap 'rm -rf "$d"' EXIT
trap 'exit 1' HUP INT TERM PIPE
ssh-keyscan -T 10 -p "$PORT" -- "$HOST" 2>/dev/null </dev/null | while read -r h key; do
  printf 'target %s\n' "$key" >"$d/one"
  case $(ssh-keygen -l -E sha256 -f "$d/one" 2>/dev/null) in *" $FP "*) cat "$d/one" >>"$d/known" ;; esac
done
[ -s "$d/known" ] || fail "the target, or one with its key, is out of reach of the source"
set -- -T -a -x -p "$PORT" -l "$LOGIN" -o BatchMode=yes -o StrictHostKeyChecking=yes -o "UserKnownHostsFile=$d/known" \
  -o GlobalKnownHostsFile=/dev/null -o HostKeyAlias=target -o IgnoreUnknown=KnownHostsCommand,UpdateHostKeys \
  -o KnownHostsCommand=none -o UpdateHostKeys=no -o CheckHostIP=no -o VerifyHostKeyDNS=no -o ControlMaster=no \
  -o ControlPath=none -o ClearAllForwardings=yes -o PermitLocalCommand=no -o ConnectTimeout=15 \
  -o ServerAliveInterval=15 -o LogLevel=ERROR -- "$HOST" "$BOOT"
exec 3<&0
{ printf '%s\n' "$LINE"; cat "$P"; } 2>/dev/null | ssh "$@" >"$d/said" 2>&1 &
p=$!
(cat <&3; kill "$p") >/dev/null 2>&1 &
w=$!
wait "$p"
s=$?
kill "$w" 2>/dev/null
[ $s = 0 ] || fail "ssh there says: $(tail -n 1 "$d/said")"
say
#: dump
# The access list and, behind NUL, the attributes of a file or directory.
say
if command -v getfacl >/dev/null 2>&1; then getfacl -cEsp -- "$P" 2>/dev/null; else printf '?'; fi
printf '\0'
getfattr -d -m '^user\.' -e base64 --absolute-names -- "$P" 2>/dev/null
exit 0
#: adopt
notes=
adopt "$P"
say
printf '%s' "$notes"
#: why
# Does again what has failed for a reason that was not told. T may be there, then it grows.
E=$(ls -ld "$P" 2>&1 >/dev/null)
case $E in *'oo long'* | *'Not a directory'*) fail "$E" ;; esac
if [ -e "$T" ]; then
  E=$( (printf '%65536s' x | cat >>"$T") 2>&1) || fail "${E:-the file could not be written to its end}"
else
  E=$( (set -C; : >"$T") 2>&1) || fail "${E:-the file could not be made}"
  rm -f "$T"
fi
say
