import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { dialDaemon } from "./dial-daemon.ts";

it("looks again for a daemon that dies just when it is connected to", async () => {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-test-"));
  const socketPath = join(directory, "s");
  const listen = `require("node:net").createServer().listen(${JSON.stringify(socketPath)}, () => console.log("up"))`;
  const child = spawn(process.execPath, ["-e", listen], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(child.stdout, "data");
    child.kill("SIGSTOP");
    const dialing = dialDaemon(
      { directory, stateDirectory: directory, socketPath, logFile: join(directory, "log"), settings: "x" },
      "mcp",
    );
    // All of it in one turn of the loop: who connects hears of the death only, never of the connection.
    child.kill("SIGKILL");
    spawnSync("sleep", ["0.2"]);
    expect(await dialing).toEqual({ kind: "ending" });
  } finally {
    child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  }
});
