# Keeps a terminal, where there is Linux and no more than perl's core: the command in argv on a pseudo-terminal of its own, its screen on
# stdout, its keys from stdin; ends as it ends. The numbers are TIOCSPTLCK, TIOCGPTN and TIOCSCTTY.
use POSIX;
sysopen(M, "/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK) or exit 126;
my $u = pack("i", 0);
ioctl(M, 0x40045431, $u) or exit 126;
my $n = pack("i", 0);
ioctl(M, 0x80045430, $n) or exit 126;
$n = unpack("i", $n);
pipe(R, W) or exit 126;
$SIG{CHLD} = sub { syswrite(W, "x") };
my $p = fork;
exit 126 unless defined $p;
if (!$p) {
  $SIG{CHLD} = "DEFAULT";
  setsid();
  open(S, "+<", "/dev/pts/$n") or POSIX::_exit(126);
  ioctl(S, 0x540E, 0);
  dup2(fileno(S), $_) for 0, 1, 2;
  close(S) if fileno(S) > 2;
  close(M);
  exec { $ARGV[0] } @ARGV;
  POSIX::_exit(127);
}
my ($typed, $keys, $status) = (1, "", undef);
while (1) {
  my ($r, $w) = ("", "");
  vec($r, fileno(M), 1) = 1;
  vec($r, fileno(R), 1) = 1;
  vec($r, 0, 1) = 1 if $typed && $keys eq "" && !defined $status;
  vec($w, fileno(M), 1) = 1 if $keys ne "";
  my $c = select($r, $w, undef, defined $status ? 0.1 : undef);
  next if $c < 0;
  sysread(R, my $x, 512) if vec($r, fileno(R), 1);
  if (!defined $status && waitpid($p, WNOHANG) == $p) { $status = $? }
  if (vec($r, 0, 1)) { $typed = sysread(STDIN, $keys, 4096) ? 1 : 0 }
  if (vec($w, fileno(M), 1)) {
    my $k = syswrite(M, $keys);
    if (defined $k) { substr($keys, 0, $k) = "" }
    elsif (!$!{EAGAIN} && !$!{EINTR}) { $keys = "" }
  }
  if (vec($r, fileno(M), 1)) {
    my $k = sysread(M, my $b, 65536);
    next if !defined $k && ($!{EAGAIN} || $!{EINTR});
    last if !$k;
    while (length $b) {
      my $o = syswrite(STDOUT, $b);
      if (defined $o) { substr($b, 0, $o) = "" }
      elsif (!$!{EINTR}) { exit 126 }
    }
  }
  elsif (defined $status) { last }
}
if (!defined $status) { waitpid($p, 0); $status = $? }
exit($status & 127 ? 128 + ($status & 127) : $status >> 8);
