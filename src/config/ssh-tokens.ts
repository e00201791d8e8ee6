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
