# Pinentry of a session, for a gpg-agent that has been told to use it: asks as ask.sh does, whose answer goes straight to gpg-agent. The
# protocol is Assuan. What is asked begins with GETPIN or CONFIRM, and the text still has the escapes of gpg-agent.
# Set before this text: d, the session's directory.
PATH=$PATH:/usr/bin:/bin
[ -r /proc/self/stat ] || exit 1
t= e= o=
ask() { printf %s "$3"; if "$d/bin/ask" "$1 $e $t" "${o:-0}"; then echo OK; else printf '\nERR %s\n' "$2"; fi; e=; }
echo 'OK Pleased to meet you'
while IFS= read -r x; do
  case $x in
  SETDESC\ *) t=${x#* }; echo OK ;;
  SETERROR\ *) e=${x#* }; echo OK ;;
  OPTION\ owner=*) o=${x#*=}; o=${o%%[!0-9]*}; echo OK ;;
  # the answer is data, or a comment: until the end of its line
  GETPIN*) ask GETPIN '83886179 Operation cancelled' 'D ' ;;
  CONFIRM\ --one-button*|MESSAGE*) echo OK ;;
  CONFIRM*) ask CONFIRM '83886194 Not confirmed' '# ' ;;
  # so that gpg-agent can end this one
  'GETINFO pid') printf 'D %s\nOK\n' $$ ;;
  BYE*) echo OK; exit ;;
  *) echo OK ;;
  esac
done
