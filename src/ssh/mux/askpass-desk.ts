import { chmodSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { after, shellWord } from "../../base/index.ts";
import type { PrivateDirectory } from "./private-directory.ts";

/** What ssh runs for each question: it asks here and prints the answer. The answer is in no argument, environment or file. */
const askerSource = `"use strict";
const socket = require("node:net").connect(require("node:path").join(__dirname, "ask"));
const question = { prompt: process.argv[2] || "", hint: process.env.SSH_ASKPASS_PROMPT || "" };
let said = "";
socket.setEncoding("utf8");
socket.on("connect", () => socket.end(JSON.stringify(question)));
socket.on("data", (text) => { said += text; });
socket.on("error", () => undefined);
socket.on("close", () => {
  if (said.startsWith("+")) process.stdout.write(said.slice(1) + "\\n");
  else process.exitCode = 1;
});
`;

/** A prompt has a few lines; a server's may be long, but not like this. */
const longestQuestion = 64 * 1024;

/** A question is sent at once. */
const questionLimitMs = 10_000;

/** An answer, or undefined for none: ssh goes on without. */
export type Asked = (prompt: string, hint: string) => Promise<string | undefined>;

/** Where ssh's questions come in during a login, until `close`. */
export class AskpassDesk {
  /** The program to name in SSH_ASKPASS. */
  readonly program: string;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(program: string, asked: Asked) {
    this.program = program;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#open.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => this.#open.delete(socket));
      void answerOne(socket, asked);
    });
    this.#server.on("error", () => undefined);
    this.#server.unref();
  }

  /** Opens it in `directory`. Rejects when that cannot be written. */
  static async open(directory: PrivateDirectory, asked: Asked): Promise<AskpassDesk> {
    const program = directory.file("askpass");
    writeFileSync(directory.file("askpass.cjs"), askerSource, { mode: 0o600, flag: "wx" });
    const run = [process.execPath, directory.file("askpass.cjs")].map(shellWord).join(" ");
    writeFileSync(program, `#!/bin/sh\nexec ${run} "$1"\n`, { mode: 0o700, flag: "wx" });
    const desk = new AskpassDesk(program, asked);
    await new Promise<void>((resolve, reject) => {
      desk.#server.once("error", reject);
      desk.#server.listen(directory.file("ask"), resolve);
    });
    chmodSync(directory.file("ask"), 0o600);
    return desk;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }
}

async function answerOne(socket: Socket, asked: Asked): Promise<void> {
  const question = await readQuestion(socket);
  const answer = question === undefined ? undefined : await asked(question.prompt, question.hint);
  if (answer === undefined) socket.destroy();
  else socket.end(`+${answer}`);
}

function readQuestion(socket: Socket): Promise<{ readonly prompt: string; readonly hint: string } | undefined> {
  return new Promise((resolve) => {
    let text = "";
    const cancel = after(questionLimitMs, () => socket.destroy());
    socket.setEncoding("utf8");
    socket.on("data", (piece: string) => {
      text += piece;
      if (text.length > longestQuestion) socket.destroy();
    });
    socket.once("close", () => {
      cancel();
      resolve(undefined);
    });
    socket.once("end", () => {
      cancel();
      resolve(parseQuestion(text));
    });
  });
}

function parseQuestion(text: string): { readonly prompt: string; readonly hint: string } | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    return { prompt: String(Reflect.get(parsed, "prompt")), hint: String(Reflect.get(parsed, "hint")) };
  } catch {
    return undefined;
  }
}
