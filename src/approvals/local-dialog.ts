import { spawn } from "node:child_process";
import { basename } from "node:path";
import { after, LineAssembler } from "../base/index.ts";
import type { DialogAnswer } from "./question-dialog.ts";

/** More than any answer; a program that says more is no dialog. */
const longestLineBytes = 16_384;

/** How long a dialog that is not wanted any more has to go by itself. */
const goneMs = 1_000;

/** What pinentry says when a person presses its Cancel (GPG_ERR_CANCELED, whatever the source). */
const cancelled = 99;

/** What is said to a program, and what of it is the answer. */
interface Speech {
  readonly args: readonly string[];
  /** Told each line; gives what to say next, or the answer. */
  hear(line: string): { readonly say: string } | DialogAnswer | undefined;
  /** How it ended without an answer, with what it has said on stderr. */
  ended(complaint: string): DialogAnswer;
}

/**
 * Shows a text and one hidden field in a program of this machine until `signal` aborts: pinentry by its protocol, osascript by a script,
 * any other as `SSH_ASKPASS` is. Never rejects.
 */
export function showLocally(program: string, text: string, signal: AbortSignal): Promise<DialogAnswer> {
  if (signal.aborted) return Promise.resolve("failed");
  const name = basename(program);
  const speech = name.startsWith("pinentry") ? pinentry(text) : name === "osascript" ? osascript(text) : askpass(text);
  // Most of what keeps a program from being started comes as an event; the rest is thrown (ENOTDIR, E2BIG, ...).
  return speak(program, speech, signal).catch(() => "failed" as const);
}

function askpass(text: string): Speech {
  return {
    args: [text],
    hear: (line) => ({ typed: line }),
    // One that could show nothing says why; one that was cancelled says nothing, but for osascript, which has a number for it.
    ended: (complaint) => (complaint.trim() === "" || complaint.includes("(-128)") ? "refused" : "failed"),
  };
}

function osascript(text: string): Speech {
  const script = [
    "on run argv",
    'set said to display dialog (item 1 of argv) default answer "" with title "Holdfast" with hidden answer',
    "return text returned of said",
    "end run",
  ];
  return { ...askpass(text), args: [...script.flatMap((line) => ["-e", line]), text] };
}

function pinentry(text: string): Speech {
  const lines = text.split("\n");
  const prompt = lines.pop() ?? "";
  const terminal = process.env["GPG_TTY"];
  const requests = [
    ...(terminal === undefined ? [] : [`OPTION ttyname=${encoded(terminal)}`]),
    "SETTITLE Holdfast",
    `SETDESC ${encoded(lines.join("\n"))}`,
    `SETPROMPT ${encoded(prompt)}`,
    "GETPIN",
  ];
  let typed = "";
  return {
    args: [],
    hear: (line) => {
      if (line.startsWith("D ")) typed += decoded(line.slice(2));
      const next = requests.shift();
      if (line.startsWith("ERR ")) {
        const code = Number.parseInt(line.slice(4), 10) % 65_536;
        if (next !== undefined) return { say: next };
        return code === cancelled ? "refused" : "failed";
      }
      if (!/^OK\b/.test(line)) {
        if (next !== undefined) requests.unshift(next);
        return undefined;
      }
      return next === undefined ? { typed } : { say: next };
    },
    ended: () => "failed",
  };
}

/** As Assuan writes what would end a line, or begin an escape. */
function encoded(text: string): string {
  return text.replaceAll(/[%\n\r]/g, (character) => encodeURIComponent(character));
}

function decoded(text: string): string {
  return Buffer.from(
    text.replaceAll(
      /%([0-9A-Fa-f]{2})|[^%]/gu,
      (part, hex: string | undefined) => hex ?? Buffer.from(part).toString("hex"),
    ),
    "hex",
  ).toString();
}

/** What is for us alone, or would have a program that asks by the same means ask itself. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(OVRD_|HOLDFAST_|NODE_OPTIONS$)/.test(name)),
  );
}

function speak(program: string, speech: Speech, signal: AbortSignal): Promise<DialogAnswer> {
  return new Promise((resolve) => {
    const child = spawn(program, [...speech.args], { stdio: ["pipe", "pipe", "pipe"], env: environment() });
    const lines = new LineAssembler(longestLineBytes);
    let stopKill: () => void = () => undefined;
    const finish = (answer: DialogAnswer): void => {
      signal.removeEventListener("abort", take);
      child.stdin.end();
      child.kill("SIGTERM");
      stopKill();
      stopKill = after(goneMs, () => void child.kill("SIGKILL"));
      resolve(answer);
    };
    const take = (): void => finish("failed");
    signal.addEventListener("abort", take, { once: true });
    child.stdin.on("error", () => undefined);
    child.on("error", () => finish("failed"));
    child.stdout.on("data", (chunk: Buffer) => {
      for (const line of lines.add(chunk)) {
        const said = line.kind === "text" ? speech.hear(line.text.replace(/\r$/, "")) : "failed";
        if (said === undefined) continue;
        if (typeof said === "object" && "say" in said) child.stdin.write(`${said.say}\n`);
        else finish(said);
      }
    });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(0, longestLineBytes)));
    child.on("close", () => {
      finish(speech.ended(complaint));
      stopKill();
    });
  });
}
