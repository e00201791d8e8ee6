import type { ForwardPoint } from "../../ssh/index.ts";
import type { Traffic } from "./traffic.ts";
import type { TunnelState } from "./tunnel-api.ts";

/** A tunnel of either direction. */
export interface OpenTunnel {
  /** Where it really listens. */
  readonly at: ForwardPoint;
  readonly state: TunnelState;
  readonly traffic: Traffic;
  /** What whoever uses it must know; after the close, what remains. */
  readonly notes: readonly string[];
  /** Nothing listens and nothing is open when it resolves (but what `notes` tell), or 10 s have passed. Safe to call twice. */
  close(): Promise<void>;
}
