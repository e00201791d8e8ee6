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
  readonly linePassword: string;
  readonly enablePassword: string;
}

function zebraConfig(): string {
  const interfaces = Array.from({ length: 40 }, (_, at) => `interface dummy${at}\n description link ${at}\n!`);
  return [
    "hostname r1",
    `password ${linePassword}`,
    `enable password ${enablePassword}`,
    ...interfaces,
    "line vty",
    " exec-timeout 0 0",
    "!",
    "",
  ].join("\n");
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

/** Starts zebra with all its files in a directory of its own, on a free port. */
async function startZebra(cleanup: Cleanup, directory: string): Promise<number> {
  const file = join(directory, "zebra.conf");
  writeFileSync(file, zebraConfig());
  chmodSync(directory, 0o755);
  spawnSync("chown", ["-R", "frr:frr", directory]);
  const port = await freePort();
  const places = ["-f", file, "-i", join(directory, "zebra.pid"), "--vty_socket", directory];
  const log = openSync(join(directory, "zebra.log"), "w");
  const daemon = spawn(
    "setpriv",
    [
      "--pdeathsig",
      "KILL",
      "/usr/lib/frr/zebra",
      "-A",
      "127.0.0.1",
      "-P",
      String(port),
      "-z",
      join(directory, "api"),
      ...places,
    ],
    { stdio: ["ignore", log, log] },
  );
  daemon.on("error", () => undefined);
  closeSync(log);
  cleanup.add(() => {
    daemon.kill("SIGKILL");
  });
  await waitUntil("zebra listening", async () => {
    if (daemon.exitCode !== null) throw new Error(readFileSync(join(directory, "zebra.log"), "utf8"));
    return (await accepts(port)) && existsSync(join(directory, "zebra.vty"));
  });
  return port;
}

/** Starts a router and its three command lines. */
export async function startFrr(cleanup: Cleanup): Promise<FrrHosts> {
  const directory = makeTempDir();
  cleanup.add(() => {
    directory.remove();
  });
  const port = await startZebra(cleanup, directory.path);
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
    linePassword,
    enablePassword,
  };
}
