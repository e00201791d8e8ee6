import { parseDocument } from "yaml";
import type { z } from "zod";
import { HoldfastError, oneLine } from "../base/index.ts";
import { compilePlatform } from "./compile-platform.ts";
import type { Platform } from "./platform.ts";
import { platformSchema } from "./platform-schema.ts";

/** What a prompt shows as the name of a device, where the file says nothing else. */
const defaultHost = String.raw`[A-Za-z0-9][\w.\-/@:+]{0,62}`;

/** Compiles the text of a platform file. Throws `config_invalid` that names file, key and reason. */
export function readPlatform(text: string, file: string): Platform {
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) throw invalid(file, `it is no YAML: ${oneLine(fault.message, 200)}`);
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  const host = hostOf(value);
  const parsed = platformSchema.safeParse(withHost(value, `(?<host>${host})`));
  if (parsed.success) return compilePlatform(parsed.data);
  throw invalid(file, explain(parsed.error.issues[0]));
}

function invalid(file: string, what: string): HoldfastError {
  return new HoldfastError("config_invalid", `${file}: ${what.replace(/\.$/, "")}`, {
    hint: "Mend that key; docs/devices.md says what each one takes",
  });
}

function hostOf(value: unknown): string {
  if (typeof value !== "object" || value === null || !("host" in value)) return defaultHost;
  return typeof value.host === "string" ? value.host : defaultHost;
}

/** Puts the pattern of the name in place of `{host}` wherever it stands. */
function withHost(value: unknown, host: string): unknown {
  if (typeof value === "string") return value.replaceAll("{host}", () => host);
  if (Array.isArray(value)) return value.map((item) => withHost(item, host));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withHost(item, host)]));
}

function explain(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return "it is no platform";
  const key = oneLine(issue.path.map(String).join("."), 100);
  const nested =
    issue.code === "invalid_union" ? issue.errors.flat().find(({ code }) => code !== "invalid_type") : undefined;
  const place = [key, ...(nested?.path ?? []).map(String)].filter((part) => part !== "").join(".");
  const reason =
    issue.code === "unrecognized_keys"
      ? `unknown key "${oneLine(issue.keys[0] ?? "", 60)}"`
      : (nested ?? issue).message;
  return `${place === "" ? "the file" : place}: ${oneLine(reason, 200)}`;
}
