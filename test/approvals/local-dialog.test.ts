import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ApprovalDesk, showLocally } from "../../src/approvals/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { eventually } from "../helpers/eventually.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { canMakeUsers, createLoginUser, makeTempDir, startOpenSsh } from "../helpers/servers/index.ts";
import { Terminal } from "./terminal.ts";

const text = "Give the password for sudo on web1\nIt runs: 100% sudo id\nCode: 1234\n[sudo] password for me:";
const hasPinentry = spawnSync("pinentry-curses", ["--version"]).status === 0;

describe("a dialog of this machine", () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  /** A program of that name, and what it has been told. */
  function program(name: string, script: string): { readonly path: string; told: () => string } {
    const directory = makeTempDir();
    cleanup.add(() => {
      directory.remove();
    });
    const path = join(directory.path, name);
    const told = join(directory.path, "told");
    writeFileSync(path, `#!/bin/sh\ntold='${told}'\n${script}\n`, { mode: 0o700 });
    return { path, told: () => (existsSync(told) ? readFileSync(told, "utf8") : "") };
  }

  function show(path: string, signal = new AbortController().signal): ReturnType<typeof showLocally> {
    return showLocally(path, text, signal);
  }

  it("is what ssh is told to ask with: a text, a line, a no, or nothing to show anything on", async () => {
    const answers = program("askpass", 'printf %s "$1" >"$told"; echo "pass % word"');
    expect(await show(answers.path)).toEqual({ typed: "pass % word" });
    expect(answers.told()).toBe(text);
    expect(await show(program("askpass", "exit 1").path)).toBe("refused");
    expect(await show(program("askpass", "echo no display >&2; exit 1").path)).toBe("failed");
    expect(await show("/nonexistent/askpass")).toBe("failed");
    expect(await show(program("askpass", "head -c 100000 /dev/zero; echo").path)).toBe("failed");
  });

  it("goes when it is not wanted any more", async () => {
    const { path, told } = program("askpass", 'echo $$ >"$told"; trap "" TERM; while :; do sleep 0.1; done');
    const over = new AbortController();
    const answer = show(path, over.signal);
    const pid = await eventually("the dialog", 20_000, () => (told() === "" ? undefined : Number(told())));
    over.abort();
    expect(await answer).toBe("failed");
    await eventually("its end", 20_000, () => (existsSync(`/proc/${pid}`) ? undefined : true));
  });

  it("speaks with pinentry as gpg does", async () => {
    const says = (last: string): string =>
      `echo 'OK hello'; while read -r c; do echo "$c" >>"$told"; case $c in OPTION*) echo 'ERR 1 no such';; GETPIN) ${last};; *) echo OK;; esac; done`;
    const answers = program("pinentry-x", says("printf '# a comment\\nD pa%%25ss%%0Aü\\nOK\\n'"));
    expect(await show(answers.path)).toEqual({ typed: "pa%ss\nü" });
    const told = answers.told();
    expect(told).toContain("SETDESC Give the password for sudo on web1%0AIt runs: 100%25 sudo id%0ACode: 1234\n");
    expect(told).toContain("SETPROMPT [sudo] password for me:\nGETPIN\n");
    expect(await show(program("pinentry-x", says("echo 'ERR 83886179 cancelled <Pinentry>'")).path)).toBe("refused");
    expect(await show(program("pinentry-x", says("echo 'ERR 83918950 no tty <Pinentry>'")).path)).toBe("failed");
    expect(await show(program("pinentry-x", "exit 0").path)).toBe("failed");
  });

  it.runIf(hasPinentry)("is a real pinentry, at a real terminal", async () => {
    const directory = makeTempDir();
    cleanup.add(() => {
      directory.remove();
    });
    const file = join(directory.path, "tty");
    const terminal = new Terminal(["sh", "-c", 'tty >"$1"; sleep 600', "sh", file], {
      TERM: "xterm",
      PATH: process.env["PATH"] ?? "",
    });
    cleanup.add(() => terminal.close());
    const tty = await eventually("the terminal", 20_000, () =>
      existsSync(file) ? readFileSync(file, "utf8").trim() || undefined : undefined,
    );
    process.env["GPG_TTY"] = tty;
    cleanup.add(() => {
      delete process.env["GPG_TTY"];
    });
    const answer = show("pinentry-curses");
    await terminal.shows(/It runs: 100% sudo id[^]*\[sudo\] password for me:/);
    terminal.type("hunter 22");
    terminal.press("Enter");
    expect(await answer).toEqual({ typed: "hunter 22" });
    expect(terminal.screen).not.toContain("hunter");
  });

  it("answers a question of the desk, where nobody else could", async () => {
    const { path } = program("askpass", "echo hunter22");
    const secrets: string[] = [];
    const desk = new ApprovalDesk({
      patienceMs: () => 60_000,
      dialog: () => (shown, signal) => showLocally(path, shown, signal),
      onSecret: (secret) => void secrets.push(secret),
    });
    const question = { key: "k", refusalKey: "k", title: "t", facts: [], topics: [] };
    const fields = [{ label: "Password:", hidden: true }];
    expect(await desk.ask({ kind: "fields", ...question, fields })).toEqual({ kind: "answered", values: ["hunter22"] });
    expect(secrets).toEqual(["hunter22"]);
    expect(await desk.ask({ kind: "confirm", ...question, yes: "Yes" })).toEqual({ kind: "nobody" });
    desk.close();
  });

  it.runIf(canMakeUsers)("is named in the settings, and lets a login in", async () => {
    const user = await createLoginUser();
    cleanup.add(() => {
      user.remove();
    });
    const server = await startOpenSsh({ loginUser: user, config: ["PubkeyAuthentication no"] });
    cleanup.add(() => server.stop());
    const place = await createPrivatePlace(server.sshConfigFile);
    cleanup.add(() => place.remove());
    const { path, told } = program("askpass", `printf %s "$1" >"$told"; echo '${user.password}'`);
    mkdirSync(join(place.root, "config"), { mode: 0o700 });
    writeFileSync(join(place.root, "config", "config.yaml"), `dialog: ${path}\n`, { mode: 0o600 });
    const client = await Holdfast.start(place);
    cleanup.add(() => client.stop());
    expect((await client.run(server.alias, "echo in")).text).toMatch(/^exit 0 · .*\nin\n$/);
    expect(told()).toMatch(new RegExp(`^Log in to ${server.alias}\n[^]*User: ${user.name}\nCode: \\d{4}\n`));
    await client.closeSession(server.alias);
  });
});
