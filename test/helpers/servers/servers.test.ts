import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  canMakeUsers,
  createLoginUser,
  startDropbear,
  startOpenSsh,
  startTcpProxy,
  type LoginShell,
  type TestServer,
} from "./index.ts";

function ssh(server: TestServer, command: string, port = server.port): string {
  return execFileSync(
    "ssh",
    [
      "-F",
      server.sshConfigFile,
      "-p",
      String(port),
      "-o",
      `HostKeyAlias=[127.0.0.1]:${server.port}`,
      server.alias,
      command,
    ],
    { encoding: "utf8", timeout: 20_000 },
  );
}

describe("test servers", () => {
  it("sshd for the current user answers and leaves nothing", async () => {
    const server = await startOpenSsh();
    try {
      expect(ssh(server, "echo hi").trim()).toBe("hi");
      expect(server.log()).toContain("Accepted publickey");
    } finally {
      await server.stop();
    }
    expect(existsSync(server.directory)).toBe(false);
  });

  it("the proxy forwards", async () => {
    const server = await startOpenSsh();
    const proxy = await startTcpProxy(server.port);
    await proxy.stop();
    await server.stop();
  });

  it.runIf(canMakeUsers).each<LoginShell>(["bash", "dash", "zsh", "fish", "busybox"])(
    "login users with %s on both servers",
    async (shell) => {
      const user = await createLoginUser({ shell });
      const openSsh = await startOpenSsh({ loginUser: user });
      const dropbear = await startDropbear({ loginUser: user });
      try {
        for (const server of [openSsh, dropbear]) {
          expect(ssh(server, "id -un; echo $SHELL").trim()).toBe(`${user.name}\n${user.shellPath}`);
        }
      } finally {
        await Promise.all([openSsh.stop(), dropbear.stop()]);
        user.remove();
      }
      expect(readFileSync("/etc/passwd", "utf8")).not.toContain(user.name);
      expect(existsSync(user.home)).toBe(false);
      if (shell === "busybox") expect(readFileSync("/etc/shells", "utf8")).not.toContain(user.shellPath);
    },
    60_000,
  );
});
