import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { answerLine, bootCommand } from "./host-scripts.ts";

it("takes nothing of an answer for a request when whoever waited for it has gone", async () => {
  const directory = mkdtempSync(join(tmpdir(), "answer-"));
  const asks = `read -r x; exec cat "${directory}/a.$$"`;
  const asker = spawn("sh", ["-c", asks], { stdio: ["pipe", "ignore", "inherit"] });
  const gone = once(asker, "close");
  try {
    const pid = asker.pid ?? 0;
    writeFileSync(join(directory, "pid"), "1\n");
    expect(spawnSync("mkfifo", [join(directory, `a.${pid}`)]).status).toBe(0);
    asker.stdin.write("\n");
    const shell = spawn("sh", ["-c", bootCommand], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(shell, "close");
    let said = "";
    const isOpen = new Promise<void>((resolve) => {
      shell.stdout.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (said.includes(" open\n")) resolve();
      });
    });
    shell.stdin.write(`${answerLine({ N: "0123456789ab", D: directory })}give ${pid} pipe:[1]\n`);
    await isOpen;
    asker.kill("SIGKILL");
    await gone;
    shell.stdin.end("11\nword look \nlook 0\n");
    await ended;
    const lines = said.split("\n").filter((line) => /(open|end|gone)$/.test(line));
    const words = lines.map((line) => line.slice("\u001E0123456789ab ".length));
    expect(words).toEqual(["open", "end", "end", "gone", "end"]);
  } finally {
    asker.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  }
}, 60_000);
