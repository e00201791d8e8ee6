import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { HoldfastError, messageOf, ownCopy } from "../base/index.ts";
import { offeredAlgorithms } from "./algorithms.ts";
import type { AuthOrder } from "./auth-order.ts";
import { authFailure, connectFailure, type ConnectPhase, type FailureFacts } from "./connect-failure.ts";
import type { ConnectPlan, FirstExec, PersonQuestions } from "./engine.ts";
import { ExecAhead } from "./exec-ahead.ts";
import { HostCertificates } from "./host-certificates.ts";
import type { HostKeyJudge } from "./host-key.ts";
import { logInEarly } from "./early-login.ts";
import { LoginAttempts } from "./login-attempts.ts";
import { LoginLimit } from "./login-limit.ts";
import { LoginQuestions } from "./login-questions.ts";
import { traitsOf } from "./server-traits.ts";
import { SignedLogins } from "./sign-logins.ts";
import { roundTrip, watchRefusals } from "./ssh2-internals.ts";
import type { Ssh2Library } from "./ssh2-library.ts";
import { describeTarget } from "./describe-target.ts";

export interface HandshakeParts {
  readonly library: Ssh2Library;
  readonly plan: ConnectPlan;
  readonly client: Client;
  readonly socket: Duplex;
  readonly hostKey: HostKeyJudge;
  readonly auth: AuthOrder;
  readonly leftOut: readonly string[];
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  /** Who answers what the server asks. */
  readonly people: PersonQuestions | undefined;
  /** What may go out right behind the login, where the server is one whose first channel can be predicted. */
  readonly first: FirstExec | undefined;
}

/** Bytes of the first line that are looked at; an identification has at most 255. */
const greetingBytes = 512;

/** Bytes that are kept of the beginning: the server's list of algorithms has one or two thousand. */
const keptBytes = 8192;

/** A key that could not sign: the next attempt follows. */
function isPassing(error: Error): boolean {
  return "level" in error && error.level === "client-authentication";
}

/** One SSH handshake on a connected socket: from the greeting to the accepted login. */
export class Handshake {
  readonly #parts: Omit<HandshakeParts, "first">;
  /** Until the handshake is over: it is long, and the connection keeps this for ever. */
  #first: FirstExec | undefined;
  #phase: ConnectPhase = "greeting";
  /** What came first; when the handshake is over, only as much of it as tells who the server is. */
  #received: Buffer = Buffer.alloc(0);
  #settled = false;
  #fail: (error: unknown) => void = () => undefined;
  #limit: LoginLimit | undefined;
  readonly #questions: LoginQuestions;
  /** Aborts when the handshake is over: nobody needs to answer any more. */
  readonly #over = new AbortController();
  #ahead: ExecAhead | undefined;

  constructor({ first, ...parts }: HandshakeParts) {
    this.#parts = parts;
    this.#first = first;
    const { plan, people, auth } = parts;
    this.#questions = new LoginQuestions({
      plan,
      people,
      takePassword: () => auth.takePassword(),
      personAnswered: () => auth.personAnswered(),
    });
  }

  /** The server's identification line; text before it is skipped (RFC 4253 §4.2). */
  get identification(): string {
    const lines = this.#received.toString("latin1", 0, greetingBytes).split(/\r?\n/);
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
        limit.stop();
        this.#over.abort();
        signal?.removeEventListener("abort", abort);
        socket.off("data", this.#collect);
        return true;
      };
      const fail = (error: unknown): void => {
        if (!settle()) return;
        const failure = this.#parts.hostKey.refusal ?? connectFailure(this.#facts(), error);
        this.#questions.over(failure);
        reject(failure);
        socket.destroy();
      };
      const abort = (): void =>
        fail(new HoldfastError("cancelled", `connecting to ${describeTarget(plan)} was cancelled`));
      const limit = new LoginLimit(this.#parts.limitMs, plan.connectTimeoutMs, () => fail(this.#timeout()));
      this.#limit = limit;
      this.#fail = fail;
      // Never taken off: one failure may show as several errors, and one without a listener would end the process.
      client.on("error", (error) => {
        if (!isPassing(error)) fail(error);
      });
      client.once("close", () => fail(undefined));
      client.once("ready", () => {
        if (!settle()) return;
        this.#questions.over();
        this.#first = undefined;
        this.#received = ownCopy(this.#received.subarray(0, greetingBytes));
        resolve();
      });
      client.once("change password", () => fail(this.#expiredPassword()));
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
    const { client, socket, plan, hostKey, auth, library } = this.#parts;
    const offer = offeredAlgorithms(plan, hostKey.algorithms);
    client.connect({
      sock: socket,
      username: plan.user,
      // Own time limits and an own watch over the connection: ssh2's count a person's thinking, and end sessions on servers that do not know its request.
      readyTimeout: 0,
      keepaliveInterval: 0,
      // OpenSSH's extensions for Unix sockets are spoken by others, too; who does not know them says so.
      strictVendor: false,
      algorithms: offer.algorithms,
      hostVerifier: (key: Buffer) => hostKey.accepts(certificates?.shown ?? key),
      authHandler: (_methods, _partial, next) => {
        attempts.next(next);
      },
    });
    const certificates = offer.certificates.length === 0 ? undefined : new HostCertificates(client, offer.certificates);
    const logins = new SignedLogins(library, client, {
      wait: () => this.#hold(),
      failed: (reason) => auth.couldNotTry(messageOf(reason)),
      passphrase: (path, again) => attempts.passphrase(path, again),
    });
    const attempts = new LoginAttempts({
      plan,
      auth,
      questions: this.#questions,
      standIn: (identity) => logins.standIn(identity),
      hold: () => this.#hold(),
      fail: (error) => this.#fail(error),
      exhausted: () => this.#fail(authFailure(this.#facts())),
      over: this.#over.signal,
    });
    const { firstKey } = auth;
    logInEarly({
      client,
      user: plan.user,
      firstKey: firstKey === undefined ? undefined : logins.standIn(firstKey.identity),
      identification: () => this.identification,
      sent: () => {
        this.#sendFirst();
      },
    });
    watchRefusals(client, (methods, partial) => {
      // A server that has not let us in answers each packet behind the login with "unimplemented".
      if (this.#ahead !== undefined) this.#dropFirst(this.#ahead);
      auth.refused(methods, partial);
    });
    socket.on("data", this.#collect);
  }

  #dropFirst(ahead: ExecAhead): void {
    this.#ahead = undefined;
    ahead.drop();
    this.#first?.dropped();
  }

  #sendFirst(): void {
    const { client, socket } = this.#parts;
    const first = this.#first;
    const { bytesAhead, answersPings } = traitsOf(this.identification);
    if (first === undefined || Buffer.byteLength(first.input) > bytesAhead || !answersPings) return;
    const ask = async (): Promise<void> => {
      if (!socket.destroyed) await roundTrip(client);
    };
    this.#ahead = new ExecAhead({ client, command: first.command, input: first.input, roundTrip: ask });
    first.sent();
  }

  readonly #collect = (bytes: Buffer): void => {
    if (this.#received.length < keptBytes) {
      this.#received = Buffer.concat([this.#received, bytes.subarray(0, keptBytes)]);
    }
    if (this.#phase === "greeting" && this.identification.startsWith("SSH-")) this.#phase = "key exchange";
  };

  #hold(): () => void {
    return this.#limit?.hold() ?? (() => undefined);
  }

  #facts(): FailureFacts {
    const { plan, auth, leftOut } = this.#parts;
    const { asked } = this.#questions;
    return { plan, auth, leftOut, asked, phase: this.#phase, greeting: this.identification, received: this.#received };
  }

  #expiredPassword(): HoldfastError {
    const { user } = this.#parts.plan;
    return new HoldfastError(
      "auth_failed",
      `${describeTarget(this.#parts.plan)} wants the password of ${user} to be changed first`,
      { hint: "Log in with ssh in a terminal and change it, then call again with the new one" },
    );
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
