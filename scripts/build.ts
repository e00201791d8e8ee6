import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { SUPPORTED_PROTOCOL_VERSIONS } from "@modelcontextprotocol/server";
import { build, type Plugin } from "esbuild";
import { z } from "zod";

/**
 * Everything that runs ends in two files; a user installs a package without dependencies. What clients start is the small one: it passes
 * messages to the daemon, and loads the other one only when it needs more.
 */
const programs = [
  { entry: "src/holdfast.ts", outfile: "dist/holdfast.cjs", before: "#!/usr/bin/env node", after: "" },
  {
    entry: "src/main.ts",
    outfile: "dist/holdfast-main.cjs",
    // What require() puts around a file, here because the small program runs it without require().
    before: "(function (exports, require, module, __filename, __dirname) {",
    after: "})",
  },
] as const;

/**
 * The protocol library validates JSON Schemas with ajv (150 KB, 20 ms of start-up) where a server takes answers to
 * forms or schemas as plain JSON. Holdfast does neither, so any use of the validator is a defect and says so.
 */
const withoutAjv = `
import process from "node:process";
export { process };
export class DefaultJsonSchemaValidator {
  getValidator() {
    throw new Error("JSON Schema validation is not part of this build");
  }
}
`;

/** Parts of Node that take milliseconds to load and that a first answer does not need. */
const seldomParts = ["node:child_process", "node:crypto", "node:fs/promises", "node:worker_threads"];

/** Loads such a part when one of its exports is first used. */
const lazyParts: Plugin = {
  name: "lazy parts",
  setup(builder) {
    builder.onResolve({ filter: /^node:/ }, ({ path }) =>
      seldomParts.includes(path) ? { path, namespace: "lazy" } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: "lazy" }, async ({ path }) => {
      const part: unknown = await import(path);
      if (typeof part !== "object" || part === null) throw new TypeError(`${path} exports nothing`);
      const names = Object.keys(part).filter((name) => name !== "default");
      const getters = names.map((name) => `get ${name}() { return part().${name}; }`);
      const source = `const part = () => process.getBuiltinModule(${JSON.stringify(path)});`;
      return { contents: `${source}\nmodule.exports = { ${getters.join(", ")} };`, loader: "js" };
    });
  },
};

const slim: Plugin = {
  name: "slim",
  setup(builder) {
    builder.onResolve({ filter: /^@modelcontextprotocol\/server\/_shims$/ }, () => ({
      path: "shims",
      namespace: "slim",
    }));
    builder.onLoad({ filter: /^shims$/, namespace: "slim" }, () => ({ contents: withoutAjv, loader: "js" }));
    // zod brings error messages in fifty languages; ours are English.
    builder.onResolve({ filter: /\/locales\/index\.c?js$/ }, (request) => {
      const english = request.path.replace(/index(\.c?js)$/, "en$1");
      return { path: `${request.resolveDir}|${english}`, namespace: "locales" };
    });
    builder.onLoad({ filter: /.*/, namespace: "locales" }, (request) => {
      const [resolveDir = "", english = ""] = request.path.split("|");
      return { contents: `export { default as en } from ${JSON.stringify(english)};`, loader: "js", resolveDir };
    });
    // ssh2 tries its native parts and goes on without them: the build has none, so nothing needs to be compiled.
    builder.onResolve({ filter: /\.node$|^cpu-features$/ }, (request) => ({ path: request.path, namespace: "native" }));
    builder.onLoad({ filter: /.*/, namespace: "native" }, (request) => ({
      contents: `throw new Error(${JSON.stringify(`${request.path} is not part of this build`)});`,
      loader: "js",
    }));
  },
};

const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync("package.json", "utf8")));

for (const program of programs) await buildProgram(program);
keepOpenings("dist/holdfast-opening.json");

/** Asks the server that was built what it answers to `initialize`, so that the small program can say so while the server still starts. */
function keepOpenings(file: string): void {
  const state = mkdtempSync(join(tmpdir(), "holdfast-build-"));
  try {
    const requests = SUPPORTED_PROTOCOL_VERSIONS.map((protocolVersion, id) => {
      const params = { protocolVersion, capabilities: {}, clientInfo: { name: "build", version } };
      return JSON.stringify({ jsonrpc: "2.0", id, method: "initialize", params });
    });
    const env = { ...process.env, HOLDFAST_STATE_DIR: state, HOLDFAST_CONFIG_DIR: state };
    const options = { env, encoding: "utf8", timeout: 60_000 } as const;
    const answers = requests.map((request, id) => {
      const input = `${request}\n`;
      const output = execFileSync(process.execPath, ["dist/holdfast.cjs", "--no-daemon"], { ...options, input });
      const { result } = z.object({ id: z.literal(id), result: z.looseObject({}) }).parse(JSON.parse(output));
      return [SUPPORTED_PROTOCOL_VERSIONS[id], result] as const;
    });
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(Object.fromEntries(answers)));
    renameSync(draft, file);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

async function buildProgram({ entry, outfile, before, after }: (typeof programs)[number]): Promise<void> {
  // Written beside and renamed: whoever starts the program while it is being built gets the old one or the new one whole.
  const draft = `${outfile}.${process.pid}`;
  const result = await build({
    entryPoints: [entry],
    outfile: draft,
    bundle: true,
    // Names stay: stack traces in bug reports must be readable.
    minifySyntax: true,
    minifyWhitespace: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // import() of a CommonJS file takes the long way through the loader of ES modules; require() does not.
    supported: { "dynamic-import": false },
    banner: { js: before },
    footer: { js: after },
    // Scripts for hosts and descriptions of network CLIs travel inside.
    loader: { ".sh": "text", ".py": "text", ".pl": "text", ".yaml": "text" },
    define: { HOLDFAST_VERSION: JSON.stringify(version) },
    legalComments: "none",
    charset: "ascii",
    metafile: true,
    plugins: [slim, lazyParts],
    logLevel: "warning",
  });
  chmodSync(draft, 0o755);
  renameSync(draft, outfile);
  process.stdout.write(
    `${outfile} ${(statSync(outfile).size / 1024).toFixed(0)} KB, ${Object.keys(result.metafile.inputs).length} files\n`,
  );
}
