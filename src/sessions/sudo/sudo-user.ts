import { HoldfastError } from "../../base/index.ts";

/** `user` if sudo can run something as it: a name, or `#` and a number. Throws `bad_input`. */
export function checkedSudoUser(user: string): string {
  if (/^(?:[A-Za-z_][\w.@\\-]{0,99}\$?|#\d{1,10})$/.test(user)) return user;
  throw new HoldfastError("bad_input", `"${user.slice(0, 100)}" is no user`, {
    hint: "sudo takes true (root), a user name, or #<uid>",
  });
}
