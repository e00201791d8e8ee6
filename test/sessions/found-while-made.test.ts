import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { randomHex } from "../../src/base/index.ts";
import { readSessionLimits } from "../../src/config/index.ts";
import { createSessionBook, type SessionBook } from "../../src/sessions/index.ts";
import { createSsh2Engine, withExec, type SshEngine } from "../../src/ssh/index.ts";
import { createMemoryStore, type DocumentStore } from "../../src/store/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { eventually } from "../helpers/eventually.ts";
import { openBook } from "../helpers/open-book.ts";
import { sweepLeftovers } from "../helpers/leftovers.ts";
import { createLoginUser, startOpenSsh, type TestServer } from "../helpers/servers/index.ts";

const limitMs = 60_000;
const cleanup = new Cleanup();

afterEach(() => cleanup.run());

/** A server whose only sessions are those of the test: its user is one of its own. */
async function startServer(config: readonly string[] = []): Promise<TestServer> {
  const user = await createLoginUser({ shell: "bash" });
  cleanup.add(() => {
    user.remove();
    sweepLeftovers(user);
  });
  const server = await startOpenSsh({ loginUser: user, config });
  cleanup.add(() => server.stop());
  return server;
}

/** A store that calls `seen` when a document stands in it and whoever wrote it does not know that yet. */
function toldStore(seen: (document: unknown) => Promise<void>): DocumentStore {
  const store = createMemoryStore();
  return {
    ...store,
    put: async (name, document) => {
      await store.put(name, document);
      await seen(document);
    },
  };
}

/** An engine whose first command is heard only when `release` has been called. */
function heldEngine(): { readonly engine: SshEngine; readonly release: () => void } {
  const real = createSsh2Engine();
  const held: (() => void)[] = [];
  let [begun, released] = [false, false];
  const engine: SshEngine = {
    connect: async (plan, signal, _first, stream) => {
      const connection = await real.connect(plan, signal, undefined, stream);
      return withExec(connection, async (command, listener, options) => {
        if (begun) return connection.exec(command, listener, options);
        begun = true;
        const onStdout = (bytes: Uint8Array): void => {
          if (released) listener.onStdout(bytes);
          else held.push(() => listener.onStdout(bytes));
        };
        return connection.exec(command, { ...listener, onStdout }, options);
      });
    },
  };
  const release = (): void => {
    released = true;
    for (const tell of held.splice(0)) tell();
  };
  return { engine, release };
}

test("a session that is listed while it is made is one: its first command is the same for everyone", async () => {
  const server = await startServer();
  let book: SessionBook | undefined;
  const place = await openBook(
    server.sshConfigFile,
    toldStore(async () => {
      await book?.list({});
    }),
  );
  cleanup.add(() => place.remove());
  book = place.book;
  const { session, command } = await book.begin(server.alias, { command: "sleep 604" });
  cleanup.add(() => place.book.close(session.name));
  if (command === undefined) throw new Error("it did not ride along");

  expect(await book.get(server.alias)).toBe(session);
  const seen = await (await book.get(server.alias)).command(1);
  expect(seen).toBe(command);
  await command.stop("INT");
  await seen.ended(limitMs);
  expect(seen.state).toEqual({ kind: "signalled", signal: "INT" });
});

test.each(["INT", "TERM"] as const)("a first command is ended by %s though its shell starts slowly", async (signal) => {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-test-"));
  chmodSync(directory, 0o755);
  cleanup.add(() => rmSync(directory, { recursive: true, force: true }));
  // The program that gives the session shell its terminal.
  writeFileSync(join(directory, "perl"), '#!/bin/sh\nsleep 2.5\nexec /usr/bin/perl "$@"\n', { mode: 0o755 });
  const server = await startServer([`SetEnv PATH=${directory}:/usr/local/bin:/usr/bin:/bin`]);
  const place = await openBook(server.sshConfigFile);
  cleanup.add(() => place.remove());
  const { session, command } = await place.book.begin(server.alias, { command: "sleep 604; echo on" });
  cleanup.add(() => place.book.close(session.name));
  if (command === undefined) throw new Error("it did not ride along");
  await command.stop(signal);
  await command.ended(limitMs);
  expect(command.state).toEqual({ kind: "signalled", signal });
});

test("a session that is looked for on its host while it is made is one", async () => {
  const server = await startServer();
  const directory = mkdtempSync(join(tmpdir(), "holdfast-test-"));
  chmodSync(directory, 0o777);
  cleanup.add(() => rmSync(directory, { recursive: true, force: true }));
  const place = await openBook(server.sshConfigFile);
  cleanup.add(() => place.remove());
  const { engine, release } = heldEngine();
  const limits = { ...readSessionLimits(), directory };
  const book = createSessionBook({ engine, store: createMemoryStore(), limits });
  cleanup.add(() => book.shutdown());

  const opening = book.begin(server.alias, { command: "sleep 604" });
  await eventually("the session on its host", limitMs, () =>
    readdirSync(directory).some((name) => existsSync(join(directory, name, "up"))) ? true : undefined,
  );
  expect(await book.list({ target: server.alias })).toEqual([]);
  release();
  const { session, command } = await opening;
  cleanup.add(() => book.close(session.name));
  expect(await book.list({ target: server.alias })).toEqual([session]);
  expect(await (await book.get(server.alias)).command(1)).toBe(command);
});

test("a session that another server has made is found on its host at the first look, and once it is closed not again", async () => {
  const server = await startServer();
  const maker = await openBook(server.sshConfigFile);
  cleanup.add(() => maker.remove());
  const name = `left${randomHex(4)}`;
  await maker.book.open({ target: server.alias, name });
  const finder = await openBook(server.sshConfigFile);
  cleanup.add(() => finder.remove());
  const found = await finder.book.list({ target: server.alias });
  expect(found.map((session) => session.name)).toEqual([name]);
  const listing = finder.book.list({ target: server.alias });
  await finder.book.close(name);
  await listing;
  expect(await finder.book.list({ target: server.alias })).toEqual([]);
});
