import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { HoldfastError, after, messageOf } from "../base/index.ts";
import type { ConnectPlan } from "./engine.ts";
import { describeTarget } from "./describe-target.ts";
import type { ReadBuffer } from "./read-buffer.ts";

function codeOf(error: Error): string {
  if (error instanceof AggregateError) {
    const first: unknown = error.errors[0];
    return first instanceof Error ? codeOf(first) : "";
  }
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

/** What the codes of the socket layer mean, and what to do about them. */
const dialFailures: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ECONNREFUSED: ["refused the connection", "Nothing listens there: check the port, and whether sshd runs"],
  ENOTFOUND: ["is not a known host name", "Check the spelling, or the HostName of the alias in ssh_config"],
  EAI_AGAIN: ["could not be looked up: the name server does not answer", "Check the network and try again"],
  EHOSTUNREACH: ["cannot be reached", "Check the address, the network or the VPN"],
  EADDRNOTAVAIL: ["cannot be reached from the address to be used here", "Check BindAddress"],
  ENETUNREACH: ["cannot be reached: there is no route", "Check the network or the VPN"],
  ETIMEDOUT: ["did not answer", "Check the address, a firewall or the VPN"],
  ECONNRESET: [
    "reset the connection at once",
    "A firewall may refuse this address, or the server is overloaded: try again later",
  ],
  EACCES: ["must not be connected to from here", "A local firewall or sandbox refuses it"],
};

/** Those that may pass soon: a server that starts, a network that is just coming back. */
const transientCodes: readonly string[] = [
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
];

function dialError(plan: ConnectPlan, error: Error): HoldfastError {
  const code = codeOf(error);
  const known = dialFailures[code];
  const details = transientCodes.includes(code) ? { transient: 1 } : {};
  const [what, hint] = known ?? [`could not be connected to: ${messageOf(error)}`, "Check address and port"];
  return new HoldfastError("dial_failed", `${describeTarget(plan)} ${what}`, { hint, details, cause: error });
}

interface DialOptions {
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly reads: ReadBuffer;
}

/** Opens the TCP connection of a plan, without Nagle's delay; it is paused. Rejects with `dial_failed`, `timed_out` or `cancelled`. */
export function dial(plan: ConnectPlan, { limitMs, signal, reads }: DialOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { host, port, addressFamily, bindAddress } = plan;
    const socket: Socket = connect({
      host,
      port,
      noDelay: true,
      ...(addressFamily === undefined ? { autoSelectFamily: true } : { family: addressFamily }),
      ...(bindAddress === undefined ? {} : { localAddress: bindAddress }),
      onread: reads.onread(() => socket),
    });
    const settle = (): void => {
      cancelTimer();
      signal?.removeEventListener("abort", abort);
      socket.off("connect", connected);
      socket.off("error", failed);
    };
    const fail = (error: HoldfastError): void => {
      settle();
      socket.on("error", () => undefined);
      socket.destroy();
      reject(error);
    };
    const connected = (): void => {
      settle();
      socket.pause();
      resolve(socket);
    };
    const failed = (error: Error): void => fail(dialError(plan, error));
    const abort = (): void =>
      fail(new HoldfastError("cancelled", `connecting to ${describeTarget(plan)} was cancelled`));
    const cancelTimer = after(limitMs, () => {
      fail(
        new HoldfastError(
          "timed_out",
          `${describeTarget(plan)} did not answer within ${Math.round(limitMs / 100) / 10} s`,
          {
            hint: "Check the address, a firewall or the VPN, or allow more time",
          },
        ),
      );
    });
    socket.once("connect", connected);
    socket.once("error", failed);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}

/** Makes all writes of one turn of the event loop leave in one segment: ssh2 writes a packet in three pieces. */
export function corkWrites(socket: Duplex): void {
  const write = socket.write.bind(socket);
  let corked = false;
  const uncork = (): void => {
    corked = false;
    socket.uncork();
  };
  const corkedWrite = (bytes: Uint8Array): boolean => {
    if (!corked) {
      corked = true;
      socket.cork();
      process.nextTick(uncork);
    }
    return write(bytes);
  };
  Object.defineProperty(socket, "write", { value: corkedWrite, writable: true, configurable: true });
}
