# Gives the session shell a controlling terminal, and becomes it (runner.sh): sudo keeps its tickets by that and by the shell's session, so
# one is good for whatever the shell starts. Nobody can open the terminal, root neither: once the shell has it, its other end is locked, so
# that programs which would ask there fail at once, as without one. What holds it open is no child of the shell, and is the terminal's
# foreground: nothing else is stopped, or hung up at the shell's end, which ends it. Where any of this fails the shell has no terminal.
# It is told to press Ctrl+C (USR1) or Ctrl+\ (USR2) there: the shell's group is the foreground until the kernel has given it the signal, which
# the echo tells, and the kernel asks nobody whose processes they are.
# Run by a leader of its session, in the session's directory.
if command -v perl >/dev/null 2>&1; then exec perl -e '
  my($m,$s);
  # TIOCSPTLCK off, TIOCGPTN; opening it makes it ours, which TIOCGSID shows
  my($n,$g,$l)=map{pack"i",$_}0,0,1;
  my $p=pack"i",getpgrp;
  if(sysopen($m,"/dev/ptmx",258)&&ioctl($m,0x40045431,$n)&&ioctl($m,0x80045430,$n)&&sysopen($s,"/dev/pts/".unpack("i",$n),2)&&ioctl($s,0x5429,$g)){
  my $c=fork;
  if(defined $c&&!$c){
  $SIG{$_}="IGNORE"for qw(INT QUIT TERM TTOU);
  $SIG{HUP}="DEFAULT";
  setpgrp;
  $g=pack"i",$$;
  # TIOCSPGRP, TIOCSPTLCK on
  ioctl($s,0x5410,$g)&&ioctl($m,0x40045431,$l)||exit;
  exit if fork;
  $0="holdfast-terminal";
  my $k=sub{
  my($b,$r)=("","");
  ioctl($s,0x5410,$p)&&syswrite $m,$_[0];
  vec($b,fileno$m,1)=1;
  select($b,undef,undef,2)&&sysread $m,$r,99;
  ioctl $s,0x5410,$g;
  };
  $SIG{USR1}=sub{$k->("\x03")};
  $SIG{USR2}=sub{$k->("\x1c")};
  if(open my $f,">","tt"){print $f "$$\n";close $f}
  sleep 1e6 while 1;
  }
  waitpid $c,0 if $c;
  }
  exec @ARGV' sh runner.sh; fi
for p in python3 /usr/libexec/platform-python; do command -v $p >/dev/null 2>&1 && exec $p -ISc '
"holdfast-terminal"
import os,sys,time
from select import select
from signal import *
from fcntl import ioctl
go=lambda *_:(signal(SIGPIPE,SIG_DFL),signal(SIGXFSZ,SIG_DFL),os.execvp("sh",["sh","runner.sh"]))
sys.excepthook=go
n=lambda v:v.to_bytes(4,sys.byteorder)
m=os.open("/dev/ptmx",258)
ioctl(m,0x40045431,n(0))
s=os.open("/dev/pts/%d"%int.from_bytes(ioctl(m,0x80045430,n(0)),sys.byteorder),2)
ioctl(s,0x5429,n(0))
c=os.fork()
if c: os.waitpid(c,0);go()
sys.excepthook=lambda *_:os._exit(1)
for x in SIGINT,SIGQUIT,SIGTERM,SIGTTOU: signal(x,SIG_IGN)
signal(SIGHUP,SIG_DFL)
p=os.getpgid(0)
key=lambda k:(ioctl(s,0x5410,n(p)),os.write(m,k),select([m],[],[],2)[0] and os.read(m,99),ioctl(s,0x5410,n(os.getpgid(0))))
os.setpgid(0,0)
ioctl(s,0x5410,n(os.getpid()))
ioctl(m,0x40045431,n(1))
if os.fork(): os._exit(0)
signal(SIGUSR1,lambda *_:key(b"\x03"))
signal(SIGUSR2,lambda *_:key(b"\x1c"))
with open("tt","w") as f: f.write("%d\n"%os.getpid())
while 1: time.sleep(1e6)
'; done
exec sh runner.sh
