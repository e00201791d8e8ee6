import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { monotonicMs } from "../../src/base/index.ts";
import type { Reply } from "../helpers/reply.ts";
import { openLiveBench, type LiveBench } from "./live-bench.ts";

/** Lines of 16 bytes each: 20 MB. */
const lines = 1_310_720;
const sizeBytes = lines * 16;

let bench: LiveBench;
/** A command that printed all of them. */
let big: string;
beforeAll(async () => {
  bench = await openLiveBench();
  const command = `awk 'BEGIN { for (n = 1; n <= ${lines}; n++) printf "line %010d\\n", n }'`;
  const reply = await bench.run(command, { wait_s: 120 });
  expect(reply.state).toBe("exit 0");
  big = reply.id ?? "";
});
afterAll(() => bench.remove());

const read = (command: string, more: Record<string, unknown> = {}): Promise<Reply> =>
  bench.call("ssh_read", { command, ...more });
const line = (number: number): string => `line ${String(number).padStart(10, "0")}\n`;

describe("ssh_read of 20 MB", () => {
  it("cuts the middle and says where to go on, from where it goes on exactly", async () => {
    const reply = await read(big);
    expect(reply.text.length).toBeLessThanOrEqual(8_200);
    expect(reply.stdout.startsWith(line(1) + line(2))).toBe(true);
    expect(reply.stdout.endsWith(line(lines))).toBe(true);
    const [announcement = "", args = "{}"] =
      /\.\.\. .* left out · next: ssh_read (\{.*\}) \.\.\./.exec(reply.stdout) ?? [];
    expect(announcement).toContain("20,9");
    const next = await bench.call("ssh_read", JSON.parse(args));
    const shown = reply.stdout.slice(0, reply.stdout.indexOf(announcement));
    const number = shown.length / 16 + 1;
    expect(next.stdout.startsWith(line(number))).toBe(true);
  });

  it("reads from any byte", async () => {
    for (const number of [2, 700_000, lines]) {
      const reply = await read(big, { from: (number - 1) * 16, max_output: 300 });
      expect(reply.stdout.startsWith(line(number))).toBe(true);
    }
    expect((await read(big, { from: 5, max_output: 300 })).stdout.startsWith("0000000001\n")).toBe(true);
  });

  it("at its end is empty, and past it an error that names the size", async () => {
    expect((await read(big, { from: sizeBytes })).stdout).toBe("");
    const reply = await read(big, { from: sizeBytes + 1 });
    expect(reply.text).toMatch(/^bad_input: byte \d+ is past the end of box\/\d+, whose stdout has 20971520 bytes\. /);
    expect((await read(big, { from: -1 })).text).toMatch(/^bad_input: /);
  });

  it("gives the last lines", async () => {
    const reply = await read(big, { tail: 3 });
    expect(reply.stdout).toBe(line(lines - 2) + line(lines - 1) + line(lines));
    const more = await read(big, { tail: 30_000, max_output: 1_000_000 });
    expect(more.stdout.length).toBe(30_000 * 16);
    expect(more.stdout.startsWith(line(lines - 29_999))).toBe(true);
  });

  it("finds lines with those around them", async () => {
    const startedMs = monotonicMs();
    const reply = await read(big, { grep: "00012345(6|7)$", context: 1 });
    expect(reply.stdout).toBe(
      `2 of 1,310,720 lines match\n${line(123_455)}${line(123_456)}${line(123_457)}${line(123_458)}`.trimEnd(),
    );
    expect(monotonicMs() - startedMs).toBeLessThan(60_000);
    const none = await read(big, { grep: "absent" });
    expect(none.stdout).toBe("0 of 1,310,720 lines match");
  });

  it("finds lines from a byte on, or the last ones", async () => {
    const reply = await read(big, { grep: "5$", tail: 2, from: sizeBytes - 100 * 16 });
    expect(reply.stdout).toContain("10 of 100 lines match");
    expect(reply.stdout.endsWith(`${line(lines - 15)}${line(lines - 5)}`.trimEnd())).toBe(true);
  });

  it.each([
    ["(", /^bad_input: grep is no valid regular expression/],
    ["(l+)+x$|(\\w+\\s?)*y$", /^bad_input: the grep expression took longer than (?:2|10) s|lines match/],
  ])("survives the expression %s", async (grep, expected) => {
    const startedMs = monotonicMs();
    expect((await read(big, { grep })).text).toMatch(expected);
    expect(monotonicMs() - startedMs).toBeLessThan(60_000);
  });
});

describe("ssh_read of a command that runs", () => {
  it("waits for new output and hands over where to go on", async () => {
    const id = await bench.start("for i in 1 2 3; do read x; echo $i; done");
    let seen = "";
    let next: Record<string, unknown> = { command: id, from: 0 };
    for (const number of ["1", "2", "3"]) {
      await bench.call("ssh_input", { command: id, text: "\n", wait_s: 0 });
      const reply = await bench.call("ssh_read", { ...next, until: "output", wait_s: 30 });
      seen += reply.stdout;
      expect(seen.trimEnd().endsWith(number)).toBe(true);
      next = { command: id, from: seen.length };
    }
    expect(seen).toBe("1\n2\n3\n");
    expect((await read(id, { wait_s: 30 })).state).toBe("exit 0");
  });

  it("shows nothing past what there is, and waits no longer than it was told to", async () => {
    const id = await bench.start("echo one; sleep 600");
    await read(id, { until: "output", from: 0, wait_s: 30 });
    const startedMs = monotonicMs();
    const reply = await read(id, { from: 1_000, until: "output", wait_s: 1 });
    expect(`${reply.state}|${reply.stdout}`).toBe("running|");
    expect(monotonicMs() - startedMs).toBeGreaterThan(900);
    expect(monotonicMs() - startedMs).toBeLessThan(10_000);
    const stopped = bench.call("ssh_stop", { command: id });
    expect((await read(id, { wait_s: 60 })).state).toBe("signal INT");
    await stopped;
  });

  it("tells both streams apart, by offsets of their own", async () => {
    const id = await bench.start("echo out; echo err >&2; read x; echo out2; echo err2 >&2");
    const both = await read(id, { wait_s: 6 });
    expect([both.stdout, both.stderr]).toEqual(["out\n", "err\n"]);
    await bench.call("ssh_input", { command: id, eof: true, wait_s: 20 });
    const rest = await read(id, { from: 4, from_stderr: 4 });
    expect([rest.stdout, rest.stderr]).toEqual(["out2\n", "err2\n"]);
    expect((await read(id, { stream: "stderr", from: 4 })).stderr).toBe("err2\n");
    expect((await read(id, { stream: "stdout" })).text).not.toContain("err");
    const matches = await read(id, { stream: "stderr", grep: "2" });
    expect(matches.text).toMatch(/1 of 2 lines match\n--- stderr\nerr2$/);
  });

  it("keeps control characters only when it is asked to", async () => {
    const id = await bench.start("printf '\\033[31mred\\033[0m\\n10%%\\r20%%\\r100%%\\n'");
    expect((await read(id)).stdout).toBe("red\n100%\n");
    expect((await read(id, { raw: true })).stdout).toBe("\u001B[31mred\u001B[0m\n10%\r20%\r100%\n");
  });

  it("shows the output of a command that ended long ago, from its host", async () => {
    const id = await bench.start("echo early");
    for (let count = 0; count < 40; count += 1) await bench.run("true");
    expect((await read(id)).stdout).toBe("early\n");
    expect((await read(id, { tail: 1 })).stdout).toBe("early\n");
  });
});
