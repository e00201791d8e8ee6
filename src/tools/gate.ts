import type { Redactor } from "../secrets/index.ts";
import type { Reply } from "./reply.ts";

/** Who makes a call. */
export interface Caller {
  /** Name and version as the client gives them; unverified. */
  readonly client: string;
}

/** A call as the gate sees it: its arguments have been checked. */
export interface GateCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
}

/** What a policy says to a call. */
export type Verdict =
  | { readonly kind: "allow" }
  | { readonly kind: "ask"; readonly reason: string }
  | { readonly kind: "deny"; readonly reason: string };

/** One open line of the audit: written when the call begins, completed when it ends, however it ends. */
export interface AuditEntry {
  end(outcome: { readonly reply: Reply } | { readonly thrown: unknown }): Promise<void>;
}

/** Replaces known secrets in text that leaves the server. */
export interface Redact {
  (text: string): string;
  /** What output that is shown piece by piece needs, so that no border between two pieces cuts a secret in two. */
  readonly borders?: SecretBorders | undefined;
}

/** What of a secret stands at the ends of a stretch of bytes. */
export type SecretBorders = Pick<Redactor, "marginBytes" | "restOfSecret" | "beginningOfSecret">;

/** The stations that every call passes on its way to a tool and back. */
export interface Gate {
  judge(call: GateCall): Promise<Verdict>;
  /** True when a person allowed the call. */
  approve(call: GateCall, reason: string, signal: AbortSignal): Promise<boolean>;
  beginAudit(call: GateCall): Promise<AuditEntry>;
  readonly redact: Redact;
}

/** A gate that lets everything through: no policy, no approvals, no audit, no secrets known. */
export const openGate: Gate = {
  judge: async () => ({ kind: "allow" }),
  approve: async () => true,
  beginAudit: async () => ({ end: async () => undefined }),
  redact: (text) => text,
};
