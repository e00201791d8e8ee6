import { afterEach, expect, test } from "vitest";
import { delay, randomHex } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import type { Reply } from "../helpers/reply.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";
import { findFakeTime, makeJumpingClock, type JumpingClock } from "./jumping-clock.ts";

const library = findFakeTime();

const cleanup = new Cleanup();

afterEach(() => cleanup.run());

/** The session would expire after this, if the jumps counted. */
const idleS = 60;

interface Stage {
  readonly clock: JumpingClock;
  readonly session: string;
  readonly start: () => Promise<Holdfast>;
}

/** Server and host see one clock, as if both had slept or been set. */
async function stage(): Promise<Stage> {
  const clock = makeJumpingClock(library ?? "");
  // What it leaves goes last, when no process sees it any more.
  cleanup.add(() => {
    clock.remove();
  });
  const variables = Object.entries(clock.env).map(([name, value]) => `${name}=${value}`);
  const server = await startOpenSsh({ alias: `box${randomHex(4)}`, config: [`SetEnv ${variables.join(" ")}`] });
  cleanup.add(() => server.stop());
  const place = await createPrivatePlace(server.sshConfigFile);
  cleanup.add(() => place.remove());
  const env = { ...place.env, ...clock.env, HOLDFAST_SESSION_IDLE_S: String(idleS) };
  const start = async (): Promise<Holdfast> => {
    const holdfast = await Holdfast.start({ ...place, env });
    cleanup.add(() => holdfast.stop());
    return holdfast;
  };
  cleanup.add(async () => {
    clock.jump(0);
    const closer = await Holdfast.start({ ...place, env });
    await closer.closeSession(server.alias);
    await closer.stop();
  });
  return { clock, session: server.alias, start };
}

/** The duration that a reply shows, in seconds. */
function secondsOf(reply: Reply): number {
  return Number(/^([\d.]+) s$/.exec(reply.duration ?? "")?.[1] ?? Number.NaN);
}

const ticking = 'i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo "$i $(date +%s)"; sleep 0.1; done; echo E >&2; (exit 7)';

test.skipIf(library === undefined)(
  "clocks that jump hours forward and back lose nothing, end nothing and make no time negative",
  { timeout: 120_000 },
  async () => {
    const { clock, session, start } = await stage();
    const first = await start();
    const begun = await first.run(session, ticking, { wait_s: 0.5, timeout_s: 60 });
    expect(begun.state).toBe("running");
    const ending = first.call("ssh_read", { command: begun.id ?? "", from: 0, wait_s: 60 });
    for (const hours of [5, -3, 24]) {
      clock.jump(hours);
      await delay(800);
    }
    const ended = await ending;
    expect(ended).toMatchObject({ state: "exit 7", stderr: "E\n" });
    const lines = ended.stdout.trim().split("\n");
    expect(lines.map((line) => Number(line.split(" ")[0]))).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
    const times = lines.map((line) => Number(line.split(" ")[1]));
    expect(Math.max(...times) - Math.min(...times), "the host's clock jumped").toBeGreaterThan(7 * 3600);
    expect(secondsOf(ended)).toBeGreaterThan(3);
    expect(secondsOf(ended)).toBeLessThan(60);
  },
);

test.skipIf(library === undefined)(
  "a session that nobody is attached to does not expire because the clock jumps; a server in the past reads it",
  { timeout: 120_000 },
  async () => {
    const { clock, session, start } = await stage();
    const first = await start();
    const begun = await first.run(session, ticking, { wait_s: 0.3 });
    await first.kill();
    clock.jump(24);
    await delay(2_000);
    clock.jump(-24);

    const second = await start();
    const ended = await second.call("ssh_read", { command: begun.id ?? "", from: 0, wait_s: 60 });
    expect(ended).toMatchObject({ state: "exit 7", stderr: "E\n" });
    expect(ended.stdout.trim().split("\n")).toHaveLength(40);
    expect(secondsOf(ended)).toBeGreaterThanOrEqual(0);
    expect(await second.run(session, "echo next")).toMatchObject({ state: "exit 0", stdout: "next\n" });
  },
);
