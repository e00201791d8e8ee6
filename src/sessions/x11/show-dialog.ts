import { messageOf, randomHex } from "../../base/index.ts";
import { X11Forward, type SshChannel, type SshConnection, type X11Settings } from "../../ssh/index.ts";
import { ControlSplitter } from "../host-shell/control-lines.ts";
import { authorityText } from "./authority-text.ts";
import { lendDisplay } from "./lend-display.ts";
import { bootCommand, dialogLine } from "../host-shell/host-scripts.ts";

/** Nobody types more; what sends more is no dialog. */
const longestTypedBytes = 8_192;

interface DialogRequest {
  readonly display: X11Settings;
  readonly text: string;
  /** The session's directory on its host. */
  readonly directory: string;
  connect(): Promise<SshConnection>;
}

/** What was typed, a no, or why there was no dialog. */
export type DialogOutcome = { readonly typed: string } | "refused" | { readonly failed: string };

/** Words of `dialog.sh`. */
const lacks: Readonly<Record<string, string>> = {
  "no display": "the server gave it no display",
  "no program": "the host has no ssh-askpass",
  "no file": "nothing could be written on the host",
};

/**
 * Has the host's own ssh-askpass show `text` on the display of this machine, by X11 on a channel of its own, until something is typed or `signal`
 * aborts. What is typed comes over that channel. Never rejects.
 */
export async function showDialog(request: DialogRequest, signal: AbortSignal): Promise<DialogOutcome> {
  let forward: X11Forward | undefined;
  try {
    forward = await X11Forward.open(request.display);
    return await shown(request, forward, signal);
  } catch (error) {
    return { failed: messageOf(error) };
  } finally {
    forward?.close();
  }
}

async function shown(request: DialogRequest, forward: X11Forward, signal: AbortSignal): Promise<DialogOutcome> {
  const connection = await request.connect();
  const lent = await lendDisplay(connection, forward);
  try {
    const dialog = new Dialog();
    const { text, directory } = request;
    const facts = { N: dialog.nonce, D: directory, Y: lent.name, A: authorityText(forward.authority), T: text };
    const channel = await connection.exec(bootCommand, dialog, { ...lent.options, input: dialogLine(facts) });
    if (forward.refusal !== undefined) dialog.end(forward.refusal);
    return outcomeOf(await lastWord(dialog, channel, signal), dialog, forward);
  } finally {
    await lent.close();
  }
}

async function lastWord(dialog: Dialog, channel: SshChannel, signal: AbortSignal): Promise<string> {
  const stop = (): void => {
    end(channel);
    dialog.end("nobody waits for it any more");
  };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await dialog.over;
  } finally {
    signal.removeEventListener("abort", stop);
    end(channel);
  }
}

function outcomeOf(last: string, dialog: Dialog, forward: X11Forward): DialogOutcome {
  if (last === "end 0") return { typed: dialog.typed };
  if (/^end \d+$/.test(last)) return forward.welcomed ? "refused" : { failed: "it could not reach the display" };
  return { failed: lacks[last] ?? last };
}

function end(channel: SshChannel): void {
  channel.eof();
  channel.close();
}

/** What comes from the channel of a dialog. */
class Dialog {
  readonly nonce = randomHex(12);
  /** Its last word: of `dialog.sh`, or ours. */
  readonly over: Promise<string>;
  #end: (last: string) => void = () => undefined;
  #bytes = Buffer.alloc(0);
  readonly #splitter = new ControlSplitter(this.nonce, {
    onData: (bytes) => {
      if (this.#bytes.length > longestTypedBytes) this.end("it sent too much");
      else this.#bytes = Buffer.concat([this.#bytes, bytes]);
    },
    onLine: (line) => this.end(line),
  });

  constructor() {
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get typed(): string {
    return this.#bytes.toString().replace(/\r?\n$/, "");
  }

  end(last: string): void {
    this.#end(last);
  }

  onStdout(bytes: Uint8Array): void {
    this.#splitter.feed(bytes);
  }

  onStderr(): void {
    // Nothing that anybody reads.
  }

  onEnd(): void {
    this.end("the connection was lost");
  }
}
