import { isJSONRPCRequest, isJSONRPCResponse, type JSONRPCMessage } from "@modelcontextprotocol/server";
import { randomHex } from "../base/index.ts";

/**
 * Ids of requests to the client, unlike those of any other process. The client's connection may be handed from one daemon to the next, and
 * a yes to what the former asked must not be taken for a yes to what this one asks.
 */
export class QuestionIds {
  #madeMark: string | undefined;

  /** Made with the first question: most connections never have one. */
  get #mark(): string {
    this.#madeMark ??= `${randomHex(8)}:`;
    return this.#madeMark;
  }

  /** The message as it goes out. */
  outgoing(message: JSONRPCMessage): JSONRPCMessage {
    if (isJSONRPCRequest(message)) return { ...message, id: this.#mark + JSON.stringify(message.id) };
    if (!("method" in message) || message.method !== "notifications/cancelled") return message;
    const requestId = message.params?.["requestId"];
    return { ...message, params: { ...message.params, requestId: this.#mark + JSON.stringify(requestId) } };
  }

  /** The message as it was meant; undefined for an answer to what another process has asked. */
  incoming(message: JSONRPCMessage): JSONRPCMessage | undefined {
    if (!isJSONRPCResponse(message)) return message;
    const { id } = message;
    if (typeof id !== "string" || !id.startsWith(this.#mark)) return undefined;
    return { ...message, id: meantId(id.slice(this.#mark.length)) };
  }
}

/** An id as `JSON.stringify` wrote it. */
function meantId(text: string): string | number {
  const number = Number(text);
  return Number.isInteger(number) ? number : text.replaceAll(/^"|"$/g, "");
}
