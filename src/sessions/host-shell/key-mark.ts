import { HoldfastError, sha256Hex, shellWord } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import type { RunRequest } from "../session-api.ts";
import { look } from "./host-files.ts";

/** How an idempotency key stands on the host, beside the number of the command that was started with it. */
export interface KeyMark {
  /** Stands for the key: 80 bits of its SHA-256. */
  readonly key: string;
  /** Stands for all that the command is: 48 bits. */
  readonly request: string;
}

/** The mark of a request; undefined when it has no key. */
export function keyMark(request: RunRequest): KeyMark | undefined {
  const { key, command, stdin, cwd, env, timeoutMs, background, sudo, terminal } = request;
  if (key === undefined) return undefined;
  const whole = JSON.stringify([
    command,
    stdin,
    cwd,
    env,
    timeoutMs,
    background,
    ...(sudo === undefined ? [] : [sudo]),
    ...(terminal === undefined ? [] : [terminal]),
  ]);
  return { key: sha256Hex(key).slice(0, 20), request: sha256Hex(whole).slice(0, 12) };
}

/** The request line that has the host write the mark with the next command's number, before that command begins; none without a key. */
export function markLines(request: RunRequest): readonly string[] {
  const mark = keyMark(request);
  return mark === undefined ? [] : [`y ${mark.key}.${mark.request}`];
}

/** The number of the command that was started with the key; undefined when none was. Rejects with `bad_input` when that was another command. */
export async function findMarked(
  connection: SshConnection,
  directory: string,
  mark: KeyMark,
): Promise<number | undefined> {
  const file = shellWord(`${directory}/keys`);
  const script = `[ -f ${file} ] || exit 0; if command -v grep >/dev/null 2>&1; then grep -F ' ${mark.key}.' ${file}; else cat ${file}; fi`;
  const { stdout } = await look(connection, script);
  const found = stdout
    .toString()
    .split("\n")
    .flatMap((line) => {
      const [number = "", mine = ""] = line.split(" ");
      const [key, request] = mine.split(".");
      return key === mark.key ? [{ number: Number(number), request }] : [];
    })
    .at(-1);
  if (found === undefined) return undefined;
  if (found.request === mark.request) return found.number;
  throw new HoldfastError("bad_input", "the key was used for another command in this session", {
    hint: "Use a new key for a new command",
  });
}
