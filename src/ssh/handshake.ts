import type { Socket } from "node:net";
import type { AnyAuthMethod, Client } from "ssh2";
import { HoldfastError, after } from "../base/index.ts";
import { offeredAlgorithms } from "./algorithms.ts";
import type { AuthOrder } from "./auth-order.ts";
import { connectFailure, type ConnectPhase, type FailureFacts } from "./connect-failure.ts";
import type { ConnectPlan, FirstExec } from "./engine.ts";
import { ExecAhead } from "./exec-ahead.ts";
import type { HostKeyJudge } from "./host-key.ts";
import { logInEarly } from "./early-login.ts";
import { traitsOf } from "./server-traits.ts";
import { roundTrip, watchRefusals } from "./ssh2-internals.ts";
import { describeTarget } from "./describe-target.ts";

export interface HandshakeParts {
  readonly plan: ConnectPlan;
  readonly client: Client;
  readonly socket: Socket;
  readonly hostKey: HostKeyJudge;
  readonly auth: AuthOrder;
  readonly leftOut: readonly string[];
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  /** What may go out right behind the login, where the server is one whose first channel can be predicted. */
  readonly first: FirstExec | undefined;
}

/** Bytes of the first line that are kept; an identification has at most 255. */
const greetingBytes = 512;

/** A key that could not sign: the next attempt follows. */
function isPassing(error: Error): boolean {
  return "level" in error && (error.level === "agent" || error.level === "client-authentication");
}

/** One SSH handshake on a connected socket: from the greeting to the accepted login. */
export class Handshake {
  readonly #parts: HandshakeParts;
  #phase: ConnectPhase = "greeting";
  #greeting = Buffer.alloc(0);
  #settled = false;
  #failLogin: (() => void) | undefined;
  #ahead: ExecAhead | undefined;

  constructor(parts: HandshakeParts) {
    this.#parts = parts;
  }

  /** The server's identification line; text before it is skipped (RFC 4253 §4.2). */
  get identification(): string {
    const lines = this.#greeting.toString("latin1").split(/\r?\n/);
    return lines.find((line) => line.startsWith("SSH-")) ?? lines[0] ?? "";
  }

  /** The first command, where it has gone out already. */
  get ahead(): ExecAhead | undefined {
    return this.#ahead;
  }

  /** Resolves when the user is logged in; rejects with the reason and ends the connection otherwise. */
  run(): Promise<void> {
    const { client, socket, plan, signal } = this.#parts;
    return new Promise((resolve, reject) => {
      const settle = (): boolean => {
        if (this.#settled) return false;
        this.#settled = true;
        cancelTimer();
        signal?.removeEventListener("abort", abort);
        socket.off("data", this.#collect);
        return true;
      };
      const fail = (error: unknown): void => {
        if (!settle()) return;
        reject(this.#parts.hostKey.refusal ?? connectFailure(this.#facts(), error));
        socket.destroy();
      };
      const abort = (): void =>
        fail(new HoldfastError("cancelled", `connecting to ${describeTarget(plan)} was cancelled`));
      const cancelTimer = after(this.#parts.limitMs, () => fail(this.#timeout()));
      this.#failLogin = () => fail(undefined);
      // Never taken off: one failure may show as several errors, and one without a listener would end the process.
      client.on("error", (error) => {
        if (!isPassing(error)) fail(error);
      });
      client.once("close", () => fail(undefined));
      client.once("ready", () => {
        if (settle()) resolve();
      });
      client.once("handshake", () => {
        this.#phase = "login";
      });
      if (signal?.aborted === true) abort();
      else {
        signal?.addEventListener("abort", abort, { once: true });
        this.#start();
      }
    });
  }

  #start(): void {
    const { client, socket, plan, hostKey } = this.#parts;
    client.connect({
      sock: socket,
      username: plan.user,
      // Own time limits and an own watch over the connection: ssh2's count a person's thinking, and end sessions on servers that do not know its request.
      readyTimeout: 0,
      keepaliveInterval: 0,
      algorithms: offeredAlgorithms(hostKey.algorithms),
      hostVerifier: (key: Buffer) => hostKey.accepts(key),
      authHandler: (_methods, _partial, next) => {
        this.#nextAttempt(next);
      },
    });
    logInEarly({
      client,
      user: plan.user,
      firstKey: this.#parts.auth.firstKey,
      identification: () => this.identification,
      sent: () => {
        this.#sendFirst();
      },
    });
    watchRefusals(client, (methods, partial) => {
      // A server that has not let us in answers each packet behind the login with "unimplemented".
      this.#ahead?.drop();
      this.#ahead = undefined;
      this.#parts.auth.refused(methods, partial);
    });
    socket.on("data", this.#collect);
  }

  #sendFirst(): void {
    const { client, socket, first } = this.#parts;
    const { bytesAhead, answersPings } = traitsOf(this.identification);
    if (first === undefined || Buffer.byteLength(first.input) > bytesAhead || !answersPings) return;
    const ask = async (): Promise<void> => {
      if (!socket.destroyed) await roundTrip(client);
    };
    this.#ahead = new ExecAhead({ client, command: first.command, input: first.input, roundTrip: ask });
    first.sent();
  }

  readonly #collect = (bytes: Buffer): void => {
    if (this.#greeting.length < greetingBytes) {
      this.#greeting = Buffer.concat([this.#greeting, bytes.subarray(0, greetingBytes)]);
    }
    if (this.#phase === "greeting" && this.identification.startsWith("SSH-")) this.#phase = "key exchange";
  };

  #nextAttempt(next: (method: AnyAuthMethod) => void): void {
    const method = this.#parts.auth.next();
    if (method === undefined) this.#failLogin?.();
    else next(method);
  }

  #facts(): FailureFacts {
    const { plan, auth, leftOut } = this.#parts;
    return { plan, auth, leftOut, phase: this.#phase, greeting: this.identification };
  }

  #timeout(): HoldfastError {
    const seconds = Math.round(this.#parts.plan.connectTimeoutMs / 100) / 10;
    return new HoldfastError(
      "timed_out",
      `${describeTarget(this.#parts.plan)} did not finish the ${this.#phase} within ${seconds} s`,
      {
        hint:
          this.#phase === "greeting"
            ? "Check that an SSH server listens on that port, or allow more time"
            : "Allow more time, or look into the server's log",
      },
    );
  }
}
