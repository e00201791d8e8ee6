/** Places that are remembered, at most; the oldest are forgotten first. */
const rememberedPlaces = 1000;

/**
 * Which servers may be sent something before they have answered what it depends on: all that are known to number channels as expected,
 * but for those where that went wrong.
 */
export class Predictions {
  readonly #refused = new Map<string, "once" | "always">();

  /** Whether to predict on the next connection to `place`. Asked once for each connection. */
  allows(place: string): boolean {
    const refused = this.#refused.get(place);
    if (refused === "once") this.#refused.delete(place);
    return refused === undefined;
  }

  /** A prediction was wrong, or (`unclear`) the connection went down before it could show. */
  failed(place: string, why: "wrong" | "unclear"): void {
    if (this.#refused.get(place) === "always") return;
    this.#refused.set(place, why === "wrong" ? "always" : "once");
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > rememberedPlaces && oldest !== undefined) this.#refused.delete(oldest);
  }
}
