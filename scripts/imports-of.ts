import { parseSync, Visitor } from "oxc-parser";

interface Imports {
  /** What the file imports or re-exports, as value, as type, statically or dynamically. */
  readonly specifiers: readonly string[];
  /** Constructs that hide an import from this check or open a door too wide. */
  readonly problems: readonly string[];
}

/** All imports of a TypeScript file. Text that does not parse is a problem, never an empty list. */
export function importsOf(file: string, source: string): Imports {
  const { module, program, errors } = parseSync(file, source);
  const problems = errors.map((error) => `does not parse: ${error.message}`);
  const specifiers = new Set(module.staticImports.map((one) => one.moduleRequest.value));
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, importName } of entries) {
      if (moduleRequest) specifiers.add(moduleRequest.value);
      if (importName.kind === "All" || importName.kind === "AllButDefault") {
        problems.push("re-exports everything: list the names");
      }
    }
  }
  new Visitor({
    ImportExpression({ source: request }) {
      if (request.type === "Literal" && typeof request.value === "string") specifiers.add(request.value);
      else problems.push("imports a computed path: the check cannot follow it");
    },
    TSImportType({ source: request }) {
      specifiers.add(request.value);
    },
  }).visit(program);
  return { specifiers: [...specifiers], problems };
}
