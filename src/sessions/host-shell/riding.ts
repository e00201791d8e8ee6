/** Request lines that go out with the attachment itself, before the host has said anything. */
export interface Riding {
  readonly lines: readonly string[];
  /** They are out: from now on the host may act on them. */
  sent(): void;
  /** A server that refused the login has read them and done nothing. */
  dropped(): void;
}
