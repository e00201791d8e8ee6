import { HoldfastError, randomHex, timeIsUp } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import { whileAlive } from "../connections/while-alive.ts";
import { isSessionName } from "../session-name.ts";
import { ControlSplitter } from "./control-lines.ts";
import { bootCommand, listLine } from "./host-scripts.ts";

/** Login shells with slow rc files are given this long. */
const answerTimeoutMs = 20_000;

/** Sessions that a host is believed to have of one user: each takes a dozen of its processes. */
const mostSessions = 1000;

export interface FoundSession {
  readonly id: string;
  readonly key: string;
  readonly alive: boolean;
  readonly next: number;
  readonly name: string;
}

/** The sessions of this user that live on the host, whoever made them. */
export async function findSessions(connection: SshConnection, base: string): Promise<readonly FoundSession[]> {
  const nonce = randomHex(12);
  const line = listLine({ N: nonce, BASE: base });
  const answer = await converse(connection, { nonce, line, until: (words) => words[0] === "end" });
  return answer.flatMap((text) => {
    const match = /^session ([0-9a-f]{16}) (alive|dead) (\d+) ([0-9a-f]+) (.+)$/.exec(text);
    const [, id = "", state, next, key = "", name = ""] = match ?? [];
    return isSessionName(name) ? [{ id, key, alive: state === "alive", next: Number(next), name }] : [];
  });
}

interface Conversation {
  readonly nonce: string;
  readonly line: string;
  readonly until: (words: readonly string[]) => boolean;
}

/** Runs a boot script and collects its control lines up to the one that ends it. */
async function converse(connection: SshConnection, talk: Conversation): Promise<readonly string[]> {
  const lines: string[] = [];
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const splitter = new ControlSplitter(talk.nonce, {
    onData: () => undefined,
    onLine: (line) => {
      if (lines.length < mostSessions) lines.push(line);
      if (talk.until(line.split(" "))) finish();
    },
  });
  const running = connection.exec(
    bootCommand,
    {
      onStdout: (bytes) => {
        splitter.feed(bytes);
      },
      onStderr: () => undefined,
      onEnd: () => {
        finish();
      },
    },
    { input: talk.line },
  );
  const outcome = await whileAlive(connection, Promise.all([running, done]), answerTimeoutMs);
  running.then(
    (channel) => {
      channel.close();
    },
    () => undefined,
  );
  if (outcome !== timeIsUp) return lines;
  throw new HoldfastError("timed_out", `the host did not answer within ${answerTimeoutMs / 1000} s`, {
    hint: "Check the login shell's rc files on the host",
  });
}
