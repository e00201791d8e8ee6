import { describe, expect, it } from "vitest";
import { toolBench } from "../../test/mcp/call.ts";
import { openGate, type Gate } from "./gate.ts";

describe("the gate", () => {
  it("is passed in order, and the audit sees how a call ended", async () => {
    const log: string[] = [];
    const gate: Gate = {
      judge: async (call) => {
        log.push(`judge ${call.tool} ${String(call.args["command"])} ${call.caller.client}`);
        return { kind: "ask", reason: "it is production" };
      },
      approve: async (_call, reason) => {
        log.push(`approve ${reason}`);
        return true;
      },
      beginAudit: async () => {
        log.push("audit begin");
        return { end: async (outcome) => void log.push(`audit end ${"reply" in outcome ? "reply" : "thrown"}`) };
      },
      redact: (text) => text.replaceAll("hunter2", "[secret]"),
    };
    const bench = toolBench((command) => {
      log.push("run");
      command.print("password hunter2\n").end(0);
    }, gate);
    const reply = await bench.call("ssh_run", { on: "web1", command: "x" });
    expect(log).toEqual([
      "judge ssh_run x test 1",
      "approve it is production",
      "audit begin",
      "run",
      "audit end reply",
    ]);
    expect(reply.text).toMatch(/\npassword \[secret\]\n$/);
    await bench.call("ssh_run", { on: "no-host", command: "x" });
    expect(log.at(-1)).toBe("audit end thrown");
  });

  it("redacts before it cuts, so that no part of a secret is left at the border", async () => {
    const secret = "s".repeat(400);
    const gate: Gate = { ...openGate, redact: (text) => text.replaceAll(secret, "[secret]") };
    const bench = toolBench((command) => command.print(`${secret}\n`.repeat(200)).end(0), gate);
    const reply = await bench.call("ssh_run", { on: "web1", command: "x", max_output: 1_000 });
    expect(reply.text).not.toContain("sss");
  });

  it.each([
    [
      { kind: "deny", reason: "it is forbidden here" } as const,
      "denied_by_policy: ssh_run was not run: it is forbidden here.",
    ],
    [
      { kind: "ask", reason: "it is risky" } as const,
      "denied_by_policy: ssh_run was not run: it is risky; nobody allowed it.",
    ],
  ])("stops a call: %j", async (verdict, start) => {
    const bench = toolBench(() => undefined, { ...openGate, judge: async () => verdict, approve: async () => false });
    const reply = await bench.call("ssh_run", { on: "web1", command: "x" });
    expect(reply.isError).toBe(true);
    expect(reply.text.startsWith(start)).toBe(true);
    expect(bench.commands).toHaveLength(0);
  });

  it("turns a defect into an error reply, and names an unknown tool", async () => {
    const bench = toolBench(() => {
      throw new TypeError("boom");
    });
    expect((await bench.call("ssh_run", { on: "web1", command: "x" })).text).toMatch(/^internal: boom\. /);
    expect((await bench.call("ssh_fly", {})).text).toMatch(/^bad_input: there is no tool "ssh_fly"\. Known: ssh_run, /);
    expect((await bench.call("ssh_list", [])).text).toMatch(/^bad_input: /);
    expect((await bench.call("ssh_list", "x")).text).toMatch(/^bad_input: ssh_list takes an object of arguments\. /);
  });
});
