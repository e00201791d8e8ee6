import { expect, it } from "vitest";
import { collect } from "../../src/ssh/channel-outcome.conformance.ts";
import { createSsh2Engine, type FirstExec } from "../../src/ssh/index.ts";
import { startSsh2Server } from "./ssh2-server.ts";

const announced: FirstExec = { command: "true", input: "x\n", sent: () => undefined, dropped: () => undefined };

/** Takes the next number for a channel away. */
function takeNumber(client: object): void {
  const book: unknown = Reflect.get(client, "_chanMgr");
  const add: unknown = Reflect.get(Object(book), "add");
  if (typeof add !== "function") throw new Error("ssh2 keeps its channels in another way");
  Reflect.apply(add, book, [true]);
}

/** A server that says it is OpenSSH, takes every key, and gives its first channel the number 1. */
async function startPretender() {
  const runs: string[] = [];
  const server = await startSsh2Server({
    ident: "OpenSSH_9.9",
    ready: takeNumber,
    session: (session) => {
      session.on("exec", (accept, _reject, { command }) => {
        runs.push(command);
        const stream = accept();
        stream.exit(0);
        stream.end();
      });
    },
  });
  return { ...server, runs };
}

it.each([announced, undefined])(
  "a wrong guess of the first channel's number is found out, and not made again",
  async (first) => {
    const { plan, runs, stop } = await startPretender();
    try {
      const engine = createSsh2Engine();
      const wrong = await engine.connect(plan, undefined, first);
      const failed = wrong.exec("true", collect().listener, { input: "x\n" });
      await expect(failed).rejects.toMatchObject({ code: "connection_lost" });
      expect(runs).toEqual([]);
      for (let round = 0; round < 2; round += 1) {
        const right = await engine.connect(plan, undefined, first);
        const { listener, outcome } = collect();
        await right.exec("true", listener, { input: "x\n" });
        expect((await outcome).end).toEqual({ kind: "exit", status: 0 });
        expect(runs.splice(0)).toEqual(["true"]);
        await right.close();
      }
    } finally {
      stop();
    }
  },
);
