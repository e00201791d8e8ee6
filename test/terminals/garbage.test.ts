import { readFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";

/** `npm run terminals` sends 100 MB. */
const megabytes = process.env["HOLDFAST_TERMINALS"] === "full" ? 100 : 2;
const limitMs = 600_000;

/** What the server may need for it, whatever comes: its code and heap take about 100 MB. */
const mostGrowthKb = 250_000;

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

/** The most memory that a server has had, in KB. */
function mostMemoryKb({ pid }: Holdfast): number {
  const status = readFileSync(`/proc/${pid ?? 0}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]);
}

/** Random bytes with many beginnings of sequences. */
const garbage = String.raw`head -c 400000 /dev/urandom | LC_ALL=C sed -e 's/[a-m]/\x1b[/g' -e 's/[n-q]/\x1b]0;/g' -e 's/[r-t]/\x1bP/g' -e 's/u/\x1b[999S/g'`;

it(
  `a terminal may show ${megabytes} MB of garbage: the server goes on, and stays as large as it was`,
  async () => {
    const server = await startOpenSsh({ config: ["LogLevel INFO"] });
    cleanup.add(() => server.stop());
    const place = await createPrivatePlace(server.sshConfigFile);
    cleanup.add(() => place.remove());
    const client = await Holdfast.start(place);
    cleanup.add(() => client.stop());
    cleanup.add(() => client.call("ssh_close", { all: true }));
    const before = mostMemoryKb(client);
    // Each time at least 400,000 bytes.
    const times = Math.ceil(megabytes / 0.4);
    const over = String.raw`\030\033\\\033c\nalive`;
    const again = `n=0; while [ $n -lt ${times} ]; do n=$((n+1)); cat $f; done`;
    const command = `f=$(mktemp); ${garbage} >$f; ${again}; rm $f; printf '${over}'; cat`;
    const { id } = await client.run(server.alias, command, { pty: true, cols: 200, rows: 50, wait_s: 0 });
    const screen = { command: id, stream: "screen" };
    for (;;) {
      const { text, state } = await client.call("ssh_read", { ...screen, until: "text", grep: "^alive", wait_s: 1 });
      expect(state).toMatch(/^running|^waiting for input/);
      // oxlint-disable-next-line no-control-regex -- control characters are the subject here
      expect(text).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/);
      if (/\nalive/.test(text)) break;
    }
    const read = await client.call("ssh_read", { command: id, from: megabytes * 900_000, stream: "stdout", wait_s: 0 });
    expect(read.isError).toBe(false);
    expect(mostMemoryKb(client) - before).toBeLessThan(mostGrowthKb);
    await client.call("ssh_stop", { command: id, signal: "KILL" });
  },
  limitMs,
);
