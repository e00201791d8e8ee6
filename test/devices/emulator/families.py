"""What command lines of different makers say: prompts by mode, what leads from one mode to another, how errors and questions look."""
import os
import re


def lines(count, tag):
    return [f"{tag} {number:05d}" for number in range(count)]


class Family:
    pager = ("--More-- ", "\r         \r")
    modes = ()
    between = ""
    secret = "Password: "

    def __init__(self, device):
        self.device = device
        self.mode = device.settings.get("mode", self.modes[0])
        self.dirty = False

    def say(self, text):
        self.device.write(text)

    def complete(self, line):
        return line

    def exec(self, command):
        self.device.length = 0
        print(f"Line has invalid autocommand \"{command}\"")
        return 1

    def unknown(self, line):
        self.say("        ^\n% Invalid input detected at '^' marker.\n\n")

    def common(self, line):
        """What every family of these tests can do. True when it was done."""
        found = re.fullmatch(r"(?:show|display|get|/?print) lines (\d+) (\S+)", line)
        if found:
            self.device.print(self.hostile_lines(int(found[1]), found[2]))
            return True
        if line == "leave soon":
            self.device.leaving = True
            return True
        if line == "show term":
            self.say(f"{os.environ.get('TERM')} {os.get_terminal_size(0).columns}\n")
            return True
        if line == "copy over":
            self.say(f"secret of {len(self.device.ask('Password: ', True))}\n")
            return True
        if line in ("", "!") or line[:1] in self.comments:
            return True
        return False

    comments = "!"

    def hostile_lines(self, count, tag):
        plain = lines(count, tag)
        if not self.device.settings.get("hostile"):
            return plain
        chance = self.device.random
        host = self.device.host
        baits = [f"{host}#", f"{host}>", f"{host}(config)#", f"{host}# show version", "--More--", " --More-- ",
                 "Password:", "Continue? [yes/no]:", "[confirm]", f"{host}#!k7f3q2", "% not an error"]
        return [f"{chance.choice(baits)}" if chance.random() < 0.24 else line for line in plain]

    def enable(self):
        secret = self.device.settings.get("enable")
        if secret is None:
            self.mode = "priv"
            return
        for _ in range(3):
            if self.device.ask(self.secret, True) == secret:
                self.mode = "priv"
                return
        self.say("% Bad secrets\n\n")


class Ios(Family):
    modes = ("user", "priv")
    pager = (" --More-- ", "\b" * 10 + " " * 10 + "\b" * 10)

    def prompt(self):
        host = self.device.host
        if self.mode in ("user", "priv"):
            return host + (">" if self.mode == "user" else "#")
        return f"{host[:20]}({self.mode})#"

    def execute(self, line):
        if line == "show version":
            self.device.print(["Cisco IOS Software, Emulated, Version 15.2(7)E", f"{self.device.host} uptime is 1 week"])
        elif line == "show slow":
            self.say("Testing...\n")
            import time
            time.sleep(self.device.settings.get("slow_s", 2))
            self.say("done\n")
        elif line.startswith("terminal length "):
            self.device.length = int(line.split()[-1])
        elif line.startswith("terminal "):
            pass
        elif line == "enable" and self.mode == "user":
            self.enable()
        elif line == "disable":
            self.mode = "user"
        elif line in ("exit", "end", "quit") or self.common(line):
            return self.leave(line)
        elif self.mode == "priv":
            return self.privileged(line)
        elif self.mode.startswith("config"):
            self.configure(line)
        else:
            self.unknown(line)

    def privileged(self, line):
        if line == "configure terminal":
            self.say("Enter configuration commands, one per line.  End with CNTL/Z.\n")
            self.mode = "config"
        elif line == "clear counters":
            self.device.ask('Clear "show interface" counters on all interfaces [confirm]')
        elif line.startswith("copy running-config"):
            name = self.device.ask("Destination filename [startup-config]? ")
            self.say(f"Building configuration...\n[OK] {name}\n")
        elif line == "write memory":
            self.say("Building configuration...\n[OK]\n")
        else:
            self.unknown(line)

    def leave(self, line):
        if line not in ("exit", "end", "quit"):
            return None
        if not self.mode.startswith("config"):
            return False
        self.mode = "priv" if line == "end" or self.mode == "config" else "config"
        if self.mode == "priv":
            self.say("*Mar  1 00:00:02: %SYS-5-CONFIG_I: Configured from console by vty0\n")
        return None

    def configure(self, line):
        if line.startswith("interface "):
            self.mode = "config-if"
        elif line.startswith("banner motd "):
            delimiter = line.split(maxsplit=2)[2][:2]
            self.say(f"Enter TEXT message.  End with the character '{delimiter}'.\n")
            self.device.read_block(lambda one: delimiter in one)
        elif line.startswith("hostname "):
            self.device.host = line.split()[1]
        elif re.match(r"(?:no )?(?:description|ip address|shutdown|ntp|snmp-server|vlan)\b", line):
            pass
        else:
            self.unknown(line)


class Xr(Ios):
    modes = ("priv",)
    timestamps = True

    def prompt(self):
        mode = "" if self.mode == "priv" else f"({self.mode})"
        return f"RP/0/RP0/CPU0:{self.device.host}{mode}#"

    def execute(self, line):
        if line == "terminal exec prompt no-timestamp":
            self.timestamps = False
        if line.startswith("show") and self.timestamps:
            self.say("\nSat Nov 28 10:00:00.000 UTC\n")
        if not self.mode.startswith("config"):
            return super().execute(line)
        if line.startswith("commit"):
            if self.device.settings.get("commit_fails"):
                self.say("\n% Failed to commit one or more configuration items during a pseudo-atomic operation.\n")
            else:
                self.dirty = False
        elif line in ("end", "exit") and self.dirty and (line == "end" or self.mode == "config"):
            answer = self.device.ask("Uncommitted changes found, commit them before exiting(yes/no/cancel)? [cancel]:")
            if answer in ("yes", "no"):
                self.dirty = False
                self.mode = "priv"
        elif line == "abort":
            self.dirty = False
            self.mode = "priv"
        else:
            return super().execute(line)

    def configure(self, line):
        before = self.mode
        super().configure(line)
        if before == self.mode:
            self.dirty = True


class Junos(Family):
    modes = ("user", "config")
    comments = "#"
    pager = ("---(more)---", "\r            \r")
    words = ("show", "configure", "set", "delete", "commit", "exit", "rollback")

    def prompt(self):
        user = f"admin@{self.device.host}"
        return f"\n[edit]\n{user}# " if self.mode == "config" else f"\n{{master:0}}\n{user}> "

    def complete(self, line):
        found = [word for word in self.words if line and word.startswith(line)]
        return found[0] if len(found) == 1 else line

    def unknown(self, line):
        self.say("       ^\nunknown command.\n")

    def execute(self, line):
        if self.common(line):
            return None
        if line.startswith("set cli screen-length"):
            self.device.length = int(line.split()[-1])
            self.say(f"Screen length set to {self.device.length}\n")
        elif line.startswith("set cli"):
            pass
        elif line == "show version":
            self.device.print([f"Hostname: {self.device.host}", "Model: mx204", "Junos: 21.4R3"])
        elif self.mode == "config":
            return self.configure(line)
        elif line in ("configure", "configure exclusive", "configure private"):
            self.say("Entering configuration mode\n")
            self.mode = "config"
        elif line in ("exit", "quit"):
            return False
        else:
            self.unknown(line)
        return None

    def configure(self, line):
        if line == "load merge terminal":
            self.say("[Type ^D at a new line to end input]\n")
            self.device.read_block(lambda one: one == "\x04")
            self.dirty = True
            self.say("load complete\n")
        elif re.match(r"(?:set|delete) (?!bogus)\S+", line):
            self.dirty = True
        elif re.match(r"(?:set|delete)\b", line):
            self.say("              ^\nsyntax error.\n")
        elif line.startswith("commit confirmed"):
            self.dirty = False
            minutes = (line.split() + ["10"])[2]
            self.say(f"commit confirmed will be automatically rolled back in {minutes} minutes unless confirmed\ncommit complete\n")
        elif line == "commit":
            if self.device.settings.get("commit_fails"):
                self.say("error: configuration check-out failed\n")
            else:
                self.dirty = False
                self.say("commit complete\n")
        elif line.startswith("rollback"):
            self.dirty = False
            self.say("load complete\n")
        elif line in ("exit", "quit", "exit configuration-mode"):
            if self.dirty:
                self.say("The configuration has been changed but not committed\n")
                if self.device.ask("Exit with uncommitted changes? [yes,no] (yes) ") not in ("", "yes"):
                    return None
            self.dirty = False
            self.mode = "user"
            self.say("Exiting configuration mode\n")
        else:
            self.unknown(line)
        return None


class Vrp(Family):
    modes = ("user", "config")
    comments = "#"
    pager = ("  ---- More ----", "\x1b[16D" + " " * 16 + "\x1b[16D")

    def prompt(self):
        if self.mode == "user":
            return f"<{self.device.host}>"
        where = "" if self.mode == "config" else f"-{self.mode}"
        return f"[{'*' if self.dirty else '~'}{self.device.host}{where}]"

    def unknown(self, line):
        self.say("        ^\nError: Unrecognized command found at '^' position.\n")

    def execute(self, line):
        if self.common(line):
            return None
        if line == "screen-length 0 temporary":
            self.device.length = 0
            self.say("Info: The configuration takes effect on the current user terminal interface only.\n")
        elif line == "display version":
            self.device.print(["Huawei Versatile Routing Platform Software", "VRP (R) software, Version 8.180 (CE6850EI V200R005C10SPC800)",
                               "[V200R005C10SPC800]"])
        elif self.mode == "user":
            if line == "system-view":
                self.say("Enter system view, return user view with return command.\n")
                self.mode = "config"
            elif line == "reset saved-configuration":
                self.device.ask("Warning: The action will delete the saved configuration. Continue? [Y/N]:")
            elif line == "quit":
                return False
            else:
                self.unknown(line)
        else:
            self.configure(line)
        return None

    def configure(self, line):
        if line == "commit":
            self.dirty = False
        elif line in ("return", "quit"):
            if self.dirty and (line == "return" or self.mode == "config"):
                answer = self.device.ask(
                    "Warning: Uncommitted configurations found. Are you sure to commit them before exiting? [Y(yes)/N(no)/C(cancel)]:")
                if answer[:1].upper() not in ("Y", "N"):
                    return
                self.dirty = False
            self.mode = "user" if line == "return" or self.mode == "config" else "config"
        elif line.startswith("interface "):
            self.mode = line.split()[1]
        elif re.match(r"(?:undo )?(?:description|sysname|ip address|vlan)\b", line):
            self.dirty = True
        else:
            self.unknown(line)


class Fortios(Family):
    modes = ("priv",)
    between = "> "
    comments = "#"
    pager = ("--More-- ", "\r         \r")

    def prompt(self):
        where = "" if self.mode == "priv" else f"({self.mode}) "
        return f"{self.device.host} {where}# "

    def unknown(self, line):
        word = line.split()[0]
        self.say(f"Unknown action 0\n\ncommand parse error before '{word}'\nCommand fail. Return code -61\n")

    def execute(self, line):
        if self.common(line):
            return None
        if line == "get system status":
            self.device.print(["Version: FortiGate-VM64 v7.2.4,build1396,230131 (GA.F)", f"Hostname: {self.device.host}"])
        elif line.startswith("config "):
            self.mode = line.split()[-1]
        elif line.startswith(("set ", "edit ", "next", "unset ")) and self.mode != "priv":
            if "bogus" in line:
                self.unknown(line)
            elif line.count('"') == 1:
                self.device.read_block(lambda one: one.endswith('"'))
        elif line in ("end", "abort") and self.mode != "priv":
            self.mode = "priv"
        elif line == "execute reboot":
            self.say("This operation will reboot the system !\n")
            self.device.ask("Do you want to continue? (y/n)")
        elif line == "exit":
            return False
        else:
            self.unknown(line)
        return None


class Routeros(Family):
    modes = ("priv",)
    comments = "#"
    pager = ("-- [Q quit|D dump|down]", "\r" + " " * 24 + "\r")

    def prompt(self):
        text = f"[admin@{self.device.host}] > "
        # Its console paints a prompt more than once.
        return f"\r\r\x1b[K{text}\r\x1b[K{text}"

    def answer(self, line):
        found = re.fullmatch(r"print lines (\d+) (\S+)", line)
        if found:
            return "\n".join(lines(int(found[1]), found[2])) + "\n"
        if line == "/system resource print":
            return "                   version: 7.10 (stable)\n                  platform: MikroTik\n"
        if line.startswith(("/ip address add", "#")) or line == "":
            return ""
        return f"bad command name {line.split()[0]} (line 1 column 1)\n"

    def exec(self, command):
        import sys
        sys.stdout.write(self.answer(command).replace("\n", "\r\n"))
        return 0

    def execute(self, line):
        if line == "/quit":
            return False
        self.say(self.answer(line))
        return None


class Sros(Family):
    modes = ("user", "config")
    comments = "#"
    pager = ("Press any key to continue (Q to quit)", "\r" + " " * 38 + "\r")
    waits = False

    def prompt(self):
        mode = "" if self.mode == "user" else f"{'*' if self.dirty else ''}(ex)"
        return f"\n{mode}[/]\nA:admin@{self.device.host}# "

    def unknown(self, line):
        self.say(f"          ^^^^^\nMINOR: MGMT_CORE #2201: Unknown element - '{line.split()[-1]}'\n")

    def execute(self, line):
        if self.common(line):
            return None
        if line in ("environment more false", "environment no more"):
            self.device.length = 0
        elif line.startswith("environment"):
            pass
        elif line == "show version":
            self.device.print(["TiMOS-B-23.10.R1 both/x86_64 Nokia 7750 SR Copyright (c) 2000-2023 Nokia."])
        elif line == "edit-config exclusive":
            self.say("INFO: CLI #2060: Entering exclusive configuration mode\nINFO: CLI #2061: Uncommitted changes are discarded on configuration mode exit\n")
            self.mode = "config"
        elif self.mode == "config" and line == "commit":
            self.dirty = False
        elif self.mode == "config" and re.match(r"commit confirmed(?: \d+)?$", line):
            self.dirty = False
            self.waits = True
            self.say("INFO: CLI #2075: Commit confirmed - changes are rolled back unless they are accepted\n")
        elif re.match(r"commit confirmed (?:accept|cancel)$", line):
            if not self.waits:
                self.say("MINOR: MGMT_CORE #2053: No confirmed commit in progress\n")
            self.waits = False
        elif self.mode == "config" and line == "quit-config":
            if self.dirty:
                self.say("INFO: CLI #2071: Uncommitted changes - changes will be discarded\n")
                if self.device.ask("Discard uncommitted changes? [y,n] ") != "y":
                    return None
            self.dirty = False
            self.mode = "user"
            self.say("INFO: CLI #2064: Exiting exclusive configuration mode\n")
        elif self.mode == "config" and line.startswith("/configure ") and "bogus" not in line:
            self.dirty = True
        elif line == "logout":
            return False
        else:
            self.unknown(line)
        return None


FAMILIES = {
    "ios": Ios, "xr": Xr, "junos": Junos, "vrp": Vrp, "fortios": Fortios, "routeros": Routeros, "sros": Sros,
}
