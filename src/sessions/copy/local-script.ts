import { spawn } from "node:child_process";
import { HoldfastError, after, randomHex } from "../../base/index.ts";
import { bootCommand } from "../host-shell/host-scripts.ts";
import { answerIn, copyScriptLine, type CopyScript } from "./copy-script.ts";
import { shownPath } from "./copy-side.ts";

/** A look at a few hundred files of this machine: longer is a disk that does not answer. */
const limitMs = 120_000;

/** Names and access lists of what is asked together. */
const mostOutputBytes = 16 * 1024 * 1024;

/** What one operation of `host/copy.sh` answers on this machine. Rejects with what the system says, and `unsupported` where there is no `/bin/sh`. */
export async function runScriptHere(request: CopyScript): Promise<Buffer> {
  const nonce = randomHex(12);
  const pieces: Uint8Array[] = [Buffer.from(copyScriptLine(request, nonce))];
  if (request.input !== undefined) for await (const piece of request.input) pieces.push(Buffer.from(piece));
  const over = new AbortController();
  const shell = spawn("/bin/sh", ["-c", bootCommand], {
    stdio: ["pipe", "pipe", "ignore"],
    // Nothing of the server's own environment: a program in there is somebody else's.
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C" },
    signal: over.signal,
  });
  const output: Buffer[] = [];
  let outputBytes = 0;
  shell.stdout.on("data", (bytes: Buffer) => {
    outputBytes += bytes.length;
    if (outputBytes > mostOutputBytes) over.abort();
    else output.push(bytes);
  });
  // Whoever does not read its input has said why.
  shell.stdin.on("error", () => undefined);
  shell.stdin.end(Buffer.concat(pieces));
  const ended = new Promise<boolean>((resolve) => {
    shell.once("error", () => resolve(false));
    shell.once("close", (status) => resolve(status === 0));
  });
  const cancel = after(limitMs, () => over.abort());
  const whole = await ended;
  cancel();
  if (whole) return answerIn(Buffer.concat(output), nonce, request);
  throw new HoldfastError("unsupported", `${shownPath(request.path)}: no script could be run on this machine`, {
    hint: "See whether it has /bin/sh",
  });
}
