# Stands for sudo in a session, first in its PATH: the real one, told to ask by SUDO_ASKPASS. Not where its password comes on stdin (-S), not
# what is no sudo of its own (a shim), not a sudo that does not know -A yet.
p=$PATH: s= v= h=${0%/*}
while [ -n "$p" ]; do d=${p%%:*} p=${p#*:}; [ "$d" != "$h" ] && [ -x "$d/sudo" ] && [ ! -d "$d/sudo" ] && { s=$d/sudo; break; }; done
[ -n "$s" ] || { echo 'sudo: not found' >&2; exit 127; }
a=-A
[ -u "$s" ] && [ -x "${SUDO_ASKPASS:-/}" ] || a=
[ ! -e /usr/lib/cargo/bin/sudo ] || case $("$s" --version 2>/dev/null) in sudo-rs\ 0.[01].*|sudo-rs\ 0.2.[0-9]|sudo-rs\ 0.2.10) a= ;; esac
for x; do
  [ -z "$v" ] || { v=; continue; }
  case $x in
  --stdin|-S*|-[ABEHKPbeiklnsv]S*|-[ABEHKPbeiklnsv][ABEHKPbeiklnsv]S*) a=; break ;;
  --*=*) ;;
  --) break ;;
  --user|--group|--prompt|--host|--close-from|--chdir|--chroot|--role|--type|--command-timeout|--other-user|-*[ugphCDRrtTU]) v=1 ;;
  -*|*=*) ;;
  *) break ;;
  esac
done
exec "$s" $a "$@"
