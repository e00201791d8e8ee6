/** The template under which the screen of a session's newest terminal is found. */
export const screenTemplate = "ssh://sessions/{name}/screen";

const screenUri = /^ssh:\/\/sessions\/([^/?#]{1,400})\/screen$/;

/** The address of the screen of a session's newest terminal. */
export function screenUriOf(session: string): string {
  return `ssh://sessions/${encodeURIComponent(session)}/screen`;
}

/** The session whose screen `uri` names; undefined when it names none. */
export function screenSessionOf(uri: string): string | undefined {
  const [, session] = screenUri.exec(uri) ?? [];
  if (session === undefined) return undefined;
  try {
    return decodeURIComponent(session);
  } catch {
    return undefined;
  }
}
