import { describe, expect, it } from "vitest";
import { CommandLife } from "./command-life.ts";

describe("command life", () => {
  it("ends once: the first end stands", () => {
    const life = new CommandLife();
    life.exited(3);
    life.lost("later");
    life.exited(0);
    expect(life.state).toEqual({ kind: "exited", status: 3 });
  });

  it("says which signal of ours ended it, and only if that one did", () => {
    const killed = new CommandLife();
    killed.signalled("KILL");
    killed.exited(137);
    expect(killed.state).toEqual({ kind: "signalled", signal: "KILL" });
    const told = new CommandLife();
    told.signalled("USR1");
    told.exited(138);
    expect(told.state).toEqual({ kind: "signalled", signal: "USR1" });
    const halted = new CommandLife();
    halted.signalled("CONT");
    halted.exited(146);
    expect(halted.state).toEqual({ kind: "exited", status: 146 });
    const stubborn = new CommandLife();
    stubborn.signalled("INT");
    stubborn.exited(7);
    expect(stubborn.state).toEqual({ kind: "exited", status: 7 });
  });

  it("knows an aborted line as the end that TERM makes, and no other status as one", () => {
    const ended = new CommandLife();
    ended.signalled("TERM");
    expect(ended.ending).toBe(true);
    ended.exited(130);
    expect(ended.state).toEqual({ kind: "signalled", signal: "TERM" });
    const user = new CommandLife();
    user.signalled("USR1");
    user.exited(130);
    expect(user.state).toEqual({ kind: "exited", status: 130 });
  });

  it("timed out when it was ended by force after its limit, and not before", () => {
    const late = new CommandLife();
    late.limitedTo(0);
    late.exited(143);
    expect(late.state).toEqual({ kind: "timed_out" });
    const early = new CommandLife();
    early.limitedTo(60_000);
    early.exited(143);
    expect(early.state).toEqual({ kind: "exited", status: 143 });
    const done = new CommandLife();
    done.limitedTo(0);
    done.exited(0);
    expect(done.state).toEqual({ kind: "exited", status: 0 });
  });

  it("timed out, whatever the status, once its time was up", () => {
    const life = new CommandLife();
    life.timeIsUp();
    life.signalled("TERM");
    life.exited(143);
    expect(life.state).toEqual({ kind: "timed_out" });
  });

  it("wakes whoever waits, and waits no longer than asked", async () => {
    const life = new CommandLife();
    await life.ended(10);
    expect(life.running).toBe(true);
    const waiting = life.ended(60_000);
    life.exited(0);
    await waiting;
    const aborted = new CommandLife();
    const gone = new AbortController();
    gone.abort();
    await aborted.ended(60_000, gone.signal);
    expect(aborted.running).toBe(true);
  });

  it("stops the clock at its end", async () => {
    const life = new CommandLife();
    life.exited(0);
    const before = life.durationMs;
    await new CommandLife().ended(20);
    expect(life.durationMs).toBe(before);
  });
});
