# Gives the file $2 the mode, the access list and the extended attributes of $1; a word for what it could not be given is added to `notes`.
keep() {
  # GNU: mode and ACL, then attributes; nothing is left of a failure that matters.
  if ! E=$(cp --attributes-only --preserve=mode,xattr "$1" "$2" 2>&1); then
    # shellcheck disable=SC2012
    case $(ls -ld "$1") in
    ??????????+*) { getfacl -p "$1" | setfacl --set-file=- "$2"; } 2>/dev/null || notes="$notes acl" ;;
    *) command -v getfacl >/dev/null 2>&1 || notes="$notes unsure" ;;
    esac
    case $E in *'reserving '*) notes="$notes xattr" ;; esac
  fi
}
