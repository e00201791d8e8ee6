import { afterEvents, asHoldfastError } from "../../base/index.ts";
import type { CopyScript } from "./copy-script.ts";
import { splitPath, type BytePath, type SideFacts } from "./copy-side.ts";

/** Paths of one question: with those of their directories they fit into an argument list. */
const mostAtOnce = 500;

/** Questions on the way at once; what comes meanwhile is asked together. */
const questionsAtOnce = 2;

/** What is known of a file's access list and extended attributes. `attributes unsure`: it has no access list. */
export type Extras = "none" | "some" | "unsure" | "attributes unsure";

/** An access list and extended attributes, as `getfacl` and `getfattr` write them; "" for none. */
export interface ExtrasText {
  readonly acl: string;
  readonly attributes: string;
}

/** Runs scripts where the files are. */
export interface ScriptPlace {
  run(request: CopyScript): Promise<Buffer>;
  /** The path by which scripts find `path` until it is released. */
  hold(path: BytePath): Promise<{ readonly at: BytePath; release(): void }>;
}

/** A staged file that takes the place of `path`. */
export interface Finishing {
  readonly path: BytePath;
  readonly staged: BytePath;
  readonly keep: boolean;
  readonly give: ExtrasText | undefined;
}

interface Question {
  readonly path: BytePath;
  resolve(extras: Extras): void;
  reject(error: unknown): void;
}

const noteTexts: Readonly<Record<string, string>> = {
  acl: "its access list could not be kept",
  xattr: "its extended attributes could not all be kept",
  unsure: "an access list or extended attributes, if it had any, were not kept",
  mask: "the mode of its source leaves less of its access list in effect",
};

/** What files have besides content, mode and time. SFTP knows nothing of that: scripts ask the system. */
export class FileExtras {
  readonly #place: ScriptPlace;
  readonly #waiting: Record<"one" | "many", Question[]> = { one: [], many: [] };
  #underway = 0;
  #without = false;

  constructor(place: ScriptPlace) {
    this.#place = place;
  }

  /** Of a file that is to be replaced. `many`: it is one of many, for which less is tried where the system has no `getfattr`. */
  of(path: BytePath, many: boolean): Promise<Extras> {
    return new Promise((resolve, reject) => {
      this.#waiting[many ? "many" : "one"].push({ path, resolve, reject });
      afterEvents(() => this.#ask());
    });
  }

  /** What `give` takes; undefined where there is none, "unsure" where access lists cannot be read. */
  async read(path: BytePath): Promise<ExtrasText | "unsure" | undefined> {
    const held = await this.#place.hold(path);
    try {
      const answer = await this.#place.run({ script: "dump", path, variables: { P: held.at } });
      const [acl = "", attributes = ""] = answer.toString("latin1").split("\0");
      const lines = attributes.split("\n").filter((line) => /^user\.[^=]+(=|$)/.test(line));
      if (acl === "?") return "unsure";
      if (acl.trim() === "" && lines.length === 0) return undefined;
      return { acl: acl.trim(), attributes: lines.join("\n") };
    } finally {
      held.release();
    }
  }

  /** Gives what is there an access list and attributes. Resolves to notes. */
  async give(path: BytePath, { acl, attributes }: ExtrasText): Promise<readonly string[]> {
    const held = await this.#place.hold(path);
    try {
      const variables = { P: held.at, ACL: acl, ATTRS: attributes };
      return notesOf(await this.#place.run({ script: "adopt", path, variables }));
    } finally {
      held.release();
    }
  }

  /** Puts a staged file in its place as `StagedFile.finish` does, and keeps what the old one had. Resolves to notes. */
  async finish(
    { path, staged, keep, give }: Finishing,
    { mode, modifiedS, sizeBytes }: Pick<SideFacts, "mode" | "modifiedS" | "sizeBytes">,
  ): Promise<readonly string[]> {
    const [place, part] = await Promise.all([this.#place.hold(path), this.#place.hold(staged)]);
    try {
      const variables = {
        P: place.at,
        T: part.at,
        SIZE: sizeBytes,
        MODE: (mode & 0o1777).toString(8),
        MTIME: modifiedS,
        KEEP: keep ? 1 : "",
        ACL: give?.acl ?? "",
        ATTRS: give?.attributes ?? "",
      };
      return notesOf(await this.#place.run({ script: "finish", path, variables }));
    } finally {
      place.release();
      part.release();
    }
  }

  #ask(): void {
    for (const kind of ["one", "many"] as const) {
      while (this.#waiting[kind].length > 0 && this.#underway < questionsAtOnce) {
        const some = this.#waiting[kind].splice(0, mostAtOnce);
        this.#underway += 1;
        void this.#answer(some, kind === "many").finally(() => {
          this.#underway -= 1;
          this.#ask();
        });
      }
    }
  }

  /** Never rejects. */
  async #answer(questions: readonly Question[], many: boolean): Promise<void> {
    try {
      const answers = this.#without ? undefined : await this.#look(questions, many);
      for (const one of questions) one.resolve(answers?.(one.path) ?? "unsure");
    } catch (error) {
      for (const one of questions) one.reject(error);
    }
  }

  /** Undefined where no script runs. */
  async #look(questions: readonly Question[], many: boolean): Promise<((path: BytePath) => Extras) | undefined> {
    const paths = new Set(questions.flatMap(({ path }) => [path, splitPath(path).parent]));
    const held = new Map<BytePath, { readonly at: BytePath; release(): void }>();
    try {
      for (const path of paths) held.set(path, await this.#place.hold(path));
      const input = Buffer.from([...held.values()].map(({ at }) => `${at}\0`).join(""), "latin1");
      const variables = { P: questions[0]?.path ?? "", MANY: many ? 1 : "" };
      const request = { script: "extras", path: variables.P, variables, input: once(input) };
      const lines = new Set((await this.#place.run(request)).toString("latin1").split("\n").map(unescaped));
      return (path) => extrasIn(lines, held.get(path)?.at ?? path, held.get(splitPath(path).parent)?.at ?? "/");
    } catch (error) {
      const { code } = asHoldfastError(error);
      if (code !== "unsupported") throw error;
      this.#without = true;
      return undefined;
    } finally {
      for (const one of held.values()) one.release();
    }
  }
}

function extrasIn(lines: ReadonlySet<string>, path: BytePath, directory: BytePath): Extras {
  if (lines.has("*") || lines.has(`a ${path}`) || lines.has(`x ${path}`)) return "some";
  if (lines.has(`d ${path}`) || lines.has(`d ${directory}`)) return "some";
  if (lines.has("?")) return "unsure";
  return lines.has("?x") ? "attributes unsure" : "none";
}

/** A line without the escapes that `getfacl` and `getfattr` put into paths. */
function unescaped(line: string): string {
  return line.replaceAll(/\\([0-7]{3}|\\)/g, (_, code: string) =>
    code === "\\" ? code : String.fromCharCode(Number.parseInt(code, 8)),
  );
}

function notesOf(answer: Buffer): readonly string[] {
  return answer
    .toString("latin1")
    .split(" ")
    .flatMap((word) => noteTexts[word] ?? []);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield await Promise.resolve(bytes);
}
