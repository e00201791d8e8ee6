"""A network device's command line on a real terminal: reads keys, echoes and edits as such devices do, pages, and misbehaves as it is told.

argv[1] is a JSON file: {"family", "host", "enable", "log", "chunk", "pause_ms", "noise", "seed", "silent", "dies_after", "hostile", ...}.
Every line that was typed goes to `log`, one JSON text a line.
"""
import json
import os
import random
import select
import sys
import termios
import time
import tty

# Nothing is left beside the sources.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from families import FAMILIES  # noqa: E402


class Gone(Exception):
    pass


class Device:
    def __init__(self, settings):
        self.settings = settings
        self.random = random.Random(settings.get("seed", 1))
        self.host = settings.get("host", "sw1")
        self.length = settings.get("page", 24)
        self.lines_typed = 0
        # Whoever types nothing for a second is logged out.
        self.leaving = False
        self.family = FAMILIES[settings["family"]](self)

    # output

    def write(self, text):
        data = text.replace("\n", "\r\n").encode()
        chunk = self.settings.get("chunk", 4096)
        for at in range(0, len(data), chunk):
            os.write(1, data[at:at + chunk])
            self.rest()

    def rest(self):
        low, high = self.settings.get("pause_ms", [0, 0])
        if high > 0:
            time.sleep(self.random.uniform(low, high) / 1000)

    def print(self, lines):
        """Prints lines, page by page while a page has a length."""
        shown = 0
        for line in lines:
            if self.length and shown == self.length - 1:
                shown = 0
                if not self.ask_for_page():
                    return
            self.write(line + "\n")
            if self.settings.get("hostile") and self.looks_like_prompt(line):
                self.rest()
            shown += 1

    def ask_for_page(self):
        pager, erase = self.family.pager
        os.write(1, pager.encode())
        while True:
            key = self.key()
            if key in (" ", "\r", "\n"):
                os.write(1, erase.encode())
                return True
            if key in ("q", "Q", "!", "#", "\x03"):
                os.write(1, erase.encode())
                return False

    def looks_like_prompt(self, line):
        return line.rstrip()[-1:] in "#>:$%" if line else False

    # input

    def key(self):
        data = os.read(0, 1)
        if not data:
            raise Gone()
        return data.decode("latin-1")

    def read_line(self, hidden=False):
        """One line as it was typed; Ctrl-C gives none."""
        line = ""
        while True:
            key = self.key()
            if key in ("\r", "\n"):
                os.write(1, b"\r\n")
                self.note(line, hidden)
                return line
            if key == "\x04" and line == "":
                os.write(1, b"^D\r\n")
                return key
            if key == "\x03":
                os.write(1, b"^C\r\n")
                return None
            if key in ("\b", "\x7f"):
                if line and not hidden:
                    os.write(1, b"\b \b")
                line = line[:-1]
                continue
            if key == " " and not hidden:
                done = self.family.complete(line)
                if done != line:
                    os.write(1, done[len(line):].encode())
                    line = done
            line += key
            if not hidden and not self.settings.get("no_echo"):
                os.write(1, key.encode("latin-1"))

    def note(self, line, hidden):
        if "log" in self.settings:
            with open(self.settings["log"], "a", encoding="utf-8") as log:
                log.write(json.dumps(("secret " if hidden else "") + line) + "\n")

    def read_block(self, ends):
        """Lines as they are, up to one that ends them; other text of devices comes in between."""
        os.write(1, self.family.between.encode())
        while True:
            line = self.read_line()
            if line is None or ends(line):
                return
            os.write(1, self.family.between.encode())

    def ask(self, question, hidden=False):
        os.write(1, question.encode())
        answer = self.read_line(hidden)
        return "" if answer is None else answer

    # the session

    def run(self):
        if self.settings.get("wake"):
            while self.key() != "\r":
                pass
            self.write("\n")
        self.write(self.settings.get("banner", ""))
        if self.settings.get("silent"):
            while True:
                self.key()
        if self.settings.get("closes"):
            return
        while True:
            self.log_in()
            if self.commands() or "login" not in self.settings:
                return
            self.family = FAMILIES[self.settings["family"]](self)

    def log_in(self):
        """As a login program on a console: as often as it takes."""
        user, password = self.settings.get("login", (None, None))
        while user is not None:
            name = self.ask(f"\r\n{self.host} login: ")
            given = self.ask("Password: ", True)
            if [name, given] == [user, password]:
                self.write("Last login: Sat Nov 28 10:00:00 on ttyS0\n")
                return
            self.write("\nLogin incorrect\n")

    def commands(self):
        """Until somebody leaves; true when the line is gone with that."""
        self.leaving = False
        if "line_password" in self.settings:
            for _ in range(3):
                if self.ask("Password: ", True) == self.settings["line_password"]:
                    break
            else:
                return True
        while True:
            os.write(1, self.family.prompt().encode().replace(b"\n", b"\r\n"))
            if self.leaving and not select.select([0], [], [], 1)[0]:
                self.write("\nTimed out\n")
                return False
            line = self.read_line()
            if line is None:
                continue
            self.lines_typed += 1
            if self.settings.get("dies_at") and self.settings["dies_at"] in line:
                self.write("Building configuration...\n")
                return True
            if self.settings.get("noise"):
                self.async_log()
            if self.family.execute(line.strip()) is False:
                return False

    def async_log(self):
        """A log line on its own, and the prompt painted again behind it, as a console does."""
        if self.random.random() < self.settings["noise"]:
            self.write("\n*Mar  1 00:00:01.123: %LINK-3-UPDOWN: Interface Gi0/1, changed state to up\n")
            os.write(1, self.family.prompt().encode().replace(b"\n", b"\r\n"))
            self.rest()
            os.write(1, b"\r\n")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        settings = json.load(file)
    device = Device(settings)
    command = os.environ.get("SSH_ORIGINAL_COMMAND")
    if command is not None:
        sys.exit(device.family.exec(command))
    before = termios.tcgetattr(0)
    tty.setraw(0)
    try:
        device.run()
    except (Gone, OSError):
        pass
    finally:
        termios.tcsetattr(0, termios.TCSANOW, before)


main()
