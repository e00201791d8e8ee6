import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { Script } from "node:vm";
import { after, tuneHeap, withUsualHeap } from "../base/index.ts";
import { codeFileOf, keepCode, readCode } from "./code-cache.ts";

/** By then a process that lasts has done what every start does, so that the code of that is in what is kept. */
const keepAfterMs = 3_000;

/**
 * Runs a program that the build has wrapped as require() wraps CommonJS, with the code that V8 compiled for an earlier process, kept in
 * `codeDirectory`, which only its owner may write to; where there is none, keeps it for later ones. Gives what the program exports; throws what it throws.
 */
export function runProgram(program: string, codeDirectory: string): unknown {
  const codeFile = codeFileOf(program, codeDirectory);
  const cachedData = readCode(codeFile);
  // The build writes nothing but ASCII, which is read faster so.
  const script = new Script(readFileSync(program, "latin1"), {
    filename: program,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  if (cachedData === undefined || script.cachedDataRejected === true) {
    after(keepAfterMs, () => withUsualHeap(() => keepCode(codeFile, program, script.createCachedData())));
  }
  tuneHeap();
  const run: unknown = script.runInThisContext();
  if (typeof run !== "function") throw new TypeError(`${program} is no program`);
  const module: { exports: unknown } = { exports: {} };
  Reflect.apply(run, module.exports, [module.exports, createRequire(program), module, program, dirname(program)]);
  return module.exports;
}
