import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cleanup } from "../helpers/cleanup.ts";
import { stopDaemon } from "../helpers/daemon.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import {
  canMakeUsers,
  createLoginUser,
  startOpenSsh,
  startTcpProxy,
  type TestServer,
} from "../helpers/servers/index.ts";

/** What a client needs to reach a host in one way, directly or through a proxy. */
export type Way = Pick<TestServer, "alias" | "user" | "port" | "keyFile" | "sshConfigFile">;

/**
 * An sshd on loopback, with `config` before its other settings. Where root runs this, a fresh user with bash and without
 * start-up files logs in, because root's own may cost more than all that is timed here.
 */
export async function startHost(cleanup: Cleanup, config: readonly string[] = []): Promise<TestServer> {
  const loginUser = canMakeUsers ? await createLoginUser({ shell: "bash" }) : undefined;
  if (loginUser !== undefined) {
    cleanup.add(() => {
      loginUser.remove();
    });
  }
  const host = await startOpenSsh({
    config: ["LogLevel INFO", ...config],
    ...(loginUser === undefined ? {} : { loginUser }),
  });
  cleanup.add(() => host.stop());
  return host;
}

/** A directory of the host that the user who logs in may write to and that goes with the host. */
export function hostDirectory(host: TestServer): string {
  return host.loginUser?.home ?? host.directory;
}

/** Another way to the same host, `oneWayMs` longer in each direction. */
export async function longWay(cleanup: Cleanup, host: TestServer, oneWayMs: number): Promise<Way & { cut(): void }> {
  const proxy = await startTcpProxy(host.port);
  cleanup.add(() => proxy.stop());
  proxy.delay(oneWayMs);
  const text = await readFile(host.sshConfigFile, "utf8");
  const sshConfigFile = join(host.directory, `ssh_config_${proxy.port}`);
  const lines = `${text.replace(/Port \d+/, `Port ${proxy.port}`)}  HostKeyAlias [127.0.0.1]:${host.port}\n`;
  await writeFile(sshConfigFile, lines, { mode: 0o600 });
  const { alias, user, keyFile } = host;
  return {
    alias,
    user,
    keyFile,
    port: proxy.port,
    sshConfigFile,
    cut: () => {
      proxy.killAll();
    },
  };
}

/** A place whose only target is the host at the end of `way`; a daemon that was started in it is stopped at the end. */
export async function placeFor(cleanup: Cleanup, way: Way, env: Record<string, string> = {}): Promise<PrivatePlace> {
  const place = await createPrivatePlace(way.sshConfigFile);
  cleanup.add(() => place.remove());
  cleanup.add(() => stopDaemon(place));
  return { ...place, env: { ...place.env, ...env } };
}

/** Enough to close a thousand sessions on a busy machine. */
const closeLimitMs = 600_000;

/** A server in `place`; at the end its sessions are closed on the host, then it is stopped. */
export async function startServer(cleanup: Cleanup, place: PrivatePlace, daemon: boolean): Promise<Holdfast> {
  const server = await Holdfast.start(place, { daemon });
  cleanup.add(() => server.stop());
  cleanup.add(() => server.call("ssh_close", { all: true, force: true }, closeLimitMs));
  return server;
}

/** Opens a session of that name; throws when it does not survive disconnects, because then something else would be measured. */
export async function openSession(server: Holdfast, way: Way, name: string): Promise<void> {
  const reply = await server.call("ssh_open", { target: way.alias, name });
  if (!reply.text.includes("survives disconnects: yes")) throw new Error(`unexpected reply: ${reply.text}`);
}
