# Becomes a program that runs as user W, by the session's sudo: a shell that reads its script from the next line of stdin, or file transfer (S: sh or
# sftp). What it says of itself comes on stderr, before the program begins. Set before: N nonce, W user, D the session's directory ("" where nobody can
# be asked), G and Y what the session's sudo is to know (HOLDFAST_SUDO, HOLDFAST_SUDO_KEY), L and P what it is for and where, for people.
said() { printf '\036%s %s\n' "$N" "$*" >&2; }
said pid $$
if [ "$S" = sftp ]; then
  for f in /usr/lib/openssh /usr/libexec/openssh /usr/lib/ssh /usr/libexec /usr/libexec/ssh /usr/lib; do
    f=$f/sftp-server
    [ ! -x "$f" ] || break
  done
  [ -x "$f" ] || { said none sftp; exit 69; }
  set -- "$f"
else
  set -- /bin/sh -c 'echo "$3" >&2;IFS= read -r s;eval "$(printf %b "$s")"' "$L" "$HOME" "$P" "$N"
fi
if [ "$W" = root ]; then
  [ "$(id -u)" != 0 ] || exec "$@"
  set -- -- "$@"
else
  [ "$(id -un)" != "$W" ] || exec "$@"
  set -- -u "$W" -- "$@"
fi
if [ -n "$D" ] && [ -x "$D/bin/sudo" ]; then
  SUDO_ASKPASS=${SUDO_ASKPASS:-$D/bin/ask}
  HOLDFAST_SUDO=$G HOLDFAST_SUDO_KEY=$Y
  export SUDO_ASKPASS HOLDFAST_SUDO HOLDFAST_SUDO_KEY
  exec "$D/bin/sudo" "$@"
fi
command -v sudo >/dev/null 2>&1 && exec sudo -n "$@"
said none sudo
exit 69
