import { afterAll, beforeAll, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { eventually } from "../helpers/eventually.ts";
import { openBook } from "../helpers/open-book.ts";
import { startOpenSsh, type TestServer } from "../helpers/servers/index.ts";
import type { SessionBook } from "../../src/sessions/index.ts";

const limitMs = 30_000;
const cleanup = new Cleanup();
let server: TestServer;
let book: SessionBook;
const before = process.env["SSH_INACTIVITY_TIMEOUT"];

beforeAll(async () => {
  server = await startOpenSsh();
  cleanup.add(() => server.stop());
  process.env["SSH_INACTIVITY_TIMEOUT"] = "1";
  const opened = await openBook(server.sshConfigFile);
  cleanup.add(() => opened.remove());
  ({ book } = opened);
});
afterAll(async () => {
  await book.close(server.alias);
  await cleanup.run();
  if (before === undefined) delete process.env["SSH_INACTIVITY_TIMEOUT"];
  else process.env["SSH_INACTIVITY_TIMEOUT"] = before;
});

async function output(command: string): Promise<string> {
  const session = await book.find(server.alias);
  const run = await session.run({ command });
  await run.ended(limitMs);
  return Buffer.from((await run.read("stdout", 0, 10_000)).bytes).toString();
}

it("a session that nobody uses lets its connection go and is there again with all it had", async () => {
  expect(await output("x=kept; cd /tmp; sleep 2; echo $x")).toBe("kept\n");
  expect(server.connections()).toHaveLength(1);
  await eventually("no connection", limitMs, () => (server.connections().length === 0 ? true : undefined));
  expect((await book.get(server.alias)).state).toBe("detached");
  expect(await output("echo $x in $PWD")).toBe("kept in /tmp\n");
});
