import { HoldfastError, oneLine, randomHex, timeIsUp } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import { whileAlive } from "../connections/while-alive.ts";
import { ControlSplitter } from "./control-lines.ts";
import { bootCommand, listLine, spawnLine } from "./host-scripts.ts";

/** What a program shows that repeats `bootCommand`, however its beginning was changed. */
const bootBody = bootCommand.slice(bootCommand.indexOf("IFS="), -1);

/** Login shells with slow rc files are given this long. */
const spawnTimeoutMs = 20_000;

export interface SpawnRequest {
  readonly name: string;
  /** 16 and 32 random hex digits. Asked again with the same, the host makes no second session. */
  readonly id: string;
  readonly key: string;
  /** Preferred place for the session's directory, or "". */
  readonly directory: string;
  /** The shell to run, or "auto": the user's own where it speaks POSIX. */
  readonly shell: string;
  /** Shell text that the session begins with, or "". */
  readonly start: string;
  /** The number of its first command. */
  readonly first: number;
  /** The session ends when nobody was attached for about this long. */
  readonly idleS: number;
  /** Output kept per command, at most. */
  readonly spoolBytes: number;
  /** What happens to a command that prints more: it goes on and the rest is read and dropped, or it is ended. */
  readonly whenFull: "drain" | "stop";
}

/** What a session must be known by to be attached: enough for any process on any machine that reaches the host. */
export interface SessionIdentity {
  readonly id: string;
  readonly key: string;
  readonly directory: string;
  /** Kernel, machine and shell, for people. */
  readonly facts: string;
}

/**
 * Makes a session on the host. Rejects with `unsupported` when the host cannot hold one (`details.lacks`: place, tools or shell;
 * `details.why`), `timed_out` or `connection_lost`.
 */
export async function spawnSession(connection: SshConnection, request: SpawnRequest): Promise<SessionIdentity> {
  const nonce = randomHex(12);
  const { id, key } = request;
  const line = spawnLine({
    N: nonce,
    K: key,
    ID: id,
    NAME: request.name,
    BASE: request.directory,
    WSH: request.shell,
    START: request.start,
    FIRST: request.first,
    TTL: request.idleS,
    CAP: request.spoolBytes,
    FULL: request.whenFull,
  });
  const answer = await converse(connection, {
    nonce,
    line,
    until: (words) => words[0] === "made" || words[0] === "fatal",
  });
  const last = answer.lines.at(-1) ?? "";
  const facts = oneLine(answer.lines.find((text) => text.startsWith("facts "))?.slice("facts ".length) ?? "", 120);
  if (last.startsWith("made ")) return { id, key, facts, directory: last.slice("made ".length) };
  throw cannotHold(last, answer.noise);
}

function cannotHold(last: string, noise: string): HoldfastError {
  if (last.startsWith("fatal place")) {
    const why = oneLine(last.slice("fatal place".length), 300);
    return new HoldfastError("unsupported", `the host has no directory that can hold a session: ${why}`, {
      hint: "Make one of /var/tmp, /tmp, ~/.cache or the home directory writable for this user",
      details: { lacks: "place", why: oneLine(last.slice("fatal place".length), 2000) },
    });
  }
  if (last.startsWith("fatal tools")) {
    return new HoldfastError(
      "unsupported",
      `the host lacks ${last.slice("fatal tools ".length)}, which a session needs`,
      {
        hint: "Install a POSIX userland (coreutils or busybox)",
        details: { lacks: "tools", why: last.slice("fatal tools ".length) },
      },
    );
  }
  if (last.startsWith("fatal start")) {
    return new HoldfastError(
      "bad_input",
      `the session cannot begin there: ${oneLine(last.slice("fatal start".length), 200)}`,
      {
        hint: "Check cwd and env",
      },
    );
  }
  const said = oneLine(noise, 200);
  return new HoldfastError(
    "unsupported",
    `the login gives no shell that can hold a session${said === "" ? "" : `; it says: ${said}`}`,
    {
      hint: "Check the user's login shell and any ForceCommand on the host",
      details: { lacks: "shell", why: said },
    },
  );
}

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
  return answer.lines.flatMap((text) => {
    const match = /^session ([0-9a-f]{16}) (alive|dead) (\d+) ([0-9a-f]+) (.+)$/.exec(text);
    if (match === null) return [];
    const [, id = "", state, next, key = "", name = ""] = match;
    return [{ id, key, alive: state === "alive", next: Number(next), name: oneLine(name, 100) }];
  });
}

interface Conversation {
  readonly nonce: string;
  readonly line: string;
  readonly until: (words: readonly string[]) => boolean;
}

/** Runs a boot script and collects its control lines up to the one that ends it; what else was printed is noise. */
async function converse(connection: SshConnection, talk: Conversation): Promise<{ lines: string[]; noise: string }> {
  const lines: string[] = [];
  let noise = "";
  let lost = false;
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const keepNoise = (bytes: Uint8Array): void => {
    if (noise.length < 2000) noise += Buffer.from(bytes).toString();
    // A login that shows the command to somebody instead of running it will not run it later.
    if (noise.includes(bootBody)) finish();
  };
  const splitter = new ControlSplitter(talk.nonce, {
    onData: keepNoise,
    onLine: (line) => {
      lines.push(line);
      if (talk.until(line.split(" "))) finish();
    },
  });
  const running = connection.exec(
    bootCommand,
    {
      onStdout: (bytes) => {
        splitter.feed(bytes);
      },
      onStderr: keepNoise,
      onEnd: (end) => {
        lost = end.kind === "lost";
        finish();
      },
    },
    { input: talk.line },
  );
  const outcome = await whileAlive(connection, Promise.all([running, done]), spawnTimeoutMs);
  running.then(
    (channel) => {
      channel.close();
    },
    () => undefined,
  );
  if (outcome === timeIsUp) {
    throw new HoldfastError("timed_out", `the host did not answer within ${spawnTimeoutMs / 1000} s`, {
      hint: "Check the login shell's rc files on the host",
    });
  }
  if (lost && connection.closed) {
    throw new HoldfastError("connection_lost", "the connection was lost while the host was asked", {
      hint: "Call again",
    });
  }
  return { lines, noise };
}
