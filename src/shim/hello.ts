/** The version of the handshake: one line each way, before anything else on the socket. */
const handshake = 1;

/** What a connection to the daemon is for: an MCP client, one tool call, a person who answers questions, or watches a command, asking how it does, ending it. */
export type Role = "mcp" | "call" | "answer" | "watch" | "status" | "stop";

const roles: readonly Role[] = ["mcp", "call", "answer", "watch", "status", "stop"];

/** The first line of whoever connects. */
export interface Hello {
  readonly role: Role;
  readonly version: string;
  /** Fingerprint of the environment that decides what a daemon does: only the same may talk to it. */
  readonly settings: string;
  /** Where it was started: paths of this machine in its calls begin there. */
  readonly directory?: string;
}

/** What a daemon says of itself. */
export interface DaemonFacts {
  readonly version: string;
  readonly pid: number;
  /** Connections of MCP clients and calls, without the one that asks. */
  readonly connections: number;
  readonly upMs: number;
}

/** The daemon's first line: go on; it is ending, so look for its successor; or no business with each other, and why. */
export type Welcome =
  | { readonly kind: "welcome"; readonly facts: DaemonFacts }
  | { readonly kind: "ending" }
  | { readonly kind: "refused"; readonly why: string };

/** The last line of a daemon that ends in peace. */
export interface Farewell {
  /** How many lines of this connection it has taken: those behind were never looked at. */
  readonly taken: number;
  /** Another daemon goes on; else somebody wanted it to end, and none is to be started before there is something to do. */
  readonly successor: boolean;
}

export function farewellLine(farewell: Farewell): string {
  return `${JSON.stringify({ holdfast: handshake, ...farewell })}\n`;
}

/** The farewell in a line; undefined for any other line. */
export function readFarewell(line: string): Farewell | undefined {
  // Cheap on purpose: it is asked of every line, and no JSON-RPC message begins so.
  if (!line.startsWith('{"holdfast":')) return undefined;
  const { taken, successor } = parseObject(line) ?? {};
  return typeof taken === "number" ? { taken, successor: successor === true } : undefined;
}

export function helloLine(hello: Hello): string {
  return `${JSON.stringify({ holdfast: handshake, ...hello })}\n`;
}

/** The hello in a line; undefined when it is none of ours. */
export function readHello(line: string): Hello | undefined {
  const parsed = parseObject(line);
  if (parsed?.["holdfast"] !== handshake) return undefined;
  const { version, settings } = parsed;
  const role = roles.find((one) => one === parsed["role"]);
  if (role === undefined || typeof version !== "string" || typeof settings !== "string") return undefined;
  const { directory } = parsed;
  const where = typeof directory === "string" && directory.startsWith("/") ? { directory } : {};
  return { role, version, settings, ...where };
}

export function welcomeLine(welcome: Welcome): string {
  return `${JSON.stringify({ holdfast: handshake, ...welcome })}\n`;
}

/** The welcome in a line. What is none counts as a refusal. */
export function readWelcome(line: string): Welcome {
  const parsed = parseObject(line);
  if (parsed?.["holdfast"] !== handshake) return { kind: "refused", why: "it speaks another language" };
  if (parsed["kind"] === "ending") return { kind: "ending" };
  const facts = readFacts(parsed["facts"]);
  if (parsed["kind"] === "welcome" && facts !== undefined) return { kind: "welcome", facts };
  return { kind: "refused", why: typeof parsed["why"] === "string" ? parsed["why"] : "it gave no reason" };
}

function readFacts(value: unknown): DaemonFacts | undefined {
  if (!isObject(value)) return undefined;
  const { version, pid, connections, upMs } = value;
  if (typeof version !== "string" || typeof pid !== "number") return undefined;
  if (typeof connections !== "number" || typeof upMs !== "number") return undefined;
  return { version, pid, connections, upMs };
}

/** True when version `one` is newer than `other`, number by number; what follows a hyphen does not count. */
export function isNewer(one: string, other: string): boolean {
  const left = numbersOf(one);
  const right = numbersOf(other);
  for (let at = 0; at < 3; at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

function numbersOf(version: string): readonly number[] {
  return (version.split("-")[0] ?? "").split(".").map((part) => Number.parseInt(part, 10) || 0);
}

/** A JSON object, or undefined for any other text. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** True for a JSON object, not an array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
