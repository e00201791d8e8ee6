import { existsSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { delay, jitter, messageOf, randomHex } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook } from "../helpers/open-book.ts";
import { makeTempDir, startOpenSsh, startTcpProxy } from "../helpers/servers/index.ts";

/** Cold starts, each cut at another moment. `HOLDFAST_COLD_CUTS` sets it. */
const rounds = Number(process.env["HOLDFAST_COLD_CUTS"] ?? "12");

/** What a cold start takes at most here, from the first byte to the end of its command: the cuts lie within. */
const spanMs = 260;

/** Slow enough for every step to be met. */
const oneWayMs = 8;

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

test(
  "a session's first command runs once, wherever its connection is cut while the session is made",
  { timeout: 20_000 + rounds * 10_000, retry: 0 },
  async () => {
    const host = await startOpenSsh();
    cleanup.add(() => host.stop());
    const proxy = await startTcpProxy(host.port);
    cleanup.add(() => proxy.stop());
    proxy.delay(oneWayMs);
    const config = join(host.directory, "through_proxy");
    const text = await readFile(host.sshConfigFile, "utf8");
    const ownName = `  HostKeyAlias [127.0.0.1]:${host.port}\n`;
    await writeFile(config, `${text.replace(/Port \d+/, `Port ${proxy.port}`)}${ownName}`, { mode: 0o600 });
    const opened = await openBook(config);
    cleanup.add(() => opened.remove());
    const { book } = opened;
    const place = makeTempDir();
    cleanup.add(() => {
      place.remove();
    });

    const wrong: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const ran = join(place.path, randomHex(4));
      const request = { command: `echo once >>'${ran}'; echo said; (exit 7)` };
      const begun = book.begin(host.alias, request);
      await delay(((spanMs * round) / rounds) * jitter(0.1));
      proxy.killAll();
      const outcome = await begun.catch((error: unknown) => messageOf(error));
      if (typeof outcome === "string") {
        // Before the server has said what it is, a cut is told; nothing has left then.
        if (!/before it said what it is/.test(outcome) || existsSync(ran)) wrong.push(`round ${round}: ${outcome}`);
        continue;
      }
      const { session, command: first } = outcome;
      const command = first ?? (await session.run(request));
      await command.ended(20_000);
      const { bytes } = await command.read("stdout", 0, 100);
      const times = existsSync(ran) ? readFileSync(ran, "utf8").split("once\n").length - 1 : 0;
      const got = `${times} × ${JSON.stringify(command.state)} ${Buffer.from(bytes).toString().trim()}`;
      if (got !== '1 × {"kind":"exited","status":7} said') wrong.push(`round ${round}: ${got}`);
      const second = await session.run({ command: "echo two" });
      await second.ended(20_000);
      if (second.state.kind !== "exited" || second.number !== command.number + 1) {
        wrong.push(`round ${round}: second is ${second.id} ${JSON.stringify(second.state)}`);
      }
      await book.close(session.name);
      proxy.killAll();
    }
    expect(wrong).toEqual([]);
  },
);
