import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { startOpenSsh, type TestServer } from "../helpers/servers/index.ts";

describe("a machine without an ssh program", () => {
  const cleanup = new Cleanup();
  let server: TestServer;
  let holdfast: Holdfast;

  beforeAll(async () => {
    server = await startOpenSsh();
    cleanup.add(() => server.stop());
    const main = join(server.directory, "main");
    const lines = [
      `Include ${join(server.directory, "ssh_conf*")}`,
      "Host far?-*",
      `  HostName 127.0.0.1`,
      `  ProxyJump ${server.alias}`,
      `  HostKeyAlias [127.0.0.1]:${server.port}`,
      "Match host 127.0.0.1 exec false",
      "  Port 1",
      "Match host 127.0.0.1 !originalhost near",
      `  Port ${server.port}`,
      `  User ${server.user}`,
      `  IdentityFile ${server.keyFile}`,
      `  UserKnownHostsFile ${server.knownHostsFile}`,
      "",
    ];
    writeFileSync(main, lines.join("\n"), { mode: 0o600 });
    const place = await createPrivatePlace(main);
    cleanup.add(() => place.remove());
    const empty = join(place.root, "no-programs");
    holdfast = await Holdfast.start({ ...place, env: { ...place.env, PATH: empty } });
    cleanup.add(() => holdfast.stop());
    cleanup.add(async () => void (await holdfast.call("ssh_close", { all: true, force: true })));
  });
  afterAll(() => cleanup.run());

  it("reaches the aliases of ssh_config all the same, also through one another", async () => {
    for (const target of [server.alias, "far1-x"]) {
      const reply = await holdfast.run(target, "echo there");
      expect(reply.text).toMatch(/^exit 0 [^]*\nthere\n?$/);
    }
    expect((await holdfast.call("ssh_list", { what: "targets" })).text).toContain(server.alias);
  });
});
