# Keeps a terminal: runs the command in argv on a pseudo-terminal of its own, its screen on stdout, its keys from stdin; ends as it ends.
import os, pty, select, signal, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
rd, wr = os.pipe()
os.set_blocking(wr, False)
os.set_blocking(fd, False)
signal.set_wakeup_fd(wr)
signal.signal(signal.SIGCHLD, lambda *a: None)
keys = b""
typed = True
status = None
while True:
    look = [fd, rd]
    if typed and not keys and status is None:
        look.append(0)
    r, w, x = select.select(look, [fd] if keys else [], [], None if status is None else 0.1)
    if rd in r:
        os.read(rd, 512)
    if status is None:
        done, s = os.waitpid(pid, os.WNOHANG)
        if done:
            status = s
    if 0 in r:
        keys = os.read(0, 4096)
        typed = bool(keys)
    if w:
        try:
            keys = keys[os.write(fd, keys):]
        except BlockingIOError:
            pass
        except OSError:
            keys = b""
    if fd in r:
        try:
            b = os.read(fd, 65536)
        except BlockingIOError:
            continue
        except OSError:
            b = b""
        if not b:
            break
        while b:
            b = b[os.write(1, b):]
    elif status is not None:
        break
if status is None:
    status = os.waitpid(pid, 0)[1]
sys.exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
