import { execFile, spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { environmentOf } from "../helpers/daemon.ts";
import { builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";

/** Whether this machine lets us have a network of our own, with nothing in it. */
const canUnshare = spawnSync("unshare", ["--net", "true"]).status === 0;

// Rows of the table in docs/connecting.md that need a network which leads nowhere.
describe.runIf(canUnshare)("without a network", () => {
  let place: PrivatePlace;
  beforeAll(async () => {
    place = await createPrivatePlace("/dev/null");
  });
  afterAll(() => place.remove());

  const open = (target: string, retries: number): Promise<string> =>
    new Promise((resolve) => {
      const call = ["call", "ssh_open", JSON.stringify({ target, retries })];
      const env = { ...environmentOf(place), HOLDFAST_NO_DAEMON: "1", SSH_RETRY_DELAY_MS: "100" };
      const options = { env, timeout: 100_000 };
      execFile("unshare", ["--net", process.execPath, builtServer, ...call], options, (_error, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });

  it("no route to a host", async () => {
    expect(await open("me@192.0.2.1", 1)).toMatch(
      /dial_failed: 192\.0\.2\.1 cannot be reached: there is no route\. Check the network or the VPN/,
    );
  });

  it("a name server that does not answer", async () => {
    expect(await open("me@host.example", 0)).toMatch(
      /dial_failed: host\.example could not be looked up: the name server does not answer\. Check the network/,
    );
  });
});
