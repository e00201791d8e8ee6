# Where the link $1 leads, in t: any bytes, also a line feed at the end.
target() {
  if command -v readlink >/dev/null 2>&1; then
    t=$(readlink "$1"; echo .)
    t=${t%??}
  else
    t=$(ls -ld "$1"; echo .)
    t=${t%??}
    t=${t#*"$1 -> "}
  fi
}
