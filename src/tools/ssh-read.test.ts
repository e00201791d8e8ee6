import { describe, expect, it } from "vitest";
import { toolBench, type ToolBench } from "../../test/mcp/call.ts";

async function withOutput(stdout: string | Uint8Array, stderr = ""): Promise<ToolBench> {
  const bench = toolBench((command) => command.print(stdout).print(stderr, "stderr").end(0));
  await bench.call("ssh_run", { on: "web1", command: "x" });
  return bench;
}

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join("");

describe("ssh_read, cutting", () => {
  it("cuts in the middle at line borders and says how to go on", async () => {
    const text = numbered(1, 5_000);
    const bench = await withOutput(text);
    const reply = await bench.call("ssh_read", { command: "web1/1", wait_s: 0, max_output: 1_000 });
    expect(reply.text.length).toBeLessThanOrEqual(1_000);
    const cut =
      /\n(line \d+\n)\.\.\. ([\d,]+) characters \(([\d,]+) lines\) left out · next: ssh_read (\{.*\}) \.\.\.\n(line \d+\n)/.exec(
        reply.text,
      );
    expect(cut).not.toBeNull();
    const [, before = "", characters = "", lines = "", next = "", after = ""] = cut ?? [];
    const from = Number(/"from":(\d+)/.exec(next)?.[1]);
    expect(text.slice(0, from).endsWith(before)).toBe(true);
    const end = text.indexOf(after, from);
    expect(end - from).toBe(Number(characters.replaceAll(",", "")));
    expect(text.slice(from, end).split("\n").length - 1).toBe(Number(lines.replaceAll(",", "")));
    const more = await bench.call("ssh_read", { command: "web1/1", wait_s: 0, max_output: 1_000, from });
    expect(more.text.split("\n")[1]).toBe(text.slice(from).split("\n")[0]);
  });

  it("fetches only both ends of a large output", async () => {
    const bench = await withOutput("x".repeat(99).concat("\n").repeat(200_000));
    const [command] = bench.commands;
    if (command !== undefined) command.reads = [];
    const reply = await bench.call("ssh_read", { command: "web1/1", wait_s: 0 });
    expect(reply.text).toMatch(/\n\.\.\. 19,99\d,\d{3} bytes left out · next: ssh_read /);
    const fetched = command?.reads.reduce((sum, read) => sum + read.limit, 0) ?? 0;
    expect(fetched).toBeLessThan(100_000);
  });

  it("cuts a single endless line at a character border", async () => {
    const bench = await withOutput("ü€😀".repeat(300_000));
    const reply = await bench.call("ssh_read", { command: "web1/1", wait_s: 0, max_output: 500 });
    expect(reply.text).not.toContain("\uFFFD");
    expect(reply.text.length).toBeLessThanOrEqual(500);
    expect(reply.text).toContain("left out");
  });

  it("shares the budget between the streams", async () => {
    const bench = await withOutput(numbered(1, 3_000), numbered(1, 3_000));
    const reply = await bench.call("ssh_read", { command: "web1/1", wait_s: 0, max_output: 2_000 });
    expect(reply.text.length).toBeLessThanOrEqual(2_000);
    expect(reply.text).toMatch(
      /"from":\d+,"stream":"stdout"\} \.\.\.\n[\s\S]*--- stderr\nline 1\n[\s\S]*"stream":"stderr"\} \.\.\.\n/,
    );
    const small = await withOutput(numbered(1, 3_000), "only this\n");
    expect((await small.call("ssh_read", { command: "web1/1", wait_s: 0, max_output: 2_000 })).text).toMatch(
      /--- stderr\nonly this\n$/,
    );
  });

  it("strips escapes unless raw", async () => {
    const bench = await withOutput("\u001B[31mred\u001B[0m\r\n10%\r50%\r100%\n");
    expect((await bench.call("ssh_read", { command: "web1/1", wait_s: 0 })).text.split("\n").slice(1).join("\n")).toBe(
      "red\n100%\n",
    );
    expect((await bench.call("ssh_read", { command: "web1/1", wait_s: 0, raw: true })).text).toContain("\u001B[31mred");
  });

  it("leaves the beginning of a character for the next read while the command runs", async () => {
    const bench = toolBench((command) => command.print(Buffer.from([0x61, 0xe2, 0x82])));
    const reply = await bench.call("ssh_run", { on: "web1", command: "x", wait_s: 0 });
    expect(reply.text).toMatch(/"from":1\}\na$/);
    bench.commands[0]?.print(Buffer.from([0xac])).end(0);
    expect((await bench.call("ssh_read", { command: "web1/1", from: 1 })).text.split("\n")[1]).toBe("€");
  });
});

describe("ssh_read, choosing", () => {
  it("shows the last lines", async () => {
    const bench = await withOutput(numbered(1, 100_000));
    const reply = await bench.call("ssh_read", { command: "web1/1", wait_s: 0, tail: 3 });
    expect(reply.text.split("\n").slice(1).join("\n")).toBe(numbered(99_998, 100_000));
  });

  it("shows one stream from an offset", async () => {
    const bench = await withOutput("stdout\n", "abcdef\n");
    expect((await bench.call("ssh_read", { command: "web1/1", wait_s: 0, stream: "stderr", from: 3 })).text).toMatch(
      /web1\/1\n--- stderr\ndef\n$/,
    );
    expect((await bench.call("ssh_read", { command: "web1/1", wait_s: 0, stream: "stdout" })).text).toMatch(
      /web1\/1\nstdout\n$/,
    );
  });

  it("refuses an offset past the end", async () => {
    const bench = await withOutput("abc\n");
    expect((await bench.call("ssh_read", { command: "web1/1", from: 5 })).text).toMatch(
      /^bad_input: byte 5 is past the end of web1\/1, whose stdout has 4 bytes\. /,
    );
    expect((await bench.call("ssh_read", { command: "web1/1", from: 4 })).text).toMatch(/^exit 0 [^\n]*$/);
  });

  it.each(["web1", "web1/", "/1", "web1/0", "web1/01", "a b/1", "a\n/1", "web1/1/2"])(
    "refuses the id %j",
    async (id) => {
      const bench = await withOutput("");
      expect((await bench.call("ssh_read", { command: id, wait_s: 0 })).text).toMatch(
        /^bad_input: ".*" is no command id\. A command id is /,
      );
    },
  );

  it("names unknown sessions and commands", async () => {
    const bench = await withOutput("");
    expect((await bench.call("ssh_read", { command: "web9/1" })).text).toMatch(/^session_unknown: /);
    expect((await bench.call("ssh_read", { command: "web1/9" })).text).toMatch(/^command_unknown: /);
  });
});

describe("ssh_read, waiting", () => {
  it("returns at the first new output with until:output", async () => {
    const bench = toolBench((command) => command.print("old\n"));
    await bench.call("ssh_run", { on: "web1", command: "x", wait_s: 0 });
    setTimeout(() => bench.commands[0]?.print("new\n"), 50);
    const reply = await bench.call("ssh_read", { command: "web1/1", from: 4, until: "output", wait_s: 60 });
    expect(reply.text).toMatch(/^running .*"from":8\}\nnew\n$/);
  });

  it("returns at the end", async () => {
    const bench = toolBench((command) => void setTimeout(() => command.print("x\n").end(7), 50));
    await bench.call("ssh_run", { on: "web1", command: "x", wait_s: 0 });
    expect((await bench.call("ssh_read", { command: "web1/1", wait_s: 60 })).text).toMatch(/^exit 7 .*\nx\n$/);
  });
});

describe("ssh_read with grep", () => {
  it("shows matching lines with what is around them", async () => {
    const bench = await withOutput(numbered(1, 20), "error: line 7\n");
    const plain = await bench.call("ssh_read", { command: "web1/1", wait_s: 0, grep: "line (7|19)$" });
    expect(plain.text.split("\n").slice(1)).toEqual([
      "3 of 21 lines match",
      "line 7",
      "line 19",
      "--- stderr",
      "error: line 7",
    ]);
    const around = await bench.call("ssh_read", {
      command: "web1/1",
      wait_s: 0,
      grep: "^LINE (7|19)$".replace("LINE", "(?i)LINE").replace("^(?i)", "(?i)^"),
      context: 1,
    });
    expect(around.text.split("\n").slice(1)).toEqual([
      "2 of 21 lines match",
      "line 6",
      "line 7",
      "line 8",
      "--",
      "line 18",
      "line 19",
      "line 20",
    ]);
  });

  it("bounds what it shows and keeps both ends", async () => {
    const bench = await withOutput(numbered(1, 50_000));
    const reply = await bench.call("ssh_read", { command: "web1/1", wait_s: 0, grep: "line", max_output: 1_000 });
    expect(reply.text.length).toBeLessThan(1_100);
    expect(reply.text).toMatch(
      /50,000 of 50,000 lines match\nline 1\n[\s\S]*matching lines left out[\s\S]*\nline 50000$/,
    );
    const last = await bench.call("ssh_read", { command: "web1/1", wait_s: 0, grep: "line", tail: 2 });
    expect(last.text).toMatch(/\nline 49999\nline 50000$/);
  });

  it("refuses an expression that is none", async () => {
    const bench = await withOutput("a\n");
    const reply = await bench.call("ssh_read", { command: "web1/1", wait_s: 0, grep: "a(" });
    expect(reply.text).toMatch(/^bad_input: grep is no valid regular expression: /);
    expect(reply.text.split("\n")).toHaveLength(1);
  });

  it("gives up on one that explodes, and answers others meanwhile", async () => {
    const bench = await withOutput(`${"a".repeat(40)}!\n`);
    const started = performance.now();
    const exploding = bench.call("ssh_read", { command: "web1/1", wait_s: 0, grep: "^(a+)+$" });
    const other = await bench.call("ssh_read", { command: "web1/1", wait_s: 0 });
    expect(other.text).toMatch(/^exit 0/);
    expect(performance.now() - started).toBeLessThan(1_500);
    expect((await exploding).text).toMatch(/^bad_input: the grep expression took longer than 2 s\. /);
  });
});
