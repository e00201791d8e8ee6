# Looks at who asks for a secret (ask.sh), and hands over the answer. Requests on stdin: "look <pid>", "give <pid> <its stdout>", and in between
# "still <pid>"; the same for who asks on the terminal of a command: "term <number>", "type <number>"; and of a sudo that may be let in by a key
# "key <pid>", "lend <pid> <socket>" ("-": none; process 0: it has gone). Each is answered by control lines, the last of which is
# "end". N nonce, D directory.
LC_ALL=C
cd "$D" || exit 66
trap '' PIPE
say() { printf '\036%s %s\n' "$N" "$*"; }
# the beginning of file $2, on one line
raw() { printf '\036%s %s ' "$N" "$1"; { head -c 4096 "$2" | tr '\037\000\n\036' '?\037\r?'; } 2>/dev/null; echo; }
# process $1: its name nm, parent pp, effective user ue, beginning st
who() {
  nm= pp= ue= st=
  while read -r x y z w; do case $x in Name:) nm=$y ;; PPid:) pp=$y ;; Uid:) ue=$z ;; esac; done <"/proc/$1/status"
  read -r x <"/proc/$1/stat" && x=${x##*) } && set -- $x && st=${20}
} 2>/dev/null
gone() { [ ! -f "k.$1" ] || rm -f "k.$1" "a.$1" "no.$1" "rd.$1"; say gone; }
there() { case $1 in ''|*[!0-9]*) return 1 ;; esac; [ -p "a.$1" ] && kill -0 "$1" 2>/dev/null; }
# who has started process $1, h; for a pinentry (pinentry.sh) who wants to know, b, is the one above
parent() {
  who "$1"; h=${pp:-0}; who "$h"; b=$h
  say "parent $h ${ue:--} ${st:--} ${nm:--}"
  [ "$nm" = gpg-pinentry ] || return
  b=${pp:-0}; who "$b"
  say "agent $b ${ue:--} ${st:--} ${nm:--}"
}
# whose the file is that runs as process $1: we, its owner, its name
by() { x=$(readlink "/proc/$1/exe") && [ -n "$x" ] && set -- "$(ls -lnL "/proc/$1/exe")" && set -- $1 && say "by $(id -u) ${3:--} $x"; } 2>/dev/null
# a sudo that does not know -A (sudo.sh), which process $1 says that it stands for: what runs there, and the sudo beneath it
gated() {
  [ "$nm" = sudo ] && [ "$ue" != 0 ] || return
  raw wrapper bin/sudo
  [ "/proc/$1/exe" -ef /bin/sh ] || say 'wrapped other'
  poisoned "$1"
  for p in /proc/[0-9]*; do
    p=${p#/proc/}
    who "$p"
    [ "$pp" = "$1" ] && [ "$ue" = 0 ] && [ "$nm" = sudo ] && raw "gate" "/proc/$p/cmdline"
  done
  for p in /usr/bin/sudo /usr/lib/cargo/bin/sudo /run/wrappers/bin/sudo; do [ ! -u "$p" ] || say "version $p $("$p" --version 2>/dev/null | head -n 1)"; done
}
# what needs the passphrase that process $1 asks for, c, or 0: its last argument, as gpg-agent is no child of it
needs() { c=$(tr '\000' '\n' <"/proc/$1/cmdline" | tail -n 1); case $c in ''|0*|*[!0-9]*) c=0 ;; esac; }
# where the shell of process $1 would take its words from somewhere else
poisoned() { tr '\000\n' '\n?' <"/proc/$1/environ" 2>/dev/null | while IFS= read -r x; do case $x in BASH_FUNC_*|LD_*|BASH_ENV=*|SHELLOPTS=*|BASHOPTS=*) say "env ${x%%[!A-Z_]*}" ;; esac; done; }
look() {
  there "$1" || { gone "$1"; return; }
  [ -r /proc/self/status ] || { say blind; return; }
  parent "$1"
  gated "$h"
  by "$b"
  k=$1 c=$b
  if [ "$b" != "$h" ]; then
    raw entry "/proc/$h/cmdline"
    raw entrytext bin/gpg-pinentry
    [ "/proc/$h/exe" -ef /bin/sh ] || say 'exe other'
    needs "$1"
    [ $c = 0 ] || k=$c
    # it lets the programs of its user see less of it than those of root
    set -- "$1" $(ls -lnd "/proc/$b/fd") && [ "$4" = 0 ] && ! readlink "/proc/$b/exe" >/dev/null && say "hides $(id -u)"
  fi
  raw command "/proc/$c/cmdline"
  raw helper "/proc/$1/cmdline"
  raw text bin/ask
  say "stdout $(readlink "/proc/$1/fd/1")"
  [ "/proc/$1/exe" -ef /bin/sh ] || say 'exe other'
  poisoned "$1"
  belongs
}
# the command of the session that process k belongs to: the shell's, or one beside it
belongs() {
  read -r sp <pid; n=0
  while [ "${k:-0}" -gt 1 ] && [ $n -lt 64 ]; do
    n=$((n+1))
    [ "$k" != "$sp" ] || { say 'of shell'; break; }
    for f in bq.*; do [ -f "$f" ] && read -r y <"$f" && [ "$y" = "$k" ] && { say "of ${f#bq.}"; n=64; }; done
    who "$k"; k=$pp
  done
}
# a sudo that may be let in by a key, or will become one: as whom it runs, its name, its beginning and its command line
key() {
  case $1 in ''|0*|*[!0-9]*) return ;; esac
  [ -r "/proc/$1/status" ] || return
  who "$1"; say "process ${ue:--} ${nm:--} ${st:--}"
  raw command "/proc/$1/cmdline"
  k=$1; belongs
}
lend() {
  case $1 in ''|*[!0-9]*) return ;; esac
  # of a server that died: none is used for so long
  find sk.* sa.* -prune -mmin +1 -exec rm -f {} + 2>/dev/null
  case $1:$2 in 0:"$D"/sk.*) rm -f "$2" ;; 0:*) ;; *) [ -d "/proc/$1" ] && ( umask 077; printf '%s\n' "$2" >"sa.$1.n" && mv -f "sa.$1.n" "sa.$1" ) ;; esac
}
# whether process $1 still asks, and for whom
still() {
  there "$1" || { gone "$1"; return; }
  [ -r /proc/self/status ] || return
  parent "$1"
  # gpg-agent would wait for an answer for ever
  [ "$b" = "$h" ] || { needs "$1"; [ $c = 0 ] || [ -d "/proc/$c" ] || say gone; }
}
# who holds the reading end of process $1's stdout ($2), and of its answer; of the latter, what else is known
readers() {
  c=
  ls -ln /proc/[0-9]*/fd 2>/dev/null | grep -F -e /fd: -e " -> $2" -e " -> $D/a.$1" | while IFS= read -r l; do
    case $l in
    /proc/*/fd:) c=${l#/proc/}; c=${c%/fd:} ;;
    l-*) ;;
    *" -> $2") say "listens $c" ;;
    *" -> $D/a.$1"*) who "$c"; x=other; [ "/proc/$c/exe" -ef "$(command -v cat)" ] && x=cat; say "reads $c ${pp:-0} $x $(readlink "/proc/$c/fd/1")" ;;
    esac
  done
}
nap() { sleep 0.02 2>/dev/null || sleep 1; }
give() {
  there "$1" || { say gone; return; }
  # neither open waits: the first is a reader for the second
  exec 8<>"a.$1"
  exec 9>"a.$1"
  [ -r /proc/self/status ] || { n=0; until [ -f "rd.$1" ] || [ $n -ge 250 ]; do n=$((n+1)); nap; done; }
  exec 8<&-
  if [ -r /proc/self/status ]; then
    parent "$1"
    n=0; while [ $n -lt 50 ]; do n=$((n+1)); case $(readers "$1" "$2") in *" reads "*) n=50 ;; *) nap ;; esac; done
    # whoever waited at the fifo has it open now, or is about to; nobody else finds it
    rm -f "a.$1"
    nap
    readers "$1" "$2"
  fi
  say open
  say end
  # nothing: an end of file
  read -r n || n=0
  # all of it is read, also where nobody takes it any more: what is left would be the next request
  if [ "$n" = 0 ]; then : >"no.$1"; else dd bs=1 count="$n" 2>/dev/null | { cat >&9; cat >/dev/null; } 2>/dev/null; fi
  exec 9>&-
}
# the terminal of command $1: whether it hides what is typed, who is on it, and who else could read what is typed there
term() {
  case $1 in ''|*[!0-9]*) return 1 ;; esac
  k=$1
  [ -s "bw.$k" ] && read -r t <"bw.$k" && read -r lead <"bq.$k" && [ -c "$t" ] && [ -r /proc/self/stat ] && read -r x <"/proc/$lead/stat" || return
  x=${x##*) }; set -- $x
  sid=$4 fg=$6
  s=" $(stty -a <"$t" 2>/dev/null | tr '\n;' '  ') "
  case $s in *' -echo '*) ;; *) return ;; esac
  case $s in *' icanon '*) ;; *) return ;; esac
  say "hidden $fg $sid"
  for p in /proc/[0-9]*; do
    read -r x <"$p/stat" || continue
    x=${x##*) }; set -- $x
    [ "$4" = "$sid" ] || [ "$3" = "$fg" ] || continue
    p=${p#/proc/} g="$2 $3 $4" v=$1 b=${20}
    who "$p"
    c=-; read -r c x <"/proc/$p/syscall" || c=-
    # how often it has waited for something: a process that has waited for one thing all the time shows the same number
    sw=-; while read -r x y; do case $x in voluntary_ctxt_switches:) sw=$y ;; esac; done <"/proc/$p/status"
    say "proc $p $g ${ue:--} $b $v ${c:--} $sw ${nm:--}"
    [ "$ue" = 0 ] || continue
    raw "argv $p" "/proc/$p/cmdline"
    x=$(readlink "/proc/$p/exe") && [ -n "$x" ] && say "exe $p $x"
  done
  p=$lead n=0
  while [ "${p:-0}" -gt 1 ] && [ $n -lt 64 ]; do n=$((n+1)); who "$p"; say "above $p ${pp:-0}"; p=$pp; done
  for n in su doas passwd; do
    x=$(PATH=/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin:/run/wrappers/bin command -v $n) && x=$(readlink -f "$x") || continue
    set -- $(ls -ln "$x") && say "file $n $1 $3 $x"
  done
  [ ! -f "bh.$k" ] || { read -r x <"bh.$k" && say "holder $x"; }
  ls -ln /proc/[0-9]*/fd | grep -F -e /fd: -e " -> $t" -e " -> $D/bi.$k" | while IFS= read -r l; do
    case $l in
    /proc/*/fd:) c=${l#/proc/}; c=${c%/fd:} ;;
    l-*) ;;
    *" -> $t"|*" -> $D/bi.$k") say "reads $c" ;;
    esac
  done
} 2>/dev/null
keys() {
  term "$1"
  # for reading first: that makes no file where the fifo has just gone
  [ -p "bi.$1" ] && exec 8<"bi.$1" || return
  say open
  say end
  read -r n || n=0
  [ "$n" = 0 ] || dd bs=1 count="$n" >"/proc/$$/fd/8" 2>/dev/null
  exec 8<&-
}
while read -r op p x; do
  case $op in look) look "$p" ;; still) still "$p" ;; give) give "$p" "$x" ;; term) term "$p" ;; key) key "$p" ;; lend) lend "$p" "$x" ;; type) keys "$p" ;; esac
  say end
done
