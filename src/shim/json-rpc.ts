import { isObject, parseObject } from "./hello.ts";

export type MessageId = string | number;

/** What the relay must know of a message; everything else goes through as it came. */
export type Message =
  | { readonly kind: "request"; readonly id: MessageId; readonly method: string; readonly whole: JsonObject }
  | { readonly kind: "notification"; readonly method: string; readonly whole: JsonObject }
  | { readonly kind: "response"; readonly id: MessageId };

type JsonObject = Readonly<Record<string, unknown>>;

/** The message in a line; undefined when it is no JSON-RPC, which the server will say. */
export function readMessage(line: string): Message | undefined {
  const whole = parseObject(line);
  if (whole === undefined) return undefined;
  const { id, method } = whole;
  const known = typeof id === "string" || typeof id === "number";
  if (typeof method === "string") {
    if (known) return { kind: "request", id, method, whole };
    return id === undefined ? { kind: "notification", method, whole } : undefined;
  }
  return known ? { kind: "response", id } : undefined;
}

/** The tool that a request calls, if it calls one. */
export function toolOf(whole: JsonObject): string | undefined {
  const params = whole["params"];
  return whole["method"] === "tools/call" && isObject(params) && typeof params["name"] === "string"
    ? params["name"]
    : undefined;
}

/** The request that a `notifications/cancelled` means. */
export function cancelledId(whole: JsonObject): MessageId | undefined {
  const params = whole["params"];
  const id = isObject(params) ? params["requestId"] : undefined;
  return typeof id === "string" || typeof id === "number" ? id : undefined;
}

/** The request as a line, with more in its `_meta`. */
export function withMeta(whole: JsonObject, more: JsonObject): string {
  const params = isObject(whole["params"]) ? whole["params"] : {};
  const meta = isObject(params["_meta"]) ? params["_meta"] : {};
  return JSON.stringify({ ...whole, params: { ...params, _meta: { ...meta, ...more } } });
}

/** The answer to a request that nobody else answers any more. A tool's failure is a result, as agents read those. */
export function failureLine(request: { readonly id: MessageId; readonly isCall: boolean }, text: string): string {
  const { id, isCall } = request;
  // `resultType` is what clients of the 2026-07-28 revision look for; older ones pass over it.
  const result = { content: [{ type: "text", text }], isError: true, resultType: "complete" };
  // -32603: internal error (JSON-RPC 2.0 §5.1).
  return JSON.stringify(
    isCall ? { jsonrpc: "2.0", id, result } : { jsonrpc: "2.0", id, error: { code: -32_603, message: text } },
  );
}
