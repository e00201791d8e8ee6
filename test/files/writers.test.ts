import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asHoldfastError, delay } from "../../src/base/index.ts";
import type { SessionView } from "../../src/sessions/index.ts";
import { createToolHost } from "../../src/tools/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { eventually } from "../helpers/eventually.ts";
import { openBook } from "../helpers/open-book.ts";
import { makeTempDir, startOpenSsh } from "../helpers/servers/index.ts";
import { playsInFull } from "./plays-in-full.ts";

/** For all rounds, on a machine that has other things to do. */
const limitMs = 1_800_000;

/** Rounds of two writers each. */
const rounds = playsInFull ? 200 : 3;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const stateIn = (text: string): string => /^\w*/.exec(text)?.[0] ?? "";
const codeOf = (error: unknown): string => asHoldfastError(error).code;

interface Writers {
  readonly sessions: readonly SessionView[];
  readonly directory: string;
  /** Calls a tool on each session at the same time; what each said. */
  call(tool: string, args: (writer: number) => Record<string, unknown>): Promise<readonly string[]>;
  remove(): Promise<void>;
}

/** Two servers, as two processes would be, on one host, whose `mv` takes a while: so there is time between comparing and renaming. */
async function openWriters(): Promise<Writers> {
  const cleanup = new Cleanup();
  const temporary = makeTempDir();
  cleanup.add(() => {
    temporary.remove();
  });
  const programs = join(temporary.path, "bin");
  const directory = join(temporary.path, "files");
  for (const path of [programs, directory]) mkdirSync(path);
  writeFileSync(join(programs, "mv"), '#!/bin/sh\nsleep 0.1\nexec /bin/mv "$@"\n');
  chmodSync(join(programs, "mv"), 0o755);
  const server = await startOpenSsh({ config: [`SetEnv PATH=${programs}:/usr/bin:/bin`] });
  cleanup.add(() => server.stop());
  const hosts: { host: ReturnType<typeof createToolHost>; session: SessionView }[] = [];
  for (let writer = 0; writer < 2; writer += 1) {
    const place = await openBook(server.sshConfigFile);
    cleanup.add(() => place.remove());
    const session = await place.book.open({ target: server.alias });
    cleanup.add(() => place.book.close(session.name));
    hosts.push({ host: createToolHost({ sessions: place.book }), session });
  }
  return {
    sessions: hosts.map(({ session }) => session),
    directory,
    call: (name, args) =>
      Promise.all(
        hosts.map(async ({ host, session }, writer) => {
          const { signal } = new AbortController();
          const call = { name, args: { on: session.name, ...args(writer) }, client: "test 1", signal };
          return (await host.call(call)).text;
        }),
      ),
    remove: () => cleanup.run(),
  };
}

describe("two writers", () => {
  let writers: Writers;
  beforeAll(async () => {
    writers = await openWriters();
  });
  afterAll(() => writers.remove());
  const here = (name: string): string => join(writers.directory, name);
  const leftovers = (): readonly string[] =>
    readdirSync(writers.directory).filter((name) => name.startsWith(".holdfast"));

  it(
    "that expect the same file: exactly one wins, each time",
    async () => {
      let content = "0";
      writeFileSync(here("race"), content);
      for (let round = 1; round <= rounds; round += 1) {
        const said = await writers.call("ssh_file_write", (writer) => ({
          path: here("race"),
          content: `${writer} in round ${round}`,
          expect_sha256: sha256(content),
        }));
        const won = said.map(stateIn);
        expect(won.toSorted()).toEqual(["file_changed", "written"]);
        content = readFileSync(here("race"), "utf8");
        expect(content).toBe(`${won.indexOf("written")} in round ${round}`);
      }
      expect(leftovers()).toEqual([]);
    },
    limitMs,
  );

  it(
    "that make the same new file: exactly one does, each time",
    async () => {
      for (let round = 1; round <= Math.ceil(rounds / 4); round += 1) {
        const said = await writers.call("ssh_file_write", (writer) => ({
          path: here(`new${round}`),
          content: `made by ${writer}`,
          mode: "create",
        }));
        const won = said.map(stateIn);
        expect(won.toSorted()).toEqual(["file_exists", "written"]);
        expect(readFileSync(here(`new${round}`), "utf8")).toBe(`made by ${won.indexOf("written")}`);
      }
      expect(leftovers()).toEqual([]);
    },
    limitMs,
  );

  it(
    "that edit: all edits of both are in it, and no reader sees some of one",
    async () => {
      const blocks = ["a", "b"].map((name) => Array.from({ length: 40 }, (__, line) => `${name}${line}=0;`).join("\n"));
      writeFileSync(here("edited"), `${blocks.join("\n")}\n`);
      let over = false;
      const seen = new Set<string>();
      const reading = (async () => {
        while (!over) {
          const text = readFileSync(here("edited"), "utf8");
          for (const name of ["a", "b"]) {
            const values = new Set(
              [...text.matchAll(new RegExp(`^${name}\\d+=(\\d+);$`, "gm"))].map(([, value]) => value),
            );
            seen.add(`${name} ${[...values].join("+")}`);
          }
          await delay(5);
        }
      })();
      const edits = playsInFull ? 40 : 2;
      for (let round = 1; round <= edits; round += 1) {
        const said = await writers.call("ssh_file_edit", (writer) => ({
          path: here("edited"),
          edits: Array.from({ length: 40 }, (__, line) => {
            const name = `${"ab"[writer] ?? ""}${line}`;
            return { old: `${name}=${round - 1};`, new: `${name}=${round};` };
          }),
        }));
        for (const text of said) expect(text).toMatch(/^edited · 40 places · /);
      }
      over = true;
      await reading;
      const text = readFileSync(here("edited"), "utf8");
      expect([...text.matchAll(new RegExp(`=${edits};`, "g"))]).toHaveLength(80);
      expect([...seen].filter((values) => values.includes("+"))).toEqual([]);
      // One that does not fit: nothing is changed.
      const refused = await writers.call("ssh_file_edit", () => ({
        path: here("edited"),
        edits: [
          { old: "a0=", new: "c=" },
          { old: "nowhere", new: "" },
        ],
      }));
      for (const one of refused) expect(one).toMatch(/^edit_failed: `old` of edit 2 does not occur/);
      expect(readFileSync(here("edited"), "utf8")).toBe(text);
      expect(leftovers()).toEqual([]);
    },
    limitMs,
  );

  it(
    "that wait for one who was killed: the lock is taken over, by one of them only",
    async () => {
      const [first] = writers.sessions;
      for (let round = 1; round <= Math.ceil(rounds / 8); round += 1) {
        const content = `before ${round}`;
        const path = here("killed");
        writeFileSync(path, content);
        const request = { path, content: Buffer.from(`killed ${round}`), expectSha256: sha256(content) };
        const dying: Promise<string> | undefined = first?.files
          .write({ ...request, mode: "replace" })
          .then(() => "written", codeOf);
        const by = join(writers.directory, ".holdfast-lock/by");
        const pid = await eventually("a lock", 30_000, () => {
          const [, number] = existsSync(by) ? readFileSync(by, "utf8").trim().split(" ") : [];
          return number === undefined || number === "" ? undefined : Number(number);
        });
        process.kill(pid, "SIGKILL");
        const said = await writers.call("ssh_file_write", (writer) => ({
          path,
          content: `${writer} after ${round}`,
          expect_sha256: sha256(content),
        }));
        // The killed one is tried again, and may have done it before it died.
        const states = [(await dying) ?? "", ...said.map(stateIn)];
        expect(states.toSorted()).toEqual(["file_changed", "file_changed", "written"]);
        const winners = [`killed ${round}`, `0 after ${round}`, `1 after ${round}`];
        expect(readFileSync(path, "utf8")).toBe(winners[states.indexOf("written")]);
      }
      await writers.call("ssh_file_write", () => ({ path: here("last"), content: "sweeps" }));
      expect(leftovers()).toEqual([]);
    },
    limitMs,
  );

  it.runIf(playsInFull)(
    "that find the lock of one who was cut off over SFTP: it is taken over when nothing new was said for long",
    async () => {
      mkdirSync(here(".holdfast-lock"));
      writeFileSync(here(".holdfast-lock/by"), "by-sftp gone 000001\n");
      writeFileSync(here("silent"), "old");
      const said = await writers.call("ssh_file_write", (writer) => ({
        path: here("silent"),
        content: `by ${writer}`,
        expect_sha256: sha256("old"),
      }));
      const won = said.map(stateIn);
      expect(won.toSorted()).toEqual(["file_changed", "written"]);
      expect(readFileSync(here("silent"), "utf8")).toBe(`by ${won.indexOf("written")}`);
      expect(leftovers()).toEqual([]);
    },
    limitMs,
  );
});
