/** What a tool call gives back: plain text, its first line the state. `isError` means that nothing ran or that we lost sight of it. */
export interface Reply {
  readonly text: string;
  readonly isError: boolean;
}

/** A reply that is a result, whatever the command's exit status. */
export function result(text: string): Reply {
  return { text, isError: false };
}

/** The hint that names the next call, as agents read it: `next: ssh_read {"command":"web1/9","from":18342}`. */
export function nextCall(tool: string, args: Readonly<Record<string, string | number | boolean>>): string {
  return `next: ${tool} ${JSON.stringify(args)}`;
}

/** A count with thousands separators, as in `182,204 characters`. */
export function count(amount: number): string {
  return amount.toLocaleString("en-US");
}
