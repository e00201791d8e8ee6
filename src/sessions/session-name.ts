import { HoldfastError } from "../base/index.ts";

/** Letters, digits and what targets are made of; no slash, because a command's id is `<session>/<n>`. At most 128 characters. */
const sessionName = /^[A-Za-z0-9_[][A-Za-z0-9_.@:[\]%+-]{0,127}$/;

/** Whether this can be a session's name. */
export function isSessionName(name: string): boolean {
  return sessionName.test(name);
}

/** `name` if it can be a session's name; else throws `bad_input`. */
export function checkSessionName(name: string): string {
  if (isSessionName(name)) return name;
  throw new HoldfastError("bad_input", `${JSON.stringify(name.slice(0, 80))} cannot be the name of a session`, {
    hint: "Use letters, digits and . _ - @ : (at most 128), for example web1-deploy",
  });
}

/** `name-2`, `name-3`, ...: the first that is free. */
export async function freeName(name: string, isFree: (name: string) => Promise<boolean>): Promise<string> {
  for (let n = 2; n < 1000; n += 1) {
    const candidate = `${name}-${n}`;
    if (await isFree(candidate)) return candidate;
  }
  throw new HoldfastError("limit_reached", `there are a thousand sessions called ${name}`, {
    hint: "Close some with ssh_close",
  });
}

/** Says that the name is that of another session, and where that one is. */
export function nameTaken({ name, address }: { readonly name: string; readonly address: string }): HoldfastError {
  return new HoldfastError("bad_input", `the name ${name} is in use for ${address}`, {
    hint: "Choose another name, or close that session with ssh_close",
  });
}

/** The error for a name that no session has; `more` is added to what to do. */
export function noSuchSession(name: string, more = ""): HoldfastError {
  const hint = `See ssh_list for those there are${more}`;
  return new HoldfastError("session_unknown", `there is no session "${name}"`, { hint });
}
