import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { canMakeUsers, createLoginUser, startOpenSsh } from "../helpers/servers/index.ts";

describe.runIf(canMakeUsers)("hide_addresses in a server that has connected to nothing yet", () => {
  const cleanup = new Cleanup();
  afterAll(() => cleanup.run());

  it("hides what the records of an earlier server tell", async () => {
    const loginUser = await createLoginUser();
    cleanup.add(() => loginUser.remove());
    const server = await startOpenSsh({ loginUser });
    cleanup.add(() => server.stop());
    const place = await createPrivatePlace(server.sshConfigFile);
    cleanup.add(() => place.remove());
    mkdirSync(join(place.root, "config"), { recursive: true, mode: 0o700 });
    writeFileSync(join(place.root, "config", "config.yaml"), "hide_addresses: true\n", { mode: 0o600 });
    const first = await Holdfast.start(place);
    cleanup.add(() => first.stop());
    const command = `mkdir -p ~/of-${loginUser.name}; cd ~/of-${loginUser.name}; echo at ${server.host}; sleep 60`;
    const running = await first.run(server.alias, command, { wait_s: 0 });
    await first.kill();
    // As if ssh_config had changed meanwhile: nothing says any more where the host is.
    const lost = await Holdfast.start({ ...place, env: { ...place.env, HOLDFAST_SSH_CONFIG: "/dev/null" } });
    cleanup.add(() => lost.stop());
    const second = await Holdfast.start(place);
    cleanup.add(() => second.stop());
    cleanup.add(async () => void (await second.call("ssh_close", { all: true, force: true })));
    const heard: string[] = [];
    for (const [tool, args] of [
      ["ssh_list", {}],
      ["ssh_list", { what: "commands" }],
      ["ssh_open", { target: "elsewhere.invalid", name: server.alias }],
      ["ssh_run", { on: server.alias, command: "true" }],
      ["ssh_close", { session: server.alias }],
    ] as const) {
      heard.push((await lost.call(tool, args)).text);
    }
    const call = async (tool: string, args: Record<string, unknown>): Promise<void> => {
      heard.push((await second.call(tool, args)).text);
    };
    await call("ssh_list", {});
    await call("ssh_list", { what: "commands" });
    await call("ssh_list", { what: "targets" });
    await call("ssh_open", { target: "elsewhere.invalid", name: server.alias });
    await call("ssh_stop", { command: `${running.id ?? ""}9` });
    server.killConnections();
    await call("ssh_run", { on: server.alias, command: "true" });
    await call("ssh_read", { command: running.id ?? "", wait_s: 0 });
    expect(heard[0]).toContain(server.alias);
    const told = heard.join("\n---\n");
    expect(told).not.toContain(loginUser.name);
    expect(told).not.toContain(server.host);
  });
});
