import type { BaseAgent, ParsedKey } from "ssh2";
import { timeIsUp, withDeadline } from "../base/index.ts";
import type { Ssh2Library } from "./ssh2-library.ts";

/** A key that an agent holds; `agent` offers this key alone. */
export interface AgentKey {
  readonly blob: Buffer;
  readonly comment: string;
  readonly agent: BaseAgent;
}

/** An agent that does not answer within this time is left out: a login must not hang on it. */
const agentLimitMs = 5000;

function parsedKeys(library: Ssh2Library, keys: readonly unknown[]): readonly ParsedKey[] {
  return keys.flatMap((key) => {
    if (!Buffer.isBuffer(key) && typeof key !== "string" && !isParsedKey(key)) return [];
    const parsed = library.utils.parseKey(key);
    return parsed instanceof Error ? [] : [parsed];
  });
}

function isParsedKey(key: unknown): key is ParsedKey {
  return typeof key === "object" && key !== null && typeof Reflect.get(key, "getPublicSSH") === "function";
}

/** An agent that knows one key: ssh2 would otherwise try every key of it, and servers count. */
function oneKeyAgent(library: Ssh2Library, socket: string, key: ParsedKey): BaseAgent {
  const agent = library.createAgent(socket);
  agent.getIdentities = (answer) => {
    answer(undefined, [key]);
  };
  return agent;
}

/** The keys of the agent at `socket`; none when it cannot be asked. Never rejects. */
export async function listAgentKeys(library: Ssh2Library, socket: string): Promise<readonly AgentKey[]> {
  const listing = new Promise<readonly ParsedKey[]>((resolve) => {
    library.createAgent(socket).getIdentities((error, keys) => {
      resolve(error === null || error === undefined ? parsedKeys(library, keys ?? []) : []);
    });
  });
  const keys = await withDeadline(listing, agentLimitMs);
  if (keys === timeIsUp) return [];
  return keys.map((key) => ({
    blob: key.getPublicSSH(),
    comment: key.comment,
    agent: oneKeyAgent(library, socket, key),
  }));
}
