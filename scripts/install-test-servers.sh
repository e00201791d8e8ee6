#!/usr/bin/env bash
# Installs the servers and shells that the tests and the demo run against: Debian packages, by name, only what is missing.
# Without the right to install it says what is missing and goes on; with CI=true, or when sshd itself is missing, it fails.
set -euo pipefail
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

# program:package
needed=(
  sshd:openssh-server
  ssh:openssh-client
  dropbear:dropbear-bin
  zsh:zsh
  fish:fish
  busybox:busybox
  mksh:mksh
  tcsh:tcsh
  tmux:tmux
  google-authenticator:libpam-google-authenticator
  softhsm2-util:softhsm2
  openssl:openssl
  faketime:faketime
  ps:procps
  curl:curl
  sudo:sudo
  doas:opendoas
  python3:python3
  perl:perl
  vi:vim
  less:less
  nano:nano
  htop:htop
  mc:mc
  dialog:dialog
  gdb:gdb
  sqlite3:sqlite3
  man:man-db
  chromium:chromium
  git:git
  script:bsdutils
  gpg:gpg
  gpg-agent:gpg-agent
  pinentry-curses:pinentry-curses
  gnome-keyring-daemon:gnome-keyring
  dbus-run-session:dbus-daemon
  setfacl:acl
  setfattr:attr
  mkfs.btrfs:btrfs-progs
  ip:iproute2
  krb5kdc:krb5-kdc
  kadmin.local:krb5-admin-server
  kinit:krb5-user
  Xvfb:xvfb
  xauth:xauth
  ssh-askpass:ssh-askpass
  xdotool:xdotool
  xwd:x11-apps
  xev:x11-utils
  vtysh:frr
)

# 700 MB that only the tests of Windows hosts need: install-test-servers.sh windows
[ "${1:-}" != windows ] || needed+=(wine:wine)

# a PAM module, which is no program
modules=(
  pam_ssh_agent_auth.so:libpam-ssh-agent-auth
)

missing_packages() {
  local entry
  for entry in "${needed[@]}"; do
    command -v "${entry%%:*}" >/dev/null 2>&1 || printf '%s\n' "${entry#*:}"
  done
  for entry in "${modules[@]}"; do
    compgen -G "/lib/*/security/${entry%%:*}" >/dev/null || compgen -G "/lib/security/${entry%%:*}" >/dev/null || printf '%s\n' "${entry#*:}"
  done
  [ -e /usr/share/i18n/locales/de_DE ] || echo locales
}

# sudo asks in other languages, too
speak_german() {
  [ "$(id -u)" -ne 0 ] || locale -a 2>/dev/null | grep -q '^de_DE.utf8$' || localedef -i de_DE -f UTF-8 de_DE.UTF-8 || true
}

mapfile -t missing < <(missing_packages)
[ "${#missing[@]}" -eq 0 ] && { speak_german; exit 0; }

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing for the tests: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # No service is started: the tests start their own servers on loopback.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  log=$(mktemp)
  install() { apt-get install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1; }
  if ! install; then
    apt-get update >"$log" 2>&1 || cat "$log" >&2
    install || { cat "$log" >&2; rm -f "$log"; exit 1; }
  fi
  rm -f "$log"
  mapfile -t missing < <(missing_packages)
  [ "${#missing[@]}" -eq 0 ] && { speak_german; exit 0; }
fi

echo "Missing for the tests: ${missing[*]}" >&2
echo "Install them, on Debian or Ubuntu: sudo apt-get install ${missing[*]}" >&2
[ "${CI:-}" = true ] && exit 1
command -v sshd >/dev/null 2>&1 || exit 1
