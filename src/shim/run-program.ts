import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { Script } from "node:vm";
import { after } from "../base/index.ts";
import { codeFileOf, keepCode, readCode } from "./code-cache.ts";

/** By then a process that lasts has done what every start does, so that the code of that is in what is kept. */
const keepAfterMs = 3_000;

/** A program that runs. */
export interface RunningProgram {
  readonly exports: unknown;
  /** Keeps its compiled code at once, if that has to be done at all. */
  readonly keep: () => void;
}

/**
 * Runs a program that the build has wrapped as require() wraps CommonJS, with the code that V8 compiled for an earlier process, kept in
 * `codeDirectory`, which only its owner may write to; where there is none, keeps it for later ones. Throws what the program throws.
 */
export function runProgram(program: string, codeDirectory: string): RunningProgram {
  const codeFile = codeFileOf(program, codeDirectory);
  const cachedData = readCode(codeFile);
  // The build writes nothing but ASCII, which is read faster so.
  const script = new Script(readFileSync(program, "latin1"), {
    filename: program,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  let kept = cachedData !== undefined && script.cachedDataRejected !== true;
  const keep = (): void => {
    if (!kept) keepCode(codeFile, program, script.createCachedData());
    kept = true;
  };
  if (!kept) after(keepAfterMs, keep);
  const run: unknown = script.runInThisContext();
  if (typeof run !== "function") throw new TypeError(`${program} is no program`);
  const module: { exports: unknown } = { exports: {} };
  Reflect.apply(run, module.exports, [module.exports, createRequire(program), module, program, dirname(program)]);
  return { exports: module.exports, keep };
}
