import type { Duplex } from "node:stream";
import { HoldfastError, monotonicMs } from "../base/index.ts";
import { describeTarget } from "./describe-target.ts";
import type { ConnectPlan, PersonQuestions, SshConnection, SshEngine } from "./engine.ts";
import { HostKeyCheck, readKnownHosts } from "./host-key-check.ts";
import { ControlConnection } from "./mux/control-connection.ts";
import { gatherLoginKeys } from "./mux/login-keys.ts";
import { MasterLogin, type LoggedInMaster } from "./mux/master-login.ts";
import { makePrivateDirectory, type PrivateDirectory } from "./mux/private-directory.ts";
import { proxiedClient } from "./mux/proxied-client.ts";
import { RemoteListener } from "./mux/remote-listener.ts";
import { ReadBuffer } from "./read-buffer.ts";
import { usualChannelLimit } from "./session-channels.ts";
import { Ssh2Connection } from "./ssh2-connection.ts";
import { loadSsh2, type Ssh2Library } from "./ssh2-library.ts";
import { openWay } from "./way-there.ts";

/** A master that was asked to end says goodbye to the server first. */
const goodbyeMs = 500;

interface EngineOptions {
  readonly channelLimit?: number | undefined;
  readonly people?: PersonQuestions | undefined;
}

interface ConnectRequest {
  readonly channelLimit: number;
  readonly people: PersonQuestions | undefined;
  readonly signal: AbortSignal | undefined;
  readonly stream: (() => Promise<Duplex>) | undefined;
}

async function connect(plan: ConnectPlan, request: ConnectRequest): Promise<SshConnection> {
  const { signal, people, stream } = request;
  if (process.platform === "win32") {
    throw new HoldfastError("unsupported", "ssh cannot share its connections on Windows", {
      hint: "Set `engine: ssh2` for the target",
    });
  }
  if (signal?.aborted === true) {
    throw new HoldfastError("cancelled", `connecting to ${describeTarget(plan)} was cancelled`);
  }
  const deadline = monotonicMs() + plan.connectTimeoutMs;
  const library = await loadSsh2();
  // Everything local first: a key that cannot be read must not cost the server a half-made connection.
  const [entries, keys] = await Promise.all([
    readKnownHosts(plan),
    gatherLoginKeys(library, plan, people !== undefined),
  ]);
  const hostKey = new HostKeyCheck(plan, entries);
  const way = await openWay(plan, { limitMs: deadline - monotonicMs(), signal, reads: new ReadBuffer(), stream });
  const directory = makePrivateDirectory();
  try {
    const limitMs = deadline - monotonicMs();
    const login = new MasterLogin({
      keys,
      plan,
      directory,
      transport: way.socket,
      hostKey,
      people,
      signal,
      limitMs,
    });
    const { channelLimit } = request;
    return await join(plan, { library, directory, hostKey, master: await login.run(), channelLimit });
  } catch (error) {
    throw await way.explain(error);
  } finally {
    // Whoever has a connection to the control socket needs no path to it; whoever has none shall not get one.
    directory.remove();
  }
}

interface Joining {
  readonly library: Ssh2Library;
  readonly hostKey: HostKeyCheck;
  readonly directory: PrivateDirectory;
  readonly master: LoggedInMaster;
  readonly channelLimit: number;
}

/** Makes a connection of a master that is logged in. */
async function join(plan: ConnectPlan, joining: Joining): Promise<SshConnection> {
  const { library, directory, hostKey, master, channelLimit } = joining;
  const { control, process: ssh } = master;
  try {
    const socket = await (await ControlConnection.open(directory.file("control"))).toProxy();
    const client = proxiedClient(library, socket);
    const target = describeTarget(plan);
    return new Ssh2Connection({
      client,
      socket,
      target,
      channelLimit,
      serverIdentification: master.identification,
      hostKey: hostKey.acceptedKey,
      keepaliveMs: plan.keepaliveMs,
      spareChannel: plan.spareChannel,
      // A master knows no channel whose opening it has not seen answered.
      predict: false,
      ahead: undefined,
      // A master joins such connections to a display itself, and knows nothing of our cookies.
      carriesX11: false,
      mispredicted: () => undefined,
      listener: (lost) => new RemoteListener({ control, target, lost }),
      ended: async () => {
        await control.terminate();
        await ssh.endsWithin(goodbyeMs);
        control.close();
        await ssh.end();
      },
    });
  } catch (error) {
    control.close();
    await ssh.end();
    throw error;
  }
}

/**
 * The engine that has the system's `ssh` connect and log in, and speaks to the server through it: for what the other one lacks. Host keys are
 * judged here, as with the other; ssh accepts that one key only.
 */
export function createOpenSshEngine({ channelLimit = usualChannelLimit, people }: EngineOptions = {}): SshEngine {
  return { connect: (plan, signal, _first, stream) => connect(plan, { channelLimit, people, signal, stream }) };
}
