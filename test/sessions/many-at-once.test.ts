import { afterEach, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook } from "../helpers/open-book.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";

let cleanup = new Cleanup();
afterEach(async () => {
  await cleanup.run();
  cleanup = new Cleanup();
});

/** More than one connection carries. */
const sessions = 10;

it.each(["host", "connection"] as const)(
  "%s shells that are opened at the same time do not wait for each other's channels",
  async (carrier) => {
    const server = await startOpenSsh({ config: ["MaxStartups 100"] });
    cleanup.add(() => server.stop());
    const place = await openBook(server.sshConfigFile);
    cleanup.add(() => place.remove());
    const names = Array.from({ length: sessions }, (_, index) => `at-once-${index}`);
    cleanup.add(async () => {
      await Promise.all(names.map((name) => place.book.close(name, true).catch(() => undefined)));
    });
    const opened = await Promise.all(names.map((name) => place.book.open({ target: server.alias, name, carrier })));
    expect(opened.map(({ state }) => state)).toEqual(names.map(() => "attached"));
    expect(server.connections().length).toBeGreaterThan(1);
  },
);
