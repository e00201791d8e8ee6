# Becomes a program that runs as user W, by the session's sudo: a shell that reads its script from the next line of stdin, or file transfer (S: sh or
# sftp). What it says of itself comes on stderr. Set before: N nonce, W user, D the session's directory ("" where nobody can be asked), G and Y what the
# session's sudo is to know (HOLDFAST_SUDO, HOLDFAST_SUDO_KEY), L and P what it is for and where, for people; I "" where the session's shell has no time.
said() { printf '\036%s %s\n' "$N" "$*" >&2; }
if [ "$S" = sftp ]; then
  for f in /usr/lib/openssh /usr/libexec/openssh /usr/lib/ssh /usr/libexec /usr/libexec/ssh /usr/lib; do
    f=$f/sftp-server
    [ ! -x "$f" ] || break
  done
  [ -x "$f" ] || { said pid $$; said none sftp; exit 69; }
  set -- "$f"
else
  set -- /bin/sh -c 'echo "$3" >&2;IFS= read -r s;eval "$(printf %b "$s")"' "$L" "$HOME" "$P" "$N"
fi
if [ "$W" = root ]; then
  [ "$(id -u)" != 0 ] || { said pid $$; exec "$@"; }
  set -- -- "$@"
else
  [ "$(id -un)" != "$W" ] || { said pid $$; exec "$@"; }
  set -- -u "$W" -- "$@"
fi
if [ -n "$D" ] && [ -x "$D/bin/sudo" ]; then
  SUDO_ASKPASS=${SUDO_ASKPASS:-$D/bin/ask}
  HOLDFAST_SUDO=$G HOLDFAST_SUDO_KEY=$Y
  export SUDO_ASKPASS HOLDFAST_SUDO HOLDFAST_SUDO_KEY
  # sudo keeps its tickets by session and terminal, so the shell that has both starts it, when that has nothing else to do. Whoever renames the text
  # of it first has it: the shell, or we, when the shell has not come to it.
  f=$D/el.$$
  if [ -n "$I" ] && [ -s "$D/tt" ] && read -r g <"$D/gen" && [ -p "$D/q.$g" ]; then
    # $1 as a word for a shell
    q() {
      y=$1
      printf "'"
      while :; do
        case $y in
        *\'*) printf "%s'\\\\''" "${y%%\'*}"; y=${y#*\'} ;;
        *) break ;;
        esac
      done
      printf "%s' " "$y"
    }
    trap 'rm -f "$f".*' 0
    (
      umask 077
      mkfifo "$f.i" "$f.o" "$f.e" && {
        printf "mv '%s.s' '%s.t' || exit\n" "$f" "$f"
        printf 'export'
        for x in SUDO_ASKPASS HOLDFAST_SUDO HOLDFAST_SUDO_KEY; do
          eval "printf ' %s=' $x; q \"\$$x\""
        done
        # the login's directory, not that of the session
        printf '\ncd '
        q "$PWD"
        printf "\nsh -c 'printf \"\\\\036%s pid %%s\\\\n\" \$\$ >&2;exec \"\$0\" \"\$@\"' " "$N"
        for x in "$D/bin/sudo" "$@"; do q "$x"; done
        printf "<'%s.i' >'%s.o' 2>'%s.e'\necho \$? >'%s.r'\n" "$f" "$f" "$f" "$f"
      } >"$f.n" && mv "$f.n" "$f.s"
    ) && printf '%s\n' "_hf_w=\$?;[ ! -f '$f.s' ] || (sh '$f.s' </dev/null >/dev/null 2>&1 &);case \$-:\$_hf_w in *e*:*) ;; *) (exit \$_hf_w);; esac" 1<>"$D/q.$g"
    nap() { sleep 0.02 2>/dev/null || sleep 1; }
    n=0
    while [ -f "$f.s" ] && [ $n -lt 50 ]; do n=$((n+1)); nap; done
    if ! mv "$f.s" "$f.x" 2>/dev/null && [ -f "$f.t" ]; then
      exec 5<&0
      cat <&5 >"$f.i" &
      c=$!
      cat "$f.e" >&2 &
      e=$!
      cat "$f.o"
      wait $e
      kill $c 2>/dev/null
      n=0
      while [ ! -s "$f.r" ] && [ $n -lt 250 ]; do n=$((n+1)); nap; done
      read -r r <"$f.r" || r=255
      exit "$r"
    fi
    rm -f "$f".*
    trap - 0
  fi
  said pid $$
  exec "$D/bin/sudo" "$@"
fi
said pid $$
command -v sudo >/dev/null 2>&1 && exec sudo -n "$@"
said none sudo
exit 69
