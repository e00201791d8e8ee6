/** The template under which the output of commands is found. */
export const outputTemplate = "ssh://commands/{session}/{n}/output";

const outputUri = /^ssh:\/\/commands\/([^/?#]{1,400})\/([1-9]\d{0,8})\/output$/;

/** The address of a command's output. */
export function outputUriOf(commandId: string): string {
  const slash = commandId.lastIndexOf("/");
  const session = encodeURIComponent(commandId.slice(0, slash));
  return `ssh://commands/${session}/${commandId.slice(slash + 1)}/output`;
}

/** The id of the command whose output `uri` names; undefined when it names none. */
export function commandIdOf(uri: string): string | undefined {
  const [, session, number] = outputUri.exec(uri) ?? [];
  if (session === undefined || number === undefined) return undefined;
  try {
    return `${decodeURIComponent(session)}/${number}`;
  } catch {
    return undefined;
  }
}
