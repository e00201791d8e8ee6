import { HoldfastError, randomHex, timeIsUp } from "../../base/index.ts";
import type { SshChannel, SshConnection } from "../../ssh/index.ts";
import { whileAlive } from "../connections/while-alive.ts";
import { ControlSplitter } from "./control-lines.ts";
import { attachLine, bootCommand } from "./host-scripts.ts";
import { lostSession } from "./lost-session.ts";
import type { SpoolPosition } from "./spool-position.ts";

/** How long a host may take to answer an attach: slow rc files run first. */
const attachTimeoutMs = 20_000;

/** At most this much of what a login prints before us is kept, for the message of a failed attach. */
const noiseBytes = 2000;

export interface AttachRequest {
  /** Session id: 16 hex digits. */
  readonly id: string;
  /** Preferred place on the host, or "". */
  readonly base: string;
  /** A writer takes over from the writer before it; any number of readers may follow beside it. */
  readonly mode: "writer" | "reader";
  /** Where to go on; undefined: the current epoch from its start. */
  readonly position: SpoolPosition | undefined;
  /** What was asked for and may run, as `<number>:<ticket>`. */
  readonly given?: readonly string[];
}

/** An attachment that is about to be made: what its channel is sent first, known before there is a connection. */
export interface Opening {
  readonly nonce: string;
  readonly input: string;
}

/** How to open what `request` asks for, with request lines that go out right behind. */
export function openingOf(request: AttachRequest, lines: readonly string[] = []): Opening {
  const nonce = randomHex(12);
  return { nonce, input: [attachLine(variablesOf(nonce, request)), ...lines.map((line) => `${line}\n`)].join("") };
}

/** What the host says of the session when an attachment is made. */
export interface Hello {
  readonly epoch: number;
  /** The number that the next command gets. */
  readonly next: number;
  /** The newest command that was given to the session shell; later numbers are commands beside it. */
  readonly front: number;
  /** The newest command that the session shell has begun. */
  readonly started: number;
  /** Commands have been given to it before. */
  readonly used: boolean;
  /** The command whose input was typed, so that some of it may be unread; undefined when the session has had another stdin since. */
  readonly fed: number | undefined;
  /** Numbers of `AttachRequest.given` that the host has given to another server's commands. */
  readonly others: readonly number[];
  readonly directory: string;
  /** The last death of a session shell: its status, and the command that had begun last. */
  readonly died: { readonly status: number; readonly started: number } | undefined;
}

export interface AttachListener {
  /** The first thing that is told, before any byte. Request lines may be sent from now on. */
  onHello(hello: Hello, attachment: Attachment): void;
  onLine(words: readonly string[], line: string): void;
  /** What follows on this stream is epoch `epoch` from `offset` on. */
  onBarrier(stream: "stdout" | "stderr", position: { readonly epoch: number; readonly offset: number }): void;
  onBytes(stream: "stdout" | "stderr", bytes: Uint8Array): void;
  /** Called once, when the channel is gone. */
  onGone(reason: string): void;
}

/** One SSH channel connected to one session on the host. It dies with its connection; the session does not. */
export class Attachment {
  readonly connection: SshConnection;
  readonly #wire: Wire;

  private constructor(connection: SshConnection, nonce: string, listener: AttachListener) {
    this.connection = connection;
    this.#wire = new Wire(nonce, listener, (hello) => {
      listener.onHello(hello, this);
    });
  }

  /**
   * Attaches over `connection`, once for each opening. Rejects with `session_unknown` (closed or expired) or `session_lost` (killed, or the host rebooted) when the
   * session is not there any more, `connection_lost`, or `timed_out`.
   */
  static async open(connection: SshConnection, opening: Opening, listener: AttachListener): Promise<Attachment> {
    const attachment = new Attachment(connection, opening.nonce, listener);
    const wire = attachment.#wire;
    const attaching = (async () => {
      try {
        wire.opened(await connection.exec(bootCommand, wire, { input: opening.input }));
      } catch (error) {
        wire.onEnd();
        throw error;
      }
      return wire.hello;
    })();
    const hello = await whileAlive(connection, attaching, attachTimeoutMs);
    if (hello !== timeIsUp) return attachment;
    wire.close();
    throw new HoldfastError("timed_out", `the host did not answer within ${attachTimeoutMs / 1000} s${wire.noise()}`, {
      hint: "Check the login shell's rc files on the host",
    });
  }

  get gone(): boolean {
    return this.#wire.gone;
  }

  /** Sends a request line, or several; false when the channel is gone. */
  send(lines: string): boolean {
    if (this.#wire.gone) return false;
    this.#wire.write(`${lines}\n`);
    return true;
  }

  /** Leaves the session as it is. */
  detach(): void {
    this.#wire.close();
  }
}

function variablesOf(nonce: string, request: AttachRequest): Readonly<Record<string, string | number>> {
  const at = request.position;
  return {
    N: nonce,
    ID: request.id,
    BASE: request.base,
    MODE: request.mode === "writer" ? "w" : "r",
    PUMP: "",
    EP0: at?.epoch ?? "",
    OO: at?.stdout ?? "",
    EE: at?.stderr ?? "",
    GIVEN: (request.given ?? []).join(" "),
  };
}

/** The channel's listener: takes control lines out, drops login noise, and turns the first answer into `hello`. */
class Wire {
  gone = false;
  readonly hello: Promise<Hello>;
  readonly #listener: AttachListener;
  readonly #greet: (hello: Hello) => void;
  #channel: SshChannel | undefined;
  #closed = false;
  /** What is to be sent while the host has answered but the channel is not in our hands yet: a few lines. */
  #early: string[] = [];
  readonly #splitters: { readonly stdout: ControlSplitter; readonly stderr: ControlSplitter };
  readonly #open = { stdout: false, stderr: false };
  #noise = "";
  #resolve: (hello: Hello) => void = () => undefined;
  #reject: (error: HoldfastError) => void = () => undefined;

  constructor(nonce: string, listener: AttachListener, greet: (hello: Hello) => void) {
    this.#listener = listener;
    this.#greet = greet;
    this.hello = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.hello.catch(() => undefined);
    this.#splitters = { stdout: this.#splitter(nonce, "stdout"), stderr: this.#splitter(nonce, "stderr") };
  }

  opened(channel: SshChannel): void {
    this.#channel = channel;
    for (const text of this.#early) channel.write(text);
    this.#early = [];
    if (this.#closed) this.close();
  }

  write(text: string): void {
    if (this.#channel === undefined) this.#early.push(text);
    else this.#channel.write(text);
  }

  close(): void {
    this.#closed = true;
    this.#channel?.eof();
    this.#channel?.close();
  }

  onStdout(bytes: Uint8Array): void {
    this.#splitters.stdout.feed(bytes);
  }

  onStderr(bytes: Uint8Array): void {
    this.#splitters.stderr.feed(bytes);
  }

  onEnd(): void {
    if (this.gone) return;
    this.gone = true;
    this.#reject(
      new HoldfastError("connection_lost", `the channel closed while attaching${this.noise()}`, { hint: "Call again" }),
    );
    this.#listener.onGone("the connection was lost");
  }

  /** What the login printed, for messages; empty when it printed nothing. */
  noise(): string {
    const text = this.#noise.replaceAll(/\s+/g, " ").trim().slice(-200);
    return text === "" ? "" : ` (it printed: ${text})`;
  }

  #splitter(nonce: string, stream: "stdout" | "stderr"): ControlSplitter {
    return new ControlSplitter(nonce, {
      onData: (bytes) => {
        if (this.#open[stream]) this.#listener.onBytes(stream, bytes);
        else if (this.#noise.length < noiseBytes) this.#noise += Buffer.from(bytes).toString();
      },
      onLine: (line) => {
        this.#line(stream, line);
      },
    });
  }

  #line(stream: "stdout" | "stderr", line: string): void {
    const words = line.split(" ");
    const [verb, first, second] = words;
    if (verb === "F") {
      this.#open[stream] = true;
      this.#listener.onBarrier(stream, { epoch: Number(first), offset: Number(second) });
    } else if (verb === "hello") this.#greeted(readHello(words));
    else if (verb === "fatal") this.#reject(lostSession(first ?? "", second ?? ""));
    else this.#listener.onLine(words, line);
  }

  #greeted(hello: Hello): void {
    if (![hello.epoch, hello.next, hello.front, hello.started].every((number) => Number.isSafeInteger(number))) {
      this.#reject(
        new HoldfastError("unsupported", "what the host says of the session makes no sense", {
          hint: "Check printf, read and cat on the host",
        }),
      );
      this.close();
      return;
    }
    this.#greet(hello);
    this.#resolve(hello);
  }
}

/** `hello <epoch> <next> <front> <started> <new | used> <fed | -> <others> <- | dead <status> <generation> <begun>> <directory>`; the directory may hold blanks. */
function readHello(words: readonly string[]): Hello {
  const [, epoch, next, front, started, used, fed, not, dead, status, , begun] = words;
  const others = (not ?? "-").split(",").flatMap((word) => (/^\d+$/.test(word) ? [Number(word)] : []));
  const numbers = { epoch: Number(epoch), next: Number(next), front: Number(front), started: Number(started) };
  const common = { ...numbers, used: used === "used", fed: fed === "-" ? undefined : Number(fed), others };
  if (dead !== "dead") return { ...common, directory: words.slice(9).join(" "), died: undefined };
  return { ...common, directory: words.slice(12).join(" "), died: { status: Number(status), started: Number(begun) } };
}
