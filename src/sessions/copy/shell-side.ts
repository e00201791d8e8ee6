import { asHoldfastError, type HoldfastError } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import { runCopyScript, streamCopyScript } from "./copy-script.ts";
import { Bundles } from "./bundles.ts";
import {
  stagedPath,
  toBytePath,
  type BytePath,
  type CopySide,
  type FoundPlace,
  type SideEntry,
  type SideFacts,
  type SourceFile,
  type StagedFile,
  type StageOptions,
} from "./copy-side.ts";
import { FileExtras } from "./extras.ts";
import { hashByShell } from "./hash-by-shell.ts";
import { keepingExtras } from "./keeping-extras.ts";
import { hashOf } from "./local-source.ts";

/** Each file takes a channel for a while, two from a host to itself, and servers allow only some: all must not wait for each other. */
const filesAtOnce = 3;

const types = { 0o040_000: "directory", 0o100_000: "file", 0o120_000: "link" } as const;

type Variables = Readonly<Record<string, string | number>>;

/** A host as a side of a copy, by scripts in a shell there: for hosts without SFTP. Names are any bytes. */
export class ShellSide implements CopySide {
  readonly filesAtOnce = filesAtOnce;
  readonly extras: FileExtras;
  readonly bundles: Bundles;
  readonly #connection: SshConnection;
  readonly #directory: string;

  constructor(connection: SshConnection, directory: string) {
    this.#connection = connection;
    this.bundles = new Bundles((request) => runCopyScript(connection, request));
    this.extras = new FileExtras({
      run: (request) => runCopyScript(connection, request),
      hold: async (at) => Promise.resolve({ at, release: () => undefined }),
    });
    this.#directory = directory;
  }

  async find(path: string): Promise<FoundPlace> {
    const real = await this.resolve(path);
    return { path: real, facts: await this.facts(real), inDirectory: false };
  }

  /** The absolute path, links followed as far as there is something. */
  async resolve(path: string): Promise<BytePath> {
    return this.#ask("resolve", toBytePath(path), { C: toBytePath(this.#directory) });
  }

  async facts(path: BytePath): Promise<SideFacts | undefined> {
    const text = await this.#ask("facts", path);
    return text === "none" ? undefined : factsOf(text);
  }

  async list(path: BytePath): Promise<readonly SideEntry[]> {
    const words = (await this.#ask("list", path)).split("\0");
    const entries: SideEntry[] = [];
    for (let at = 0; at + 1 < words.length; at += 2) {
      const [name = "", facts = ""] = words.slice(at, at + 2);
      entries.push({ name: name.replace(/^\.\//, ""), facts: factsOf(facts) });
    }
    return entries;
  }

  async linkTarget(path: BytePath): Promise<BytePath> {
    return this.#ask("target", path);
  }

  async makeLink(path: BytePath, target: BytePath): Promise<void> {
    await this.#ask("link", path, { TO: target });
  }

  async makeDirectory(path: BytePath, mode: number): Promise<void> {
    await this.#ask("mkdir", path, { MASK: (0o777 & ~mode).toString(8) });
  }

  async settle(path: BytePath, facts: Pick<SideFacts, "mode" | "modifiedS">): Promise<void> {
    await this.#ask("settle", path, settings(facts));
  }

  async remove(path: BytePath): Promise<void> {
    await this.#ask("rm", path);
  }

  async removeDirectory(path: BytePath): Promise<void> {
    await this.#ask("rmdir", path);
  }

  async open(path: BytePath): Promise<SourceFile> {
    return Promise.resolve({
      bytes: (from, sizeBytes) => this.#read(path, from, sizeBytes),
      facts: async () => (await this.facts(path)) ?? gone,
      close: async () => Promise.resolve(),
    });
  }

  async stage(path: BytePath, options: StageOptions): Promise<StagedFile> {
    const { mark, fresh } = options;
    const staged = stagedPath(path, mark);
    const heldBytes = fresh ? 0 : Number(await this.#ask("held", path, { T: staged }));
    let over = false;
    const plain: StagedFile = {
      heldBytes,
      sha256: async (lengthBytes) => this.sha256(staged, lengthBytes),
      fill: async (from, chunks, done) => {
        const answer = await runCopyScript(this.#connection, {
          script: "write",
          path,
          variables: { P: path, T: staged, FROM: from },
          input: chunks,
          fed: done,
        });
        return Number(answer.toString("latin1"));
      },
      finish: async (facts) => {
        await this.extras.finish({ path, staged, keep: false, give: undefined }, facts);
        over = true;
      },
      leave: async () => Promise.resolve(),
      discard: async () => {
        if (!over) await this.#ask("rm", staged).catch(() => undefined);
        over = true;
      },
    };
    return keepingExtras(plain, { path, options, extras: this.extras });
  }

  async sha256(path: BytePath, lengthBytes: number): Promise<string> {
    const there = await hashByShell(this.#connection, path, lengthBytes);
    return there ?? hashOf(this.#read(path, 0, lengthBytes), lengthBytes);
  }

  async close(): Promise<void> {
    return Promise.resolve();
  }

  /** Why `path` cannot be made there, or its temporary file cannot grow, as the host says; undefined where nothing stands against it. */
  async reason(path: BytePath, mark: string): Promise<HoldfastError | undefined> {
    const refused = await this.#ask("why", path, { T: stagedPath(path, mark) }).then(() => undefined, asHoldfastError);
    return refused?.code.startsWith("file_") === true ? refused : undefined;
  }

  async *#read(path: BytePath, from: number, sizeBytes: number): AsyncGenerator<Uint8Array, void> {
    let left = sizeBytes === 0 ? Number.MAX_SAFE_INTEGER : sizeBytes - from;
    if (left <= 0) return;
    const script = { script: "read", path, variables: { P: path, FROM: from } };
    for await (const chunk of streamCopyScript(this.#connection, script)) {
      yield chunk.length > left ? chunk.subarray(0, left) : chunk;
      left -= chunk.length;
      if (left <= 0 && sizeBytes > 0) return;
    }
  }

  async #ask(script: string, path: BytePath, variables: Variables = {}): Promise<string> {
    const answer = await runCopyScript(this.#connection, { script, path, variables: { P: path, ...variables } });
    return answer.toString("latin1");
  }
}

/** Of a file that has vanished. */
const gone: SideFacts = { kind: "other", sizeBytes: 0, mode: 0, modifiedS: 0 };

function settings({ mode, modifiedS }: Pick<SideFacts, "mode" | "modifiedS">): Variables {
  return { MODE: (mode & 0o1777).toString(8), MTIME: modifiedS };
}

/** Mode in hexadecimal, size, time of change. */
function factsOf(text: string): SideFacts {
  const [mode = "0", size = "0", modified = "0"] = text.split("\n");
  const bits = Number.parseInt(mode, 16);
  const type = Object.entries(types).find(([number]) => Number(number) === (bits & 0o170_000));
  return {
    kind: type?.[1] ?? "other",
    sizeBytes: Number(size),
    mode: bits & 0o7777,
    modifiedS: Number(modified),
  };
}
