import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { lstatSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Transport } from "@modelcontextprotocol/client";
import { z } from "zod";
import { waitUntil } from "../helpers/servers/index.ts";
import { encodings } from "./encodings.ts";

/** What a test writes into one file is far smaller. */
const largestFileBytes = 16_000_000;

const report = z.object({
  /** Looks at all processes that are new or have changed of late, and how long it took. */
  looks: z.number(),
  tookMs: z.number(),
  /** Processes that were seen. */
  seen: z.number(),
  /** `cmdline of sudo`, and so on. */
  hits: z.array(z.string()),
});

type SampleReport = z.output<typeof report>;

/** Watches every process of this machine until it is ended. */
export class ProcessWatch {
  readonly #child: ChildProcess;
  readonly #output: Promise<string>;
  readonly #hasSaid: (line: string) => boolean;

  private constructor(child: ChildProcess, output: Promise<string>, hasSaid: (line: string) => boolean) {
    this.#child = child;
    this.#output = output;
    this.#hasSaid = hasSaid;
  }

  /** Resolves when the first look has been made. */
  static async start(secret: string): Promise<ProcessWatch> {
    const child = spawn(process.execPath, ["scripts/run.mjs", "test/sudo/sample-processes.ts"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (bytes: Buffer) => (output += bytes.toString()));
    // The secret must not be in its arguments either.
    child.stdin.write(`${JSON.stringify(encodings(secret))}\n`);
    await waitUntil("the watch to begin", () => output.includes("watching\n"));
    return new ProcessWatch(
      child,
      once(child, "close").then(() => output),
      (line) => output.includes(`${line}\n`),
    );
  }

  /** Resolves when it has seen this: `cmdline of sudo`, say. */
  async sees(what: string): Promise<void> {
    await waitUntil(`the watch to see ${what}`, () => this.#hasSaid(`hit ${what}`));
  }

  async end(): Promise<SampleReport> {
    this.#child.stdin?.end();
    return report.parse(JSON.parse((await this.#output).trimEnd().split("\n").at(-1) ?? ""));
  }
}

/** Files of these places that hold a secret in whatever form. Only those of `uid`, where it is given. */
export function filesWith(secret: string, places: readonly string[], uid?: number): readonly string[] {
  const needles = encodings(secret).map((text) => Buffer.from(text));
  return places
    .flatMap((place) => filesUnder(place, uid))
    .filter((path) => {
      try {
        const content = readFileSync(path);
        return needles.some((needle) => content.includes(needle));
      } catch {
        // Gone meanwhile.
        return false;
      }
    });
}

/** Whether a text holds a secret in whatever form. */
export function tells(text: string, secret: string): boolean {
  return encodings(secret).some((form) => text.includes(form));
}

function filesUnder(path: string, uid: number | undefined): readonly string[] {
  try {
    const facts = lstatSync(path);
    if (facts.isDirectory()) {
      return readdirSync(path).flatMap((name) => {
        const child = join(path, name);
        return uid === undefined || lstatSync(child).uid === uid ? filesUnder(child, undefined) : [];
      });
    }
    return facts.isFile() && facts.size > 0 && facts.size <= largestFileBytes ? [path] : [];
  } catch {
    return [];
  }
}

/** Keeps all that goes over a connection in either direction: as it is on the wire, and each text in it as it is meant. */
export function recordTraffic(transport: Transport): () => string {
  const lines: string[] = [];
  const keep = (message: unknown): void => {
    const line = JSON.stringify(message, (_key, value: unknown) => {
      if (typeof value === "string") lines.push(value);
      return value;
    });
    lines.push(line);
  };
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    keep(message);
    return send(message, options);
  };
  // The client keeps what listens already.
  transport.onmessage = keep;
  return () => lines.join("\n");
}
