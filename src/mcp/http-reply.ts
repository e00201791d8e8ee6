/** JSON-RPC's codes for what is refused before a server sees it. */
const codes = {
  parse: -32_700,
  request: -32_600,
  refused: -32_000,
  unknownSession: -32_001,
  internal: -32_603,
} as const;

/** An HTTP answer with a JSON-RPC error in it, for requests that no MCP server gets to see. */
export function errorResponse(
  status: number,
  kind: keyof typeof codes,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json({ jsonrpc: "2.0", id: null, error: { code: codes[kind], message } }, { status, headers });
}

/** True when the client names `text/event-stream`; a mere wildcard, as `curl` sends it, asks for plain JSON. */
export function wantsEvents(request: Request): boolean {
  return request.headers.get("accept")?.includes("text/event-stream") === true;
}
