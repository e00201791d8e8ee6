import { HoldfastError } from "../base/index.ts";
import type { Catalog } from "../tools/index.ts";
import { commandIdOf } from "./output-resource.ts";
import { screenSessionOf } from "./screen-resource.ts";

/** Resources that one client, or all clients of one HTTP endpoint, may follow at a time. */
const mostFollowed = 1_000;

/** Who follows: a request, or a subscription of its own. */
export type Follower = string | number | symbol;

interface Followed {
  readonly followers: Set<Follower>;
  readonly end: AbortController;
}

/** Watches the resources that somebody follows, each once however many do, and tells when one has changed: at most twice a second each. */
export class ResourceFollows {
  readonly #catalog: Catalog;
  readonly #changed: (uri: string) => void;
  readonly #followed = new Map<string, Followed>();

  constructor(catalog: Catalog, changed: (uri: string) => void) {
    this.#catalog = catalog;
    this.#changed = changed;
  }

  /** Resolves when it is being watched. Rejects with `bad_input`, `session_unknown`, `command_unknown` or `limit_reached`. */
  async follow(follower: Follower, uri: string): Promise<void> {
    const known = this.#followed.get(uri);
    if (known !== undefined) {
      known.followers.add(follower);
      return;
    }
    const [id, session] = [commandIdOf(uri), screenSessionOf(uri)];
    if (id === undefined && session === undefined) {
      throw new HoldfastError("bad_input", `${uri.slice(0, 200)} is no resource that changes`);
    }
    if (this.#followed.size >= mostFollowed) {
      throw new HoldfastError("limit_reached", `${mostFollowed} resources are being followed`, {
        hint: "Unsubscribe from some first",
      });
    }
    const followed = { followers: new Set([follower]), end: new AbortController() };
    this.#followed.set(uri, followed);
    try {
      const command = await (id === undefined ? this.#catalog.screenOf(session ?? "") : this.#catalog.find(id));
      this.#watch(
        uri,
        followed,
        command.follow(() => this.#changed(uri), followed.end.signal),
      );
    } catch (thrown) {
      this.#forget(uri, followed);
      throw thrown;
    }
  }

  /** Ends what `follower` follows: `uri`, or everything. */
  release(follower: Follower, uri?: string): void {
    for (const [one, followed] of this.#followed) {
      if (uri !== undefined && one !== uri) continue;
      followed.followers.delete(follower);
      if (followed.followers.size === 0) this.#forget(one, followed);
    }
  }

  /** Ends everything. */
  close(): void {
    for (const [uri, followed] of this.#followed) this.#forget(uri, followed);
  }

  /** What has ended stays followed without being watched: it does not change any more. */
  #watch(uri: string, followed: Followed, watching: Promise<void>): void {
    watching.catch(() => this.#forget(uri, followed));
  }

  #forget(uri: string, followed: Followed): void {
    followed.end.abort();
    if (this.#followed.get(uri) === followed) this.#followed.delete(uri);
  }
}
