import type { Socket } from "node:net";
import { HoldfastError, LineAssembler, renderError } from "../base/index.ts";
import { dialDaemon, parseObject, type DaemonPlace } from "../shim/index.ts";
import { toolTable, type OpenToolHost, type Reply, type ToolCall } from "../tools/index.ts";

/** No reply is longer: 1,000,000 characters of output of up to 64 targets, escaped. */
const longestReplyBytes = 536_870_912;

/** The tools of the daemon, if one runs at the place; undefined otherwise. None is started. */
export async function openDaemonHost(place: DaemonPlace): Promise<OpenToolHost | undefined> {
  const first = await dialDaemon(place, "call");
  if (first.kind !== "connected") return undefined;
  let ready: Socket | undefined = first.connection.socket;
  return {
    host: {
      list: () => toolTable,
      call: async (call) => {
        const socket = ready ?? (await redial(place));
        ready = undefined;
        return socket === undefined ? lost(call.name) : callOver(socket, call);
      },
    },
    busy: async () => false,
    close: async () => {
      ready?.destroy();
    },
  };
}

async function redial(place: DaemonPlace): Promise<Socket | undefined> {
  const dialed = await dialDaemon(place, "call");
  return dialed.kind === "connected" ? dialed.connection.socket : undefined;
}

/** One call over one connection. An abort ends our side: the daemon detaches and says where things stand. */
function callOver(socket: Socket, { name, args, client, signal }: ToolCall): Promise<Reply> {
  return new Promise((resolve) => {
    const lines = new LineAssembler(longestReplyBytes);
    const leave = (): void => {
      socket.end();
    };
    socket.on("data", (chunk: Buffer) => {
      const [line] = lines.add(chunk);
      if (line === undefined) return;
      resolve((line.kind === "text" ? readReply(line.text) : undefined) ?? lost(name));
      socket.destroy();
    });
    socket.on("close", () => {
      signal.removeEventListener("abort", leave);
      resolve(lost(name));
    });
    socket.on("end", () => socket.destroy());
    socket.write(`${JSON.stringify({ name, args, client })}\n`);
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
    socket.resume();
  });
}

function readReply(line: string): Reply | undefined {
  const { text, isError } = parseObject(line) ?? {};
  return typeof text === "string" && typeof isError === "boolean" ? { text, isError } : undefined;
}

function lost(tool: string): Reply {
  const error = new HoldfastError("connection_lost", `the daemon ended during ${tool}; the outcome is unknown`, {
    hint: "holdfast ls commands shows what there is",
  });
  return { text: renderError(error), isError: true };
}
