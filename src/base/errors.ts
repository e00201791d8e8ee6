/**
 * Every error code of the product and what it means. `docs/errors.md` documents each one; a test compares both lists.
 * `retryable` says whether the same call may work later without anything being changed.
 */
export const errorCodes = {
  bad_input: { retryable: false },
  target_unknown: { retryable: false },
  config_invalid: { retryable: false },
  dial_failed: { retryable: true },
  host_key_unknown: { retryable: false },
  host_key_changed: { retryable: false },
  host_key_revoked: { retryable: false },
  auth_failed: { retryable: false },
  key_unreadable: { retryable: false },
  forward_refused: { retryable: false },
  address_taken: { retryable: false },
  tunnel_unknown: { retryable: false },
  connection_lost: { retryable: true },
  timed_out: { retryable: true },
  session_unknown: { retryable: false },
  session_lost: { retryable: false },
  session_busy: { retryable: true },
  session_taken: { retryable: true },
  command_unknown: { retryable: false },
  output_gone: { retryable: false },
  taken_over: { retryable: true },
  stdin_closed: { retryable: false },
  file_missing: { retryable: false },
  file_denied: { retryable: false },
  file_exists: { retryable: false },
  file_changed: { retryable: false },
  file_failed: { retryable: false },
  edit_failed: { retryable: false },
  denied_by_policy: { retryable: false },
  limit_reached: { retryable: true },
  too_large: { retryable: false },
  unsupported: { retryable: false },
  cancelled: { retryable: true },
  internal: { retryable: false },
} as const;

export type ErrorCode = keyof typeof errorCodes;

interface ErrorParts {
  /** What the caller can do next, as one or more full sentences without the final full stop. */
  readonly hint?: string;
  readonly details?: Readonly<Record<string, string | number>>;
  readonly cause?: unknown;
}

/**
 * The one error class. `message` says what happened to what (no final full stop), `hint` what to do next.
 * Neither ever holds a secret.
 */
export class HoldfastError extends Error {
  override readonly name = "HoldfastError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: ErrorCode, message: string, parts: ErrorParts = {}) {
    super(message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = code;
    this.hint = parts.hint;
    this.details = parts.details ?? {};
  }

  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }
}

/** The line a caller reads: `<code>: <what happened to what>. <what to do next>.` */
export function renderError(error: HoldfastError): string {
  const hint = error.hint === undefined ? "" : ` ${error.hint}.`;
  return `${error.code}: ${error.message}.${hint}`;
}

/** Turns anything thrown into a HoldfastError; a foreign error becomes `internal` with its message kept. */
export function asHoldfastError(thrown: unknown): HoldfastError {
  if (thrown instanceof HoldfastError) return thrown;
  return new HoldfastError("internal", messageOf(thrown), {
    cause: thrown,
    hint: "This is a defect of Holdfast: please report it with the steps",
  });
}

/** The message of anything thrown, on one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replaceAll(/\s+/g, " ").trim().replace(/\.$/, "");
}
