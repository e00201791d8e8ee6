import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import ssh2, { type Connection, type Session } from "ssh2";
import type { ConnectPlan } from "../../src/ssh/index.ts";
import { makeKeyPair, makeTempDir } from "../helpers/servers/index.ts";

interface ServerParts {
  readonly ident?: string;
  /** Called when somebody has logged in. */
  readonly ready?: (client: Connection) => void;
  readonly session: (session: Session) => void;
}

/** Starts a server in this process that takes every key and does in its sessions what the test says. */
export async function startSsh2Server({ ident, ready, session }: ServerParts) {
  const place = makeTempDir().path;
  const hostKey = makeKeyPair(join(place, "host"));
  const clientKey = makeKeyPair(join(place, "client"));
  const named = ident === undefined ? {} : { ident };
  const server = new ssh2.Server({ hostKeys: [readFileSync(hostKey.file)], ...named });
  server.on("connection", (client) => {
    client.on("error", () => undefined);
    client.on("authentication", (context) => {
      context.accept();
    });
    client.on("ready", () => {
      ready?.(client);
      client.on("session", (accept) => {
        session(accept());
      });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port }: AddressInfo = Object.assign({ port: 0, address: "", family: "" }, server.address());
  const knownHosts = join(place, "known_hosts");
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${hostKey.publicLine}\n`);
  const plan: ConnectPlan = {
    alias: "pretender",
    host: "127.0.0.1",
    port,
    user: "somebody",
    knownHostsFiles: [knownHosts],
    unknownHostKey: "strict",
    identityFiles: [{ path: clientKey.file, explicit: true }],
    identitiesOnly: true,
    connectTimeoutMs: 30_000,
    keepaliveMs: 15_000,
  };
  return { plan, stop: () => server.close() };
}
