import { chmodSync, readFileSync, renameSync, statSync } from "node:fs";
import process from "node:process";
import { build, type Plugin } from "esbuild";
import { z } from "zod";

/** Everything that runs ends in this one file; a user installs a package without dependencies. */
const outfile = "dist/holdfast.cjs";

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

// Written beside and renamed: whoever starts the server while it is being built gets the old one or the new one whole.
const draft = `${outfile}.${process.pid}`;
const result = await build({
  entryPoints: ["src/main.ts"],
  outfile: draft,
  bundle: true,
  // Names stay: stack traces in bug reports must be readable.
  minifySyntax: true,
  minifyWhitespace: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  banner: { js: "#!/usr/bin/env node" },
  // Scripts for hosts travel inside.
  loader: { ".sh": "text" },
  define: { HOLDFAST_VERSION: JSON.stringify(version) },
  legalComments: "none",
  metafile: true,
  plugins: [slim],
  logLevel: "warning",
});
chmodSync(draft, 0o755);
renameSync(draft, outfile);
process.stdout.write(
  `${outfile} ${(statSync(outfile).size / 1024).toFixed(0)} KB, ${Object.keys(result.metafile.inputs).length} files\n`,
);
