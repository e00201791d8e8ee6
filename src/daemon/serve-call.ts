import type { Socket } from "node:net";
import { HoldfastError, LineAssembler, renderError } from "../base/index.ts";
import { parseObject } from "../shim/index.ts";
import type { Reply, ToolHost } from "../tools/index.ts";

/** The longest call that is taken, as over MCP. */
const longestCallBytes = 33_554_432;

/** Serves one tool call: a line with name, arguments and client comes, a line with the reply goes. A caller that ends its side detaches. Resolves when the reply is out or the caller gone. */
export function serveCall(socket: Socket, host: ToolHost): Promise<void> {
  return new Promise((resolve) => {
    const lines = new LineAssembler(longestCallBytes);
    const caller = new AbortController();
    let called = false;
    socket.on("data", (chunk: Buffer) => {
      const [line] = lines.add(chunk);
      if (line === undefined || called) return;
      called = true;
      answer(line.kind === "text" ? line.text : "", host, caller.signal).then(
        (reply) => socket.end(`${JSON.stringify(reply)}\n`, () => resolve()),
        () => resolve(),
      );
    });
    socket.on("end", () => {
      caller.abort("the caller has gone");
      if (!called) resolve();
    });
    socket.on("close", () => {
      caller.abort("the caller has gone");
      resolve();
    });
    socket.resume();
  });
}

async function answer(line: string, host: ToolHost, signal: AbortSignal): Promise<Reply> {
  const call = parseObject(line);
  const { name, args, client } = call ?? {};
  if (typeof name !== "string" || typeof client !== "string") {
    const error = new HoldfastError("bad_input", "the call is too long, or none", { hint: "Pass less at once" });
    return { text: renderError(error), isError: true };
  }
  return host.call({ name, args, client, signal });
}
