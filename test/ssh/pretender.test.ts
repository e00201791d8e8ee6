import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import ssh2 from "ssh2";
import { expect, it } from "vitest";
import { collect } from "../../src/ssh/channel-outcome.conformance.ts";
import { createSsh2Engine, type ConnectPlan, type FirstExec } from "../../src/ssh/index.ts";
import { makeKeyPair, makeTempDir } from "../helpers/servers/index.ts";

const announced: FirstExec = { command: "true", input: "x\n", sent: () => undefined, dropped: () => undefined };

/** Takes the next number for a channel away. */
function takeNumber(client: object): void {
  const book: unknown = Reflect.get(client, "_chanMgr");
  const add: unknown = Reflect.get(Object(book), "add");
  if (typeof add !== "function") throw new Error("ssh2 keeps its channels in another way");
  Reflect.apply(add, book, [true]);
}

/** A server that says it is OpenSSH, takes every key, and gives its first channel the number 1. */
async function startPretender() {
  const place = makeTempDir().path;
  const hostKey = makeKeyPair(join(place, "host"));
  const clientKey = makeKeyPair(join(place, "client"));
  const runs: string[] = [];
  const server = new ssh2.Server({ hostKeys: [readFileSync(hostKey.file)], ident: "OpenSSH_9.9" });
  server.on("connection", (client) => {
    client.on("error", () => undefined);
    client.on("authentication", (context) => {
      context.accept();
    });
    client.on("ready", () => {
      takeNumber(client);
      client.on("session", (acceptSession) => {
        acceptSession().on("exec", (acceptExec, _reject, { command }) => {
          runs.push(command);
          const stream = acceptExec();
          stream.exit(0);
          stream.end();
        });
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
  return { plan, runs, stop: () => server.close() };
}

it.each([announced, undefined])(
  "a wrong guess of the first channel's number is found out, and not made again",
  async (first) => {
    const { plan, runs, stop } = await startPretender();
    try {
      const engine = createSsh2Engine();
      const wrong = await engine.connect(plan, undefined, first);
      const failed = wrong.exec("true", collect().listener, { input: "x\n" });
      await expect(failed).rejects.toMatchObject({ code: "connection_lost" });
      expect(runs).toEqual([]);
      for (let round = 0; round < 2; round += 1) {
        const right = await engine.connect(plan, undefined, first);
        const { listener, outcome } = collect();
        await right.exec("true", listener, { input: "x\n" });
        expect((await outcome).end).toEqual({ kind: "exit", status: 0 });
        expect(runs.splice(0)).toEqual(["true"]);
        await right.close();
      }
    } finally {
      stop();
    }
  },
);
