import { HoldfastError, after, oneLine, randomHex } from "../../base/index.ts";
import type { Target } from "../../config/index.ts";
import {
  type ChannelEnd,
  type ChannelListener,
  type ExecOptions,
  type FirstExec,
  type SshChannel,
  type SshConnection,
  withExec,
} from "../../ssh/index.ts";
import { withIdleLimitOf } from "../connections/idle-limit.ts";
import { ControlSplitter } from "./control-lines.ts";
import { bootCommand, spawnLine } from "./host-scripts.ts";

/** What a program shows that repeats `bootCommand`, however its beginning was changed. */
const bootBody = bootCommand.slice(bootCommand.indexOf("IFS="), -1);

/** What a login prints before us that is kept, for messages. */
const noiseCharacters = 2000;

/** A login that shows what it is given may be one that traces its commands: so long after showing it, it has begun to run it. */
const traceMs = 700;

export interface SpawnRequest {
  readonly name: string;
  /** 16 and 32 random hex digits. Asked again with the same, the host makes no second session. */
  readonly id: string;
  readonly key: string;
  /** Preferred place for the session's directory, or "". */
  readonly directory: string;
  /** The shell to run, or "auto": the user's own where it speaks POSIX. */
  readonly shell: string;
  /** Whether its programs may be given a display. */
  readonly x11?: Target["x11"];
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

/**
 * Makes a session on the host in the same breath as the first attachment: its `connect` gives a connection whose first boot makes the
 * session and then goes on as whatever was to be booted. One login and one round trip do for both. Where the host cannot hold a session,
 * `connect` rejects from then on with `unsupported` (`details.lacks`: place, tools or shell; `details.why`), or with `bad_input`.
 */
export class SessionBirth {
  /** Kernel, machine and shell, for people; "" until the host has told. */
  facts = "";
  readonly #connect: (first?: FirstExec) => Promise<SshConnection>;
  readonly #request: SpawnRequest;
  #made = false;
  #runs = false;
  #doubted = false;
  #failure: HoldfastError | undefined;
  #noise = "";
  /** Resolves when the session is made, cannot be made, or the channel is gone. */
  #known: Promise<void> = Promise.resolve();
  #tell: () => void = () => undefined;

  constructor(connect: (first?: FirstExec) => Promise<SshConnection>, request: SpawnRequest) {
    this.#connect = connect;
    this.#request = request;
  }

  /** Asked again after the connection was lost, the host makes no second session. */
  async connect(first?: FirstExec): Promise<SshConnection> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#made) return this.#connect(first);
    const nonce = randomHex(12);
    const spawn = this.#line(nonce);
    const connection = await this.#connect(first && { ...first, input: `${spawn}${first.input}` });
    return withIdleLimitOf(connection, this.#booting(connection, { nonce, spawn }));
  }

  /** The session keeps it as long as it is attached, so it lets go of the long line when that has done its work. */
  #booting(connection: SshConnection, making: Making): SshConnection {
    let line: Making | undefined = making;
    return withExec(connection, async (command, listener, options) => {
      if (line === undefined) return connection.exec(command, listener, options);
      const channel = await this.#boot(connection, { command, listener, options, ...line });
      if (this.#made) line = undefined;
      return channel;
    });
  }

  async #boot(connection: SshConnection, boot: Boot): Promise<SshChannel> {
    const { command, listener, options, nonce, spawn } = boot;
    if (command !== bootCommand || this.#made) return connection.exec(command, listener, options);
    this.#known = new Promise((resolve) => {
      this.#tell = resolve;
    });
    const splitter = new ControlSplitter(nonce, {
      onData: (bytes) => {
        this.#heard(bytes);
        listener.onStdout(bytes);
      },
      onLine: (line) => {
        this.#told(line);
      },
    });
    const watching: ChannelListener = {
      onStdout: (bytes) => {
        if (this.#made && splitter.idle) listener.onStdout(bytes);
        else splitter.feed(bytes);
      },
      onStderr: (bytes) => {
        this.#heard(bytes);
        listener.onStderr(bytes);
      },
      onEnd: (end) => {
        this.#ended(end);
        listener.onEnd(end);
      },
    };
    const input = `${spawn}${options?.input ?? ""}`;
    const channel = await connection.exec(command, watching, { ...options, input });
    await this.#known;
    if (this.#failure === undefined) return channel;
    channel.close();
    throw this.#failure;
  }

  #line(nonce: string): string {
    const { id, key, name, directory, shell, start, first, idleS, spoolBytes, whenFull, x11 = "off" } = this.#request;
    const variables = {
      N: nonce,
      K: key,
      ID: id,
      NAME: name,
      BASE: directory,
      WSH: shell,
      START: start,
      FIRST: first,
      TTL: idleS,
      CAP: spoolBytes,
      FULL: whenFull,
    };
    return spawnLine(variables, x11 !== "off");
  }

  #told(line: string): void {
    // The login runs what it may have shown before.
    if (line === "here") {
      this.#runs = true;
      return;
    }
    if (line.startsWith("facts ")) {
      this.facts = oneLine(line.slice("facts ".length), 120);
      return;
    }
    if (line.startsWith("made ")) this.#made = true;
    else this.#failure ??= cannotHold(line, this.#noise);
    this.#tell();
  }

  /** Before the session is made, whatever is printed is a login's noise, or a login that is none. */
  #heard(bytes: Uint8Array): void {
    if (this.#made || this.#runs || this.#failure !== undefined || this.#noise.length >= noiseCharacters) return;
    this.#noise += Buffer.from(bytes).toString();
    if (this.#doubted || !this.#noise.includes(bootBody)) return;
    this.#doubted = true;
    // A login that shows the command to somebody instead of running it will not run it later; one that traces what it does, at once.
    after(traceMs, () => {
      if (this.#made || this.#runs) return;
      this.#failure ??= cannotHold("", this.#noise);
      this.#tell();
    });
  }

  #ended(end: ChannelEnd): void {
    if (!this.#made && end.kind !== "lost") this.#failure ??= cannotHold("", this.#noise);
    this.#tell();
  }
}

interface Making {
  readonly nonce: string;
  /** The line that makes the session. */
  readonly spawn: string;
}

interface Boot extends Making {
  readonly command: string;
  readonly listener: ChannelListener;
  readonly options: ExecOptions | undefined;
}

function cannotHold(last: string, noise: string): HoldfastError {
  if (last.startsWith("fatal place")) {
    const why = oneLine(last.slice("fatal place".length), 300).replace(/;$/, "");
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
