import { existsSync } from "node:fs";
import process from "node:process";
import { delay, monotonicMs, randomHex } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";
import { processesMarked, sessionDirectories } from "./left-behind.ts";
import { scenes } from "./scenes.ts";
import { Stage } from "./stage.ts";

/** How long processes of the closed session may take to be gone. */
const goneWithinMs = 10_000;

const cleanup = new Cleanup();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void cleanup.run().finally(() => process.exit(1));
  });
}

/** Plays everything; true when every check held. */
async function play(): Promise<boolean> {
  const mark = `HOLDFAST_DEMO=${randomHex(8)}`;
  // The chattier level of the tests would show up in what commands write to stderr.
  const host = await startOpenSsh({ config: [`SetEnv ${mark}`, "LogLevel INFO"] });
  cleanup.add(() => host.stop());
  const place = await createPrivatePlace(host.sshConfigFile);
  cleanup.add(() => place.remove());
  process.stdout.write(
    `An OpenSSH server of our own runs on 127.0.0.1:${host.port}; the agent knows it as "${host.alias}".\n`,
  );
  const stage = await Stage.raise(host, place);
  cleanup.add(() => stage.leave());
  for (const scene of scenes) await scene(stage);
  await closesCleanly(stage, mark);
  return stage.summary();
}

async function closesCleanly(stage: Stage, mark: string): Promise<void> {
  stage.scene("Closing", "Nothing of a closed session stays on the host.");
  const directories = sessionDirectories(processesMarked(mark));
  stage.check("the session has its processes and its directory on the host", directories.length === 1);
  await stage.call("ssh_close", { session: stage.host.alias });
  await stage.leave();
  const left = (): readonly string[] => [...processesMarked(mark), ...directories.filter((path) => existsSync(path))];
  const deadlineMs = monotonicMs() + goneWithinMs;
  while (left().length > 0 && monotonicMs() < deadlineMs) await delay(50);
  for (const thing of left()) stage.event(`left: ${thing}`);
  stage.check("no process and no file is left", left().length === 0);
}

try {
  process.exitCode = (await play()) ? 0 : 1;
} catch (error) {
  process.stderr.write(
    `The demo could not go on: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
} finally {
  await cleanup.run();
}
