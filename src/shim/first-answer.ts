import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { isObject, parseObject } from "./hello.ts";
import { readMessage, type MessageId } from "./json-rpc.ts";

interface Ends {
  readonly input: Readable;
  readonly output: Writable;
  /** What the server answers to `initialize`, by revision of the protocol: written by the build, which asks the server. */
  readonly answersFile: string;
}

/**
 * Answers a client's `initialize` before there is a server, if that is the first that it says and all of it is as usual: the answer says
 * only what this version is and can do. What was read is put back: whoever serves reads it again, and must not answer that one request.
 */
export class FirstAnswer {
  readonly #ends: Ends;
  #answered: MessageId | undefined;

  constructor(ends: Ends) {
    this.#ends = ends;
    ends.input.once("data", this.#onData);
  }

  /** Looks no further; the id of the request that has its answer, if there is one. */
  stop(): MessageId | undefined {
    const { input } = this.#ends;
    input.off("data", this.#onData);
    input.pause();
    return this.#answered;
  }

  readonly #onData = (chunk: Buffer): void => {
    const { input, output, answersFile } = this.#ends;
    input.pause();
    input.unshift(chunk);
    const end = chunk.indexOf("\n");
    const message = end < 0 ? undefined : readMessage(chunk.toString("utf8", 0, end));
    if (message?.kind !== "request" || message.method !== "initialize") return;
    const revision = usualRevision(message.whole["params"]);
    const answer = revision === undefined ? undefined : keptAnswers(answersFile)[revision];
    if (!isObject(answer)) return;
    this.#answered = message.id;
    output.write(`${JSON.stringify({ result: answer, jsonrpc: "2.0", id: message.id })}\n`);
  };
}

function keptAnswers(file: string): Readonly<Record<string, unknown>> {
  try {
    return parseObject(readFileSync(file, "utf8")) ?? {};
  } catch {
    return {};
  }
}

/** The revision that parameters of `initialize` name; undefined where they hold anything that a server might refuse. */
function usualRevision(params: unknown): string | undefined {
  if (!isObject(params)) return undefined;
  const { protocolVersion, clientInfo, capabilities } = params;
  if (!isObject(clientInfo) || !isObject(capabilities)) return undefined;
  const named = typeof clientInfo["name"] === "string" && typeof clientInfo["version"] === "string";
  const usual = named && Object.entries(capabilities).every(([name, value]) => isUsual(name, value));
  return usual && typeof protocolVersion === "string" ? protocolVersion : undefined;
}

/** The parts of each capability that clients are known to send; they are objects, but for `listChanged`. */
const usualParts: Readonly<Record<string, readonly string[]>> = {
  roots: ["listChanged"],
  sampling: ["context", "tools"],
  elicitation: ["form", "url"],
};

function isUsual(name: string, value: unknown): boolean {
  const parts = usualParts[name];
  if (parts === undefined || !isObject(value)) return false;
  return Object.entries(value).every(
    ([part, more]) =>
      parts.includes(part) &&
      (part === "listChanged" ? typeof more === "boolean" : isObject(more) && Object.keys(more).length === 0),
  );
}
