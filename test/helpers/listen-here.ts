import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { Cleanup } from "./cleanup.ts";

/** Listens on a free port, which it returns, and gives each connection to `serve`; the cleanup ends all of them. */
export async function listenHere(
  cleanup: Cleanup,
  serve: (socket: Socket) => void,
  address = "127.0.0.1",
): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    serve(socket);
  });
  server.listen(0, address);
  await once(server, "listening");
  cleanup.add(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  return bound.port;
}
