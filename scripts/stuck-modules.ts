import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";
import { every, monotonicMs } from "../src/base/index.ts";

/** No test file takes nearly as long: the longest take a minute and a half, and every test and hook in them ends after two by itself. */
const limitMs = Number(process.env["HOLDFAST_STUCK_S"] ?? 600) * 1000;

/**
 * Ends the worker of a test file that does not end: one that is stopped, or waits for ever inside a single step, notices no limit of a test, and
 * the run would wait with it. Before that it prints what the worker does. Where nothing else went wrong, the names of these files come into the
 * file that `HOLDFAST_STUCK_FILE` names, a line each.
 */
export default class StuckModules implements Reporter {
  readonly #since = new Map<string, number>();
  readonly #stuck: string[] = [];
  #stop: (() => void) | undefined;

  onTestRunStart(): void {
    this.#stop = every(limitMs / 20, () => {
      for (const [name, sinceMs] of this.#since) if (monotonicMs() - sinceMs > limitMs) this.#end(name);
    });
  }

  onTestModuleQueued(module: TestModule): void {
    this.#since.set(module.relativeModuleId, monotonicMs());
  }

  onTestModuleEnd(module: TestModule): void {
    this.#since.delete(module.relativeModuleId);
  }

  onTestRunEnd(_modules: readonly TestModule[], errors: readonly unknown[]): void {
    this.#stop?.();
    const file = process.env["HOLDFAST_STUCK_FILE"];
    // Each worker that was ended is one error.
    if (file === undefined || errors.length > this.#stuck.length) return;
    writeFileSync(file, this.#stuck.map((name) => `${name}\n`).join(""));
  }

  /** Each file has a worker of its own, so that of the file which is longest at work is the oldest one. */
  #end(name: string): void {
    this.#since.delete(name);
    this.#stuck.push(name);
    const [worker] = childrenOf(process.pid)
      .filter((pid) => textOf(pid, "cmdline").includes("/workers/"))
      .toSorted((one, other) => startOf(one) - startOf(other));
    console.log(`stuck: ${name}`);
    if (worker === undefined) return;
    console.log(described(worker, "  "));
    process.kill(worker, "SIGKILL");
  }
}

/** State, where in the kernel, and arguments of a process and of all below it. */
function described(pid: number, indent: string): string {
  const state = /^State:\s*(.*)$/m.exec(textOf(pid, "status"))?.[1] ?? "gone";
  const args = textOf(pid, "cmdline").replaceAll("\0", " ").slice(0, 200);
  const own = `${indent}${pid} ${state}, in ${textOf(pid, "wchan")}: ${args}`;
  return [own, ...childrenOf(pid).map((child) => described(child, `${indent}  `))].join("\n");
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => Number(textOf(pid, "stat").split(") ").at(-1)?.split(" ")[1]) === parent);
}

function startOf(pid: number): number {
  return Number(textOf(pid, "stat").split(") ").at(-1)?.split(" ")[19]);
}

function textOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
