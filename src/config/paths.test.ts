import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { configDirectory, ensurePrivateDirectory, ownKnownHostsFile, stateDirectory } from "./paths.ts";

const directory = mkdtempSync(join(tmpdir(), "hf-paths-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("directories", () => {
  it("follow our variable, then XDG's, then the home", () => {
    expect(stateDirectory({ HOLDFAST_STATE_DIR: "/a", XDG_STATE_HOME: "/b" })).toBe("/a");
    expect(stateDirectory({ HOLDFAST_STATE_DIR: "", XDG_STATE_HOME: "/b" })).toBe("/b/holdfast");
    expect(stateDirectory({ XDG_STATE_HOME: "relative" })).toBe(join(homedir(), ".local", "state", "holdfast"));
    expect(configDirectory({})).toBe(join(homedir(), ".config", "holdfast"));
    expect(ownKnownHostsFile({ XDG_CONFIG_HOME: "/c" })).toBe("/c/holdfast/known_hosts");
  });

  it("are made for the owner alone, with their parents", async () => {
    const path = join(directory, "a", "b");
    await ensurePrivateDirectory(path);
    await ensurePrivateDirectory(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it("are refused when they are links, files, or open to others", async () => {
    symlinkSync(directory, join(directory, "link"));
    writeFileSync(join(directory, "file"), "");
    mkdirSync(join(directory, "open"));
    chmodSync(join(directory, "open"), 0o777);
    for (const name of ["link", "file", "open", "file/below"]) {
      await expect(ensurePrivateDirectory(join(directory, name))).rejects.toMatchObject({
        code: "config_invalid",
        message: expect.stringContaining(join(directory, name)),
      });
    }
  });
});
