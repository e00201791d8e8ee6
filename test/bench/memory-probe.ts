import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { z } from "zod";
import { waitUntil } from "../helpers/servers/index.ts";
import { residentBytes } from "./server-memory.ts";

/** Memory of a server, in bytes. */
export interface MemoryFacts {
  /** As it stood, garbage included. */
  readonly residentBytes: number;
  /** Taken by the heap of JavaScript, garbage included. */
  readonly heapBytes: number;
  /** Objects and buffers that were left when the garbage was collected. */
  readonly usedBytes: number;
}

export interface MemoryProbe {
  /** The environment of the server that is to be looked into. */
  readonly env: Readonly<Record<string, string>>;
  /** Looks into the server process `pid`, which collects its garbage for that. */
  look(pid: number): Promise<MemoryFacts>;
}

const answer = z.object({ heapBytes: z.number(), usedBytes: z.number() });

/** What the server is made to do on SIGUSR2: say how large its heap is, collect garbage, say what is left. */
function preloaded(answerFile: string): string {
  return `
    const { renameSync, writeFileSync } = require("node:fs");
    require("node:v8").setFlagsFromString("--expose-gc");
    const collect = require("node:vm").runInNewContext("gc");
    const file = ${JSON.stringify(answerFile)};
    process.on("SIGUSR2", () => {
      const heapBytes = process.memoryUsage().heapTotal;
      // Buffers that one collection has found to be garbage are counted until the next one.
      collect();
      collect();
      const { heapUsed, external } = process.memoryUsage();
      writeFileSync(file + ".new", JSON.stringify({ heapBytes, usedBytes: heapUsed + external }));
      renameSync(file + ".new", file);
    });
  `;
}

/** Prepares for looking into a server that is started with `env`; its files are in `directory`. */
export function installMemoryProbe(directory: string): MemoryProbe {
  const script = path.join(directory, "memory-probe.cjs");
  const answerFile = path.join(directory, "memory-probe.json");
  writeFileSync(script, preloaded(answerFile));
  return {
    env: { NODE_OPTIONS: `--require=${script}` },
    look: async (pid) => {
      const standing = residentBytes(pid, "now");
      rmSync(answerFile, { force: true });
      process.kill(pid, "SIGUSR2");
      await waitUntil("the server's answer", () => existsSync(answerFile));
      return { residentBytes: standing, ...answer.parse(JSON.parse(readFileSync(answerFile, "utf8"))) };
    },
  };
}
