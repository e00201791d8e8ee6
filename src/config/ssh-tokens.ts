import { createHash } from "node:crypto";
import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import { HoldfastError } from "../base/index.ts";
import { variable, type Environment } from "./environment.ts";

/** What the %-tokens of ssh_config(5) stand for. */
export interface TokenValues {
  /** %n */
  readonly original: string;
  /** %h */
  readonly host: string;
  /** %p */
  readonly port: number;
  /** %r */
  readonly user: string;
  /** %k, when HostKeyAlias is set. */
  readonly hostKeyAlias: string | undefined;
}

function tokenTable(values: TokenValues): Readonly<Record<string, string>> {
  const local = hostname();
  const port = String(values.port);
  const connection = createHash("sha1").update(`${local}${values.host}${port}${values.user}`).digest("hex");
  return {
    "%": "%",
    C: connection,
    d: homedir(),
    h: values.host,
    i: String(process.getuid?.() ?? ""),
    j: "",
    k: values.hostKeyAlias ?? values.original,
    L: local.split(".")[0] ?? local,
    l: local,
    n: values.original,
    p: port,
    r: values.user,
    u: userInfo().username,
  };
}

/** Expands `~`, %-tokens and `${VARIABLE}` in a path of ssh_config as ssh would. Throws `config_invalid` for a token or variable it does not know. */
export function expandSshPath(path: string, values: TokenValues, env: Environment): string {
  const table = tokenTable(values);
  const expanded = path.replaceAll(
    /%(.?)|\$\{([^}]*)\}/g,
    (whole, token: string | undefined, name: string | undefined) => {
      const value = name === undefined ? table[token ?? ""] : variable(env, name);
      if (value === undefined) {
        throw new HoldfastError("config_invalid", `${whole} in the path ${path} of ssh_config stands for nothing`, {
          hint: name === undefined ? "Write %% for a percent sign" : `Set the variable ${name}`,
        });
      }
      return value;
    },
  );
  return expanded === "~" || expanded.startsWith("~/") ? join(homedir(), expanded.slice(1)) : expanded;
}

/** What a host or user name may hold that goes into a command line of a shell. */
const safeWord = /^[\p{L}\p{N}_.:%@+[\]-]*$/u;

/** Expands the %-tokens of a ProxyCommand. Throws `config_invalid` for an unknown token, `bad_input` for a name that a shell would take for more than a word. */
export function expandProxyCommand(command: string, values: TokenValues): string {
  for (const word of [values.host, values.original, values.user]) {
    if (safeWord.test(word)) continue;
    throw new HoldfastError("bad_input", `${JSON.stringify(word.slice(0, 80))} cannot go into a proxy command`, {
      hint: "Names there have letters, digits, dots, dashes, colons and underscores only",
    });
  }
  const table = tokenTable(values);
  return command.replaceAll(/%(.?)/g, (whole, token: string) => {
    const value = table[token];
    if (value !== undefined) return value;
    throw new HoldfastError(
      "config_invalid",
      `${whole} in the proxy command ${JSON.stringify(command.slice(0, 200))} stands for nothing`,
      {
        hint: "Write %% for a percent sign",
      },
    );
  });
}
