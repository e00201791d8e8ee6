import { spawn, spawnSync } from "node:child_process";
import { chmodSync, closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { Cleanup } from "../helpers/cleanup.ts";
import { freePort, makeTempDir, startOpenSsh, waitUntil, type TestServer } from "../helpers/servers/index.ts";

const linePassword = "lab-line";
const enablePassword = "lab-enable";

/** Command lines of FRRouting, each behind an sshd of its own. */
export interface FrrHosts {
  /** vtysh as the login's only program: privileged at once, with a line editor and a pager. */
  readonly vtysh: TestServer;
  /** The same in user mode. */
  readonly vtyshUser: TestServer;
  /** zebra's own: a line password, an enable password, pages, as the devices that it was modelled on. */
  readonly zebra: TestServer;
  /** bgpd's own, as zebra's; started by the call. */
  bgpd(): Promise<TestServer>;
  readonly linePassword: string;
  readonly enablePassword: string;
}

/** A daemon of the router with a command line of its own, and what it is configured with beside passwords. */
interface FrrDaemon {
  readonly name: "zebra" | "bgpd";
  readonly lines: readonly string[];
  readonly options: readonly string[];
}

/** Enough of it for more than one page. */
const numbers = Array.from({ length: 40 }, (_, at) => at);

const zebra: FrrDaemon = {
  name: "zebra",
  lines: numbers.map((at) => `interface dummy${at}\n description link ${at}\n!`),
  options: [],
};

const bgpd: FrrDaemon = {
  name: "bgpd",
  lines: [
    "router bgp 65001",
    " bgp router-id 10.0.0.1",
    ...numbers.map((at) => ` neighbor 10.0.1.${at + 1} remote-as ${65_100 + at}`),
    "!",
  ],
  // It listens for nobody: neighbours are none of ours.
  options: ["-p", "0"],
};

function configOf({ lines }: FrrDaemon): string {
  const passwords = ["hostname r1", `password ${linePassword}`, `enable password ${enablePassword}`];
  return [...passwords, ...lines, "line vty", " exec-timeout 0 0", "!", ""].join("\n");
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const answer = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}

/** Starts one of the router's daemons with all its files in `directory`, on a free port. */
async function startDaemon(cleanup: Cleanup, directory: string, about: FrrDaemon): Promise<number> {
  const { name, options } = about;
  const file = join(directory, `${name}.conf`);
  writeFileSync(file, configOf(about));
  chmodSync(directory, 0o755);
  spawnSync("chown", ["-R", "frr:frr", directory]);
  const port = await freePort();
  const places = ["-f", file, "-i", join(directory, `${name}.pid`), "--vty_socket", directory];
  const listens = ["-A", "127.0.0.1", "-P", String(port), "-z", join(directory, "api")];
  const log = openSync(join(directory, `${name}.log`), "w");
  const daemon = spawn("setpriv", ["--pdeathsig", "KILL", `/usr/lib/frr/${name}`, ...listens, ...places, ...options], {
    stdio: ["ignore", log, log],
  });
  daemon.on("error", () => undefined);
  closeSync(log);
  cleanup.add(() => {
    daemon.kill("SIGKILL");
  });
  await waitUntil(`${name} listening`, async () => {
    if (daemon.exitCode !== null) throw new Error(readFileSync(join(directory, `${name}.log`), "utf8"));
    return (await accepts(port)) && existsSync(join(directory, `${name}.vty`));
  });
  return port;
}

/** Starts a router and its command lines. */
export async function startFrr(cleanup: Cleanup): Promise<FrrHosts> {
  const directory = makeTempDir();
  cleanup.add(() => {
    directory.remove();
  });
  const port = await startDaemon(cleanup, directory.path, zebra);
  const login = async (name: string, shell: string): Promise<TestServer> => {
    const script = join(directory.path, name);
    writeFileSync(script, `#!/bin/sh\n${shell}\n`, { mode: 0o755 });
    const host = await startOpenSsh({ config: [`ForceCommand exec ${script}`] });
    cleanup.add(() => host.stop());
    return host;
  };
  const vtysh = (more: string): string => {
    const program = `exec vtysh --vty_socket ${directory.path}${more}`;
    return `if [ -n "$SSH_ORIGINAL_COMMAND" ]; then ${program} -c "$SSH_ORIGINAL_COMMAND"; fi\n${program}`;
  };
  return {
    vtysh: await login("vtysh-login", vtysh("")),
    vtyshUser: await login("vtysh-user-login", vtysh(" -u")),
    zebra: await login("zebra-login", `exec busybox telnet 127.0.0.1 ${port}`),
    bgpd: async () => {
      // A router of its own: what vtysh shows is that of all daemons that it finds.
      const own = makeTempDir();
      cleanup.add(() => {
        own.remove();
      });
      const bgpPort = await startDaemon(cleanup, own.path, bgpd);
      return login("bgpd-login", `exec busybox telnet 127.0.0.1 ${bgpPort}`);
    },
    linePassword,
    enablePassword,
  };
}
