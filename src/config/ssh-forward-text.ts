/** A forward as `ssh -G` reports it: `[127.0.0.1]:8080 [db]:5432`, a path as it is, a port alone for loopback. */
export function forwardText(words: readonly string[]): string {
  const [listen = "", to] = words;
  if (to === undefined) return endText(listen);
  return `${endText(listen)} ${endText(to)}`;
}

function endText(end: string): string {
  if (end.startsWith("/")) return end;
  const [, bracketed, plain, port] = /^(?:(?:\[([^\]]+)\]|([^:/]*))[:/])?(\d+)$/.exec(end) ?? [];
  if (port === undefined) return end;
  const host = bracketed ?? plain;
  return host === undefined ? port : `[${host === "" ? "*" : host}]:${port}`;
}
