import type { Follower, ResourceFollows } from "./resource-follows.ts";

/** The part of `subscriptions/listen` (2026-07-28) that concerns resources. The protocol's side of it is the SDK's. */
interface ListenRequest {
  readonly id: string | number;
  readonly uris: readonly string[];
}

/** Reads a message; undefined when it is no request to listen. */
export function listenRequestOf(message: unknown): ListenRequest | undefined {
  if (!isObject(message) || message["method"] !== "subscriptions/listen") return undefined;
  const { id, params } = message;
  if (typeof id !== "string" && typeof id !== "number") return undefined;
  const filter = isObject(params) ? params["notifications"] : undefined;
  const uris = isObject(filter) ? filter["resourceSubscriptions"] : undefined;
  return { id, uris: Array.isArray(uris) ? uris.filter((uri) => typeof uri === "string") : [] };
}

/** Follows what a request to listen names, for as long as it lasts. What is unknown or too much is not followed: it never changes. */
export function followAll(follows: ResourceFollows, follower: Follower, uris: readonly string[]): void {
  for (const uri of new Set(uris)) follows.follow(follower, uri).catch(() => undefined);
}

/** Follows and releases what the messages of one connection say. */
export function hearListening(follows: ResourceFollows, message: unknown): void {
  const request = listenRequestOf(message);
  if (request !== undefined) followAll(follows, request.id, request.uris);
  if (!isObject(message) || message["method"] !== "notifications/cancelled") return;
  const id = isObject(message["params"]) ? message["params"]["requestId"] : undefined;
  if (typeof id === "string" || typeof id === "number") follows.release(id);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
