/** Why a terminal is given up that the device keeps open. */
export const loggedOut = "the device asks for a login there again";

/** What the next command says when a session has a new terminal. */
export function newTerminalNote(why: string): string {
  return `new terminal: ${why}; it begins anew in the mode after the login`;
}
