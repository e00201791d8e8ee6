import { describe, expect, it } from "vitest";
import { judgeAsker, judgeReaders, stillAsks, type Asker } from "./asker.ts";

const program = {
  path: "/tmp/.holdfast-1/bin/ask",
  text: "#!/bin/sh\nd='/tmp/.holdfast-1'\ncat\n",
  pinentry: { path: "/tmp/.holdfast-1/bin/gpg-pinentry", text: "#!/bin/sh\nread\n" },
  wrapper: { path: "/tmp/.holdfast-1/bin/sudo", text: "#!/bin/sh\nexec sudo\n" },
};

/** What a host tells of a sudo that asks. */
const honest: Readonly<Record<string, string>> = {
  parent: "41 0 9000 sudo",
  command: "sudo\u001F-A\u001Fid\u001Fa b\u001F",
  helper: `/bin/sh\u001F${program.path}\u001F[sudo] password for me: \u001F`,
  text: "#!/bin/sh\rd='/tmp/.holdfast-1'\rcat\r",
  stdout: "pipe:[77]",
  of: "shell",
};

function judge(changes: Readonly<Record<string, string>>): ReturnType<typeof judgeAsker> {
  const lines = Object.entries({ ...honest, ...changes }).map(([word, rest]) => `${word} ${rest}`);
  return judgeAsker(42, lines, program);
}

describe("who asks for a password", () => {
  it("is sudo, as root, with our own program and a pipe of its own", () => {
    expect(judge({})).toEqual({
      kind: "asker",
      asker: {
        kind: "sudo",
        program: undefined,
        doubt: undefined,
        command: "sudo -A id 'a b'",
        process: "41.9000",
        stdout: "pipe:[77]",
        of: "shell",
      },
    });
    expect(judge({ of: "12" })).toMatchObject({ asker: { of: 12 } });
  });

  it.each([
    ["another program", { parent: "41 0 9000 bash" }],
    ["one of that name without its rights", { parent: "41 1000 9000 sudo" }],
    ["another program in place of ours", { helper: "/bin/sh\u001F/home/me/ask\u001Fx\u001F" }],
    ["ours with more arguments", { helper: `/bin/sh\u001F-x\u001F${program.path}\u001Fx\u001F` }],
    ["ours, changed", { text: `${honest["text"] ?? ""}cat\r` }],
    ["ours, run by another shell", { exe: "other" }],
    ["ours, prepared by its environment", { env: "BASH_ENV" }],
    ["one that writes to a file", { stdout: "/home/me/stolen" }],
    ["one without anything to write to", { stdout: "" }],
  ])("is nobody who gets an answer: %s", (_name, changes) => {
    expect(judge(changes)).toMatchObject({ kind: "refused", of: "shell" });
  });

  describe("for gpg", () => {
    const gpg = {
      parent: "41 1000 9000 gpg-pinentry",
      agent: "40 1000 8000 gpg-agent",
      entry: `/bin/sh\u001F${program.pinentry.path}\u001F`,
      entrytext: "#!/bin/sh\rread\r",
      command: "gpg\u001F-s\u001F",
      helper: `/bin/sh\u001F${program.path}\u001FGETPIN x\u001F39\u001F`,
      hides: "1000",
    };

    it("is its agent, by our own pinentry, whether its file is seen or not", () => {
      const known = { kind: "gpg", command: "gpg -s", process: "41.9000-40.8000", doubt: undefined };
      expect(judge(gpg)).toMatchObject({ asker: { ...known, program: "gpg-agent" } });
      const { hides: _, ...open } = gpg;
      const by = "1000 0 /usr/bin/gpg-agent";
      expect(judge({ ...open, by })).toMatchObject({ asker: { ...known, program: "/usr/bin/gpg-agent" } });
      const asked = judge(gpg);
      if (asked.kind !== "asker") throw new Error("refused");
      const [parent, agent, reads] = [`parent ${gpg.parent}`, `agent ${gpg.agent}`, "reads 51 42 cat pipe:[77]"];
      const last = [parent, agent, reads, "listens 40", "open"];
      expect(judgeReaders(42, last, asked.asker)).toBeUndefined();
      expect(judgeReaders(42, [...last, "listens 41"], asked.asker)).toMatch(/process 41 /);
      expect(judgeReaders(42, [parent, reads, "open"], asked.asker)).toMatch(/has changed/);
    });

    it.each([
      ["another program above", { agent: "40 1000 8000 bash" }],
      ["one of another user", { agent: "40 1001 8000 gpg-agent" }],
      ["one of the user's own", { hides: "-", by: "1000 1000 /home/me/gpg-agent" }],
      ["ssh", { hides: "-", by: "1000 0 /usr/bin/ssh" }],
      ["another pinentry", { entry: "/bin/sh\u001F/home/me/gpg-pinentry\u001F" }],
      ["ours, changed", { entrytext: "#!/bin/sh\rread\rcat\r" }],
      ["none that is named", { helper: `/bin/sh\u001F${program.path}\u001FGETPIN x\u001F` }],
    ])("is nobody who gets an answer: %s", (_name, changes) => {
      expect(judge({ ...gpg, ...changes })).toMatchObject({ kind: "refused" });
    });
  });

  describe("for a sudo that cannot ask by itself", () => {
    const gated = {
      parent: "41 1000 9000 sudo",
      wrapper: "#!/bin/sh\rexec sudo\r",
      command: `/bin/sh\u001F${program.wrapper.path}\u001Fid\u001F-u\u001F`,
      gate: "/usr/bin/sudo\u001F-S\u001F-v\u001F-p\u001Fgate-41-0123456789abcdef\u001F",
      version: "/usr/bin/sudo sudo-rs 0.2.8",
    };

    it("is our own stand-in, and a person is told", () => {
      expect(judge(gated)).toMatchObject({
        kind: "asker",
        asker: { kind: "sudo", command: "sudo id -u", doubt: expect.stringMatching(/cannot ask by itself/) },
      });
      expect(judge({ ...gated, version: "/usr/bin/sudo sudo-rs 0.2.10" })).toMatchObject({ kind: "asker" });
      // The settings may say so of any sudo.
      const other = { ...gated, version: "/usr/bin/sudo Sudo version 1.9.13p3" };
      const lines = Object.entries({ ...honest, ...other }).map(([word, rest]) => `${word} ${rest}`);
      expect(judgeAsker(42, lines, { ...program, gated: true })).toMatchObject({ kind: "asker" });
    });

    it.each([
      ["a changed stand-in", { wrapper: "#!/bin/sh\rcat\r" }],
      ["another script", { command: "/bin/sh\u001F/home/me/sudo\u001F" }],
      ["another shell", { wrapped: "other" }],
      ["one prepared by its environment", { env: "LD_PRELOAD" }],
      ["one without a sudo that waits", { gate: "" }],
      ["one whose sudo does something else", { gate: "/usr/bin/sudo\u001Fcat\u001F" }],
      ["one with another program of that name", { gate: gated.gate.replace("/usr/bin", "/home/me") }],
      ["one whose sudo could ask", { version: "/usr/bin/sudo sudo-rs 0.2.11" }],
      ["one whose sudo is the other one", { version: "/usr/bin/sudo Sudo version 1.9.13p3" }],
    ])("is not %s", (_name, changes) => {
      expect(judge({ ...gated, ...changes })).toMatchObject({ kind: "refused" });
    });
  });

  it("is in doubt where the host does not show it", () => {
    expect(judge({ parent: "41 - - -", command: "" })).toMatchObject({
      asker: { doubt: expect.stringMatching(/hides the processes/), command: undefined },
    });
    const blind = judgeAsker(42, ["blind"], program);
    expect(blind).toMatchObject({ asker: { doubt: expect.stringMatching(/does not show/), process: "42" } });
    if (blind.kind !== "asker") throw new Error("refused");
    expect(judgeReaders(42, ["open"], blind.asker)).toBeUndefined();
    // Where its parent is hidden, the rest must still be right.
    expect(judge({ parent: "41 - - -", stdout: "/x" })).toMatchObject({ kind: "refused" });
    expect(judgeAsker(42, ["gone"], program)).toEqual({ kind: "gone" });
  });
});

describe("right before the answer", () => {
  const asker: Asker = {
    kind: "sudo",
    program: undefined,
    doubt: undefined,
    command: "sudo id",
    process: "41.9000",
    stdout: "pipe:[77]",
    of: "shell",
  };
  const fine = ["parent 41 0 9000 sudo", "reads 50 42 cat pipe:[77]", "open"];

  it("only the asking program's own cat may read", () => {
    expect(judgeReaders(42, fine, asker)).toBeUndefined();
    expect(judgeReaders(42, ["gone"], asker)).toMatch(/gone/);
    expect(judgeReaders(42, ["parent 41 0 9001 sudo", ...fine.slice(1)], asker)).toMatch(/has changed/);
    expect(judgeReaders(42, [...fine, "listens 51"], asker)).toMatch(/process 51 /);
    for (const thief of ["51 1 cat pipe:[77]", "51 42 other pipe:[77]", "51 42 cat /home/me/stolen"]) {
      expect(judgeReaders(42, [...fine, `reads ${thief}`], asker)).toMatch(/process 51 /);
      expect(judgeReaders(42, [fine[0] ?? "", `reads ${thief}`, "open"], asker)).toMatch(/process 51 /);
    }
    expect(judgeReaders(42, [...fine, "reads 51 42 cat pipe:[77]"], asker)).toMatch(/process 51 /);
    expect(judgeReaders(42, [fine[0] ?? "", "open"], asker)).toMatch(/does not wait/);
  });

  it("and while a person is asked, the same process must wait", () => {
    expect(stillAsks(["parent 41 0 9000 sudo"], asker)).toBe(true);
    expect(stillAsks(["gone"], asker)).toBe(false);
    expect(stillAsks(["parent 1 0 5 init"], asker)).toBe(false);
    // A host that does not show its processes.
    expect(stillAsks([], { ...asker, process: "42" })).toBe(true);
  });
});
