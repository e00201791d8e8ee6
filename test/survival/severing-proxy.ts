import { connect, createServer, type Socket } from "node:net";

/** A TCP forwarder whose connections can be made to go silent for good, as when a NAT forgets them: nothing passes, nothing closes. */
export interface SeveringProxy {
  readonly port: number;
  /** Silences the connections that exist; new ones work. */
  readonly sever: () => void;
  stop(): Promise<void>;
}

/** Starts one on 127.0.0.1 towards `targetPort`. */
export async function startSeveringProxy(targetPort: number): Promise<SeveringProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
    pairs.add([near, far]);
    near.pipe(far);
    far.pipe(near);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    sever: () => {
      for (const [near, far] of pairs) {
        near.unpipe(far).pause();
        far.unpipe(near).pause();
      }
    },
    stop: () =>
      new Promise((resolve) => {
        for (const socket of [...pairs].flat()) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}
