import { basename, dirname } from "node:path";
import { LineCounter, isMap, isScalar, isSeq, parseAllDocuments, type Document } from "yaml";
import type { z } from "zod";
import { HoldfastError, oneLine } from "../base/index.ts";
import { homePath } from "./argument-layer.ts";
import { configSchema, secretKeys, type ConfigDocument, type EntryValues } from "./config-schema.ts";
import { defaultLogs, defaultRememberMs, type ConfigEntry, type LoadedConfig, type LogRules } from "./loaded-config.ts";

type Path = readonly PropertyKey[];

interface Source {
  readonly file: string;
  readonly lineOf: (path: Path) => number | undefined;
}

function invalid(file: string, line: number | undefined, what: string, hint: string): HoldfastError {
  const place = line === undefined ? file : `${file} line ${line}`;
  return new HoldfastError("config_invalid", `${place}: ${what.replace(/\.$/, "")}`, {
    hint: hint.replace(/\.$/, ""),
    ...(line === undefined ? {} : { details: { line } }),
  });
}

/** Reads a settings file. Throws `config_invalid` that names file, line, key and reason, and never a value. */
export function parseConfig(text: string, file: string): LoadedConfig {
  const lines = new LineCounter();
  const [document, more] = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document === undefined || !("contents" in document)) return loadedOf({}, { file, lineOf: () => undefined });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) {
    throw invalid(file, lines.linePos(fault.pos[0]).line, yamlReason(fault.code), "Mend the YAML there");
  }
  if (more !== undefined) throw invalid(file, undefined, "it has more than one document", "Remove the lines `---`");
  const source: Source = { file, lineOf: (path) => lineOf(document, path, lines) };
  const parsed = configSchema.safeParse(plainValue(document, file) ?? {});
  const issue = parsed.error?.issues[0];
  if (issue !== undefined) throw explain(issue, source);
  return loadedOf(parsed.data ?? {}, source);
}

/** The parser's own messages may quote the text, and with it a secret. */
function yamlReason(code: string): string {
  return `it is no YAML (${code.toLowerCase().replaceAll("_", " ")})`;
}

function plainValue(document: Document, file: string): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return value;
  } catch {
    throw invalid(file, undefined, "its aliases (*name) cannot be followed", "Write the values out");
  }
}

/** The line of a key, or of the nearest thing around it that there is. */
function lineOf(document: Document, path: Path, lines: LineCounter): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) break;
      offset = isScalar(pair.key) ? pair.key.range?.[0] : offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.get(Number(step), true);
      offset = isScalar(node) ? node.range?.[0] : offset;
    } else break;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

function explain(issue: z.core.$ZodIssue, source: Source): HoldfastError {
  const nested = issue.code === "invalid_union" ? issue.errors[0]?.[0] : undefined;
  const key = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const [unknown = ""] = issue.keys;
    const line = source.lineOf([...issue.path, unknown]);
    const where = key === "" ? "" : `${oneLine(key, 100)}: `;
    return invalid(source.file, line, `${where}unknown key "${oneLine(unknown, 60)}"`, knownKeys(issue.path));
  }
  const line = source.lineOf(issue.path);
  const reason = reasonOf(nested ?? issue);
  return invalid(source.file, line, `${oneLine(key, 100) || "the file"}: ${reason}`, "Mend that line");
}

function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") {
    if (issue.expected === "string") return "must be text; put it in quotes";
    return `must be ${issue.expected === "record" || issue.expected === "object" ? "a map of keys and values" : issue.expected}`;
  }
  if (issue.code === "invalid_value") return `must be one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? "the name is not allowed";
  return oneLine(issue.message, 200);
}

function knownKeys(path: Path): string {
  const { shape } = configSchema;
  const [section] = path.map(String);
  if (section === undefined) return `Known: ${Object.keys(shape).join(", ")}`;
  if (section === "logs") return `Known: ${Object.keys(shape.logs.unwrap().shape).join(", ")}`;
  if (section === "copy") return `Known: ${Object.keys(shape.copy.unwrap().shape).join(", ")}`;
  if (section === "secrets") return `Known: ${Object.keys(shape.secrets.unwrap().shape).join(", ")}`;
  return `Known: ${Object.keys(shape.defaults.unwrap().unwrap().shape).join(", ")}${section === "defaults" ? "" : ", host, description"}`;
}

function allowsDirectCopies({ copy }: ConfigDocument): boolean {
  return copy?.direct === "allow";
}

function loadedOf(document: ConfigDocument, source: Source): LoadedConfig {
  const targets = new Map<string, ConfigEntry>();
  for (const section of ["targets", "connections"] as const) {
    for (const [alias, values] of Object.entries(document[section] ?? {})) {
      if (targets.has(alias)) {
        const line = source.lineOf([section, alias]);
        throw invalid(source.file, line, `${section}.${alias}: it is among the targets too`, "Remove one of the two");
      }
      targets.set(alias, entryOf(values ?? {}, [section, alias], source));
    }
  }
  return {
    file: source.file,
    targets,
    defaults: entryOf(document.defaults ?? {}, ["defaults"], source),
    groups: new Map(Object.entries(document.groups ?? {})),
    onlyConfiguredTargets: document.only_configured_targets ?? false,
    hideAddresses: document.hide_addresses ?? false,
    dialog: document.dialog,
    directCopies: allowsDirectCopies(document),
    logs: logRules(document.logs ?? {}, dirname(source.file)),
    ...secretRules(document.secrets ?? {}, dirname(source.file)),
  };
}

function secretRules(rules: NonNullable<ConfigDocument["secrets"]>, base: string): SecretRules {
  return {
    secretsInCalls: rules.in_calls ?? "allow",
    rememberSecretsMs: rememberMs(rules.remember),
    keyring: typeof rules.keyring === "string" ? homePath(rules.keyring, base) : (rules.keyring ?? false),
    hideTokens: rules.patterns ?? false,
  };
}

const megabyte = 1_048_576;

function logRules(
  { record, directory, file_mb, total_mb }: NonNullable<ConfigDocument["logs"]>,
  base: string,
): LogRules {
  return {
    record: record ?? defaultLogs.record,
    directory: directory === undefined ? undefined : homePath(directory, base),
    partBytes: file_mb === undefined ? defaultLogs.partBytes : file_mb * megabyte,
    totalBytes: total_mb === undefined ? defaultLogs.totalBytes : total_mb * megabyte,
  };
}

type SecretRules = Pick<LoadedConfig, "secretsInCalls" | "rememberSecretsMs" | "keyring" | "hideTokens">;

const unitMs: ReadonlyMap<string, number> = new Map([
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

function rememberMs(text: string | undefined): number {
  if (text === undefined) return defaultRememberMs;
  if (text === "session") return Number.POSITIVE_INFINITY;
  return text === "never" ? 0 : Number.parseInt(text, 10) * (unitMs.get(text.slice(-1)) ?? 0);
}

function entryOf(values: EntryValues, path: Path, source: Source): ConfigEntry {
  return {
    values,
    origin: (key) => {
      const line = source.lineOf([...path, key]);
      return line === undefined ? basename(source.file) : `${basename(source.file)} line ${line}`;
    },
  };
}

/** Whether the file holds a secret in the clear. */
export function holdsSecrets(config: LoadedConfig): boolean {
  const entries = [config.defaults, ...config.targets.values()];
  return entries.some(({ values }) => secretKeys.some((key) => values[key] !== undefined));
}
