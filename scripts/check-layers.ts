import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { z } from "zod";
import { importsOf } from "./imports-of.ts";

/**
 * Fails when a file of `src` imports a room that its row of layers.json does not list, enters a room by another way
 * than its door, leaves `src`, re-exports everything, or when layers.json is not in layer order (and so might have a cycle).
 * Usage: check-layers [folder that holds layers.json and src]
 */
const base = process.argv[2] ?? ".";
const layers = z
  .record(z.string(), z.array(z.string()))
  .parse(JSON.parse(readFileSync(path.join(base, "layers.json"), "utf8")));
const rooms = Object.keys(layers);

const problems = [...judgeOrder()];
let importCount = 0;
const files = readdirSync(path.join(base, "src"), { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts"))
  .toSorted();
for (const file of files) problems.push(...judgeFile(file).map((problem) => `src/${file}: ${problem}`));
if (files.length === 0) problems.push("no files checked: the check is blind");

process.stdout.write(`layers: ${files.length} files, ${importCount} relative imports, ${problems.length} problems\n`);
for (const problem of problems) process.stdout.write(`  ${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function* judgeOrder(): Generator<string> {
  for (const [room, allowed] of Object.entries(layers)) {
    for (const dependency of allowed) {
      const place = rooms.indexOf(dependency);
      if (place < 0) yield `layers.json: ${room} lists ${dependency}, which is no room`;
      else if (place >= rooms.indexOf(room)) {
        yield `layers.json: ${room} may not depend on ${dependency}, which stands later`;
      }
    }
  }
}

function judgeFile(file: string): string[] {
  const [first = "", ...rest] = file.split("/");
  const room = rest.length === 0 ? undefined : first;
  if (room !== undefined && !rooms.includes(room)) return [`room "${room}" is not in layers.json`];
  const found = importsOf(file, readFileSync(path.join(base, "src", file), "utf8"));
  const local = found.specifiers.filter((specifier) => specifier.startsWith("."));
  importCount += local.length;
  const isTest = /\.(test|conformance)\.ts$/.test(file);
  return [...found.problems, ...local.flatMap((specifier) => judgeImport({ file, room, specifier, isTest }))];
}

interface Edge {
  readonly file: string;
  /** Undefined for the files that stand outside the rooms (main.ts, app.ts) and wire everything. */
  readonly room: string | undefined;
  readonly specifier: string;
  readonly isTest: boolean;
}

function judgeImport({ file, room, specifier, isTest }: Edge): string[] {
  const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
  if (target.startsWith("../")) return isTest ? [] : [`${specifier} leaves src`];
  const [to = "", ...inner] = target.split("/");
  if (to === room) return [];
  if (inner.length === 0) return room === undefined ? [] : [`${room} may not import ${target}, which wires the rooms`];
  if (room !== undefined && !layers[room]?.includes(to)) return [`${room} may not import ${to} (${specifier})`];
  return inner.join("/") === "index.ts" ? [] : [`enter ${to} by its door ${to}/index.ts, not ${specifier}`];
}
