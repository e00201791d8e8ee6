import { afterEach, describe, expect, test } from "vitest";
import { installMemoryProbe } from "../bench/memory-probe.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";
import { playsInFull } from "./plays-in-full.ts";

/** The server remembers 10,000 commands; then each new one takes the place of an old one. */
const untilFull = 10_500;

/** If each of these left as little as half a kilobyte, it would show. */
const beyond = 4_000;
const mostGrowthBytes = 1024 * 1024;

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

describe.runIf(playsInFull)("the built server", () => {
  test("takes no more memory after thousands of calls", { timeout: 1_800_000 }, async () => {
    const sshd = await startOpenSsh();
    cleanup.add(() => sshd.stop());
    const place = await createPrivatePlace(sshd.sshConfigFile);
    cleanup.add(() => place.remove());
    const probe = installMemoryProbe(place.root);
    const server = await Holdfast.start({ ...place, env: { ...place.env, ...probe.env } });
    cleanup.add(() => server.stop());
    cleanup.add(() => server.closeSession("grow"));
    await server.call("ssh_open", { target: sshd.alias, name: "grow" });
    const looks = [untilFull, untilFull + beyond];
    const used: number[] = [];
    for (let number = 1; number <= untilFull + beyond; number += 1) {
      const reply = await server.run("grow", `echo ${String(number)}`);
      expect(reply.stdout).toBe(`${String(number)}\n`);
      if (looks.includes(number)) used.push((await probe.look(server.pid ?? 0)).usedBytes);
    }
    const [before = 0, after = 0] = used;
    process.stdout.write(
      `${String(before)} bytes after ${String(untilFull)} calls, ${String(after)} after ${String(untilFull + beyond)}\n`,
    );
    expect(after - before).toBeLessThan(mostGrowthBytes);
  });
});
