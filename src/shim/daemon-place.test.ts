import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { daemonEnvironment, daemonPlace, daemonWanted } from "./daemon-place.ts";

const base = { HOME: "/home/u", HOLDFAST_STATE_DIR: "/s", HOLDFAST_CONFIG_DIR: "/c" };

describe("the place of a daemon", () => {
  it("is the runtime directory, else in the state directory", () => {
    expect(daemonPlace({ ...base, HOLDFAST_RUNTIME_DIR: "/r" }).directory).toBe("/r");
    expect(daemonPlace({ ...base, XDG_RUNTIME_DIR: "/run/user/5" }).directory).toBe("/run/user/5/holdfast");
    expect(daemonPlace({ ...base, XDG_RUNTIME_DIR: "relative" }).directory).toBe("/s/run");
    expect(daemonPlace(base).directory).toBe("/s/run");
  });

  it("is short enough for a socket whatever the directories are", () => {
    for (const length of [1, 60, 70, 80, 200]) {
      const place = daemonPlace({ ...base, XDG_RUNTIME_DIR: `/${"x".repeat(length)}` });
      expect(Buffer.byteLength(`${place.socketPath}.4294967295`)).toBeLessThanOrEqual(100);
    }
    const long = daemonPlace({ ...base, HOLDFAST_RUNTIME_DIR: `/${"x".repeat(200)}` });
    expect(long.directory).toMatch(/^\/tmp\/holdfast-\d+$/);
  });

  it("is another one for whatever changes what the daemon does, and only for that", () => {
    const { settings } = daemonPlace(base);
    for (const other of [
      { HOLDFAST_STATE_DIR: "/s2" },
      { HOLDFAST_CONFIG_DIR: "/c2" },
      { HOLDFAST_SSH_CONFIG: "/x" },
      { HOLDFAST_ANYTHING: "1" },
      { HOLDFAST_CONFIG: "/c/other.yaml" },
      { OVRD_WEB1_HOST: "10.0.0.5" },
      { SSH_CONNECT_TIMEOUT: "5" },
      { SSH_AUTH_SOCK: "/agent" },
      { HOME: "/home/v" },
    ]) {
      expect(daemonPlace({ ...base, ...other }).settings).not.toBe(settings);
    }
    for (const same of [{ HOLDFAST_DAEMON_IDLE_S: "5" }, { HOLDFAST_RUNTIME_DIR: "/r" }, { TERM: "x" }]) {
      expect(daemonPlace({ ...base, ...same }).settings).toBe(settings);
    }
  });

  it("means the same from any working directory", () => {
    const env = { ...base, HOLDFAST_SSH_CONFIG: "here/config", HOLDFAST_CONFIG: "here/c.yaml" };
    expect(daemonEnvironment(env)["HOLDFAST_CONFIG"]).toBe(join(process.cwd(), "here/c.yaml"));
    expect(daemonEnvironment(env)["HOLDFAST_SSH_CONFIG"]).toBe(join(process.cwd(), "here/config"));
    expect(daemonPlace(daemonEnvironment(env))).toEqual(daemonPlace(env));
  });

  it("is not wanted when the environment says so", () => {
    expect(daemonWanted({})).toBe(true);
    expect(daemonWanted({ HOLDFAST_NO_DAEMON: "0" })).toBe(true);
    expect(daemonWanted({ HOLDFAST_NO_DAEMON: "1" })).toBe(false);
  });
});
