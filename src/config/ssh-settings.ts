import { spawn } from "node:child_process";
import { HoldfastError, after, oneLine } from "../base/index.ts";
import { variable, type Environment } from "./environment.ts";
import { readSettings } from "./ssh-config-reader.ts";

/** What ssh_config is asked about: a name, and what has been decided already. */
export interface SshQuestion {
  readonly name: string;
  /** Goes before any HostName. */
  readonly hostName: string | undefined;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

/** Settings of one host by lower-case keyword, each with all its values in order. */
export type SshSettings = ReadonlyMap<string, readonly string[]>;

/** `ssh -G` takes 5 ms; only a `Match exec` that hangs takes long. */
const askLimitMs = 5000;

/** `ssh -G` prints a few kilobytes; much more is not it. */
const outputLimitBytes = 1024 * 1024;

interface Answer {
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly failure: "missing" | "timeout" | undefined;
}

function ask(args: readonly string[], env: Environment): Promise<Answer> {
  return new Promise((resolve) => {
    const child = spawn("ssh", args, { stdio: ["ignore", "pipe", "pipe"], env: { ...env } });
    const parts = { stdout: "", stderr: "" };
    let done = false;
    const finish = (status: number | undefined, failure: Answer["failure"]): void => {
      if (done) return;
      done = true;
      cancel();
      child.kill("SIGKILL");
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ status, failure, ...parts });
    };
    const cancel = after(askLimitMs, () => finish(undefined, "timeout"));
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        if (parts[name].length < outputLimitBytes) parts[name] += text;
      });
    }
    child.on("error", () => finish(undefined, "missing"));
    child.on("close", (status) => finish(status ?? undefined, undefined));
  });
}

/** Lists of algorithms. What ssh knows differs from what is known here, so that only a list that somebody made counts. */
export const algorithmKeywords = [
  "kexalgorithms",
  "ciphers",
  "macs",
  "hostkeyalgorithms",
  "pubkeyacceptedalgorithms",
  "casignaturealgorithms",
] as const;

/** What `ssh -G` says without any configuration, by the PATH that led to it; asked once. */
const ownDefaults = new Map<string, Promise<SshSettings>>();

function defaultsOf(env: Environment): Promise<SshSettings> {
  const path = variable(env, "PATH") ?? "";
  const asked =
    ownDefaults.get(path) ??
    ask(["-G", "-F", "none", "--", "localhost"], env).then(({ stdout }) => parseSettings(stdout));
  ownDefaults.set(path, asked);
  return asked;
}

/** Without the lists of algorithms that are ssh's own. */
function withoutDefaults(settings: SshSettings, defaults: SshSettings): SshSettings {
  const own = (keyword: string): boolean => {
    const usual = defaults.get(keyword)?.[0];
    return usual === undefined || usual === settings.get(keyword)?.[0];
  };
  const left: readonly string[] = algorithmKeywords.filter(own);
  return new Map([...settings].filter(([keyword]) => !left.includes(keyword)));
}

/** Parses `keyword value` lines, as `ssh -G` prints them. */
function parseSettings(text: string): SshSettings {
  const settings = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [, keyword, value] = /^(\S+)[ \t]+(.*?)\s*$/.exec(line) ?? [];
    if (keyword === undefined || value === undefined) continue;
    const name = keyword.toLowerCase();
    const values = settings.get(name);
    if (values === undefined) settings.set(name, [value]);
    else values.push(value);
  }
  return settings;
}

function refusal(question: SshQuestion, answer: Answer): HoldfastError {
  if (answer.failure === "timeout") {
    return new HoldfastError(
      "config_invalid",
      `ssh_config could not be evaluated for ${question.name} within ${askLimitMs / 1000} s`,
      {
        hint: "A command of a Match exec line may hang: try ssh -G by hand",
      },
    );
  }
  const said = oneLine(answer.stderr, 300);
  if (/invalid characters|Bad remote username/i.test(said)) {
    return new HoldfastError("bad_input", `ssh takes ${question.name} for no host: ${said}`, {
      hint: "Check the spelling of the target",
    });
  }
  return new HoldfastError(
    "config_invalid",
    `ssh_config cannot be used: ${said === "" ? `ssh -G ended with ${answer.status ?? "a signal"}` : said.replace(/\.$/, "")}`,
    {
      hint: "Mend the line that it names",
    },
  );
}

/**
 * What ssh_config says about a host: asked from `ssh -G`, which knows Include, Match and tokens; read by ourselves,
 * without Match exec, where there is no ssh. Rejects with `config_invalid` or `bad_input`.
 */
export async function sshSettings(question: SshQuestion, env: Environment): Promise<SshSettings> {
  const file = variable(env, "HOLDFAST_SSH_CONFIG");
  const { name, hostName, user, port } = question;
  const args = [
    "-G",
    ...(file === undefined ? [] : ["-F", file]),
    ...(hostName === undefined ? [] : ["-o", `HostName=${hostName.replaceAll("%", "%%")}`]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(user === undefined ? [] : ["-l", user]),
    "--",
    name,
  ];
  const [answer, defaults] = await Promise.all([ask(args, env), defaultsOf(env)]);
  if (answer.failure === "missing") return readSettings(question, env);
  if (answer.status !== 0) throw refusal(question, answer);
  return withoutDefaults(parseSettings(answer.stdout), defaults);
}
