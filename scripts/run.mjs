// Runs a TypeScript file of this repository on any supported Node (20 cannot strip types): node scripts/run.mjs <file.ts> [argument ...]
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { build, stop } from "esbuild";

const [entry, ...rest] = process.argv.slice(2);
if (entry === undefined) throw new Error("usage: node scripts/run.mjs <file.ts> [argument ...]");

// Inside node_modules, so that packages left out of the bundle are found.
const folder = path.resolve("node_modules/.cache/holdfast");
mkdirSync(folder, { recursive: true });
const outfile = path.join(folder, `${path.basename(entry, ".ts")}-${process.pid}.mjs`);
process.on("exit", () => rmSync(outfile, { force: true }));

// Every file keeps its own address, as if it were not bundled.
const addresses = {
  name: "addresses",
  setup(builder) {
    builder.onLoad({ filter: /\.ts$/ }, ({ path: file }) => ({
      contents: readFileSync(file, "utf8").replaceAll("import.meta.url", JSON.stringify(pathToFileURL(file).href)),
      loader: "ts",
    }));
  },
};

await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  packages: "external",
  sourcemap: "inline",
  loader: { ".sh": "text" },
  plugins: [addresses],
  logLevel: "error",
});
await stop();
process.setSourceMapsEnabled(true);
process.argv = [process.execPath, path.resolve(entry), ...rest];
await import(pathToFileURL(outfile).href);
