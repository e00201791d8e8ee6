import type { MessageId } from "./json-rpc.ts";
import { isObject } from "./hello.ts";

interface Asked {
  readonly id: MessageId;
  readonly method: string;
  readonly whole: Readonly<Record<string, unknown>>;
}

/** A client follows at most so many resources; what it asks for beyond is not said again. */
const mostFollowed = 1_000;

/** What a client of an older revision has told its server once: said again to each new daemon, which has not heard it. */
export class Opening {
  readonly #followed = new Map<string, Asked>();
  readonly #ownIds = new Set<MessageId>();
  #asked: Asked | undefined;
  #wasAnswered = false;
  #completion: string | undefined;
  #times = 0;

  /** It follows something, so it wants a server also while it asks for nothing. */
  get follows(): boolean {
    return this.#followed.size > 0;
  }

  /** Looks at each request for what must be said again. */
  asked(request: Asked): void {
    if (request.method === "initialize") {
      this.#asked = request;
      this.#wasAnswered = false;
    }
    const { params } = request.whole;
    const uri = isObject(params) ? params["uri"] : undefined;
    if (typeof uri !== "string") return;
    if (request.method === "resources/unsubscribe") this.#followed.delete(uri);
    const more = this.#followed.size < mostFollowed;
    if (request.method === "resources/subscribe" && more) this.#followed.set(uri, request);
  }

  completed(line: string): void {
    this.#completion = line;
  }

  /** `ours`: it answers what `again` said, and the client must not see it. */
  answered(id: MessageId): "ours" | "the client's" {
    if (this.#ownIds.delete(id)) return "ours";
    if (id === this.#asked?.id) this.#wasAnswered = true;
    return "the client's";
  }

  /** The lines to begin with; none when the client has not opened so, or still waits for the answer. */
  again(): readonly string[] {
    if (this.#asked === undefined || !this.#wasAnswered) return [];
    this.#ownIds.clear();
    return [
      this.#ownLine(this.#asked),
      ...(this.#completion === undefined ? [] : [this.#completion]),
      ...[...this.#followed.values()].map((request) => this.#ownLine(request)),
    ];
  }

  /** A question of ours that any server answers, if only by refusing it. */
  lifeLine(): string {
    return this.#ownLine({ whole: { jsonrpc: "2.0", method: "ping" } });
  }

  #ownLine({ whole }: Pick<Asked, "whole">): string {
    this.#times += 1;
    const id = `holdfast-again-${this.#times}`;
    this.#ownIds.add(id);
    return JSON.stringify({ ...whole, id });
  }
}
