import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import {
  canMakeUsers,
  createLoginUser,
  startDropbear,
  startOpenSsh,
  startTcpProxy,
  waitUntil,
  type LoginShell,
  type TestServer,
} from "./index.ts";

function ssh(server: TestServer, command: string): string {
  return execFileSync("ssh", ["-F", server.sshConfigFile, server.alias, command], {
    encoding: "utf8",
    timeout: 60_000,
  });
}

describe("test servers", () => {
  it("sshd for the current user answers, shows its connections and leaves nothing", async () => {
    const server = await startOpenSsh();
    try {
      expect(ssh(server, "echo hi").trim()).toBe("hi");
      await waitUntil("the login in the log", () => server.log().includes("Accepted publickey"));
      await waitUntil("no connections", () => server.connections().length === 0);
    } finally {
      await server.stop();
    }
    expect(existsSync(server.directory)).toBe(false);
    expect(spawnSync("ssh", ["-F", server.sshConfigFile, server.alias, "true"]).status).not.toBe(0);
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
  );
});

describe("the proxy", () => {
  it("forwards, holds back, delivers what it held back, and cuts", async () => {
    const echo = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.pipe(socket);
    });
    await new Promise<void>((resolve) => {
      echo.listen(0, "127.0.0.1", resolve);
    });
    const address = echo.address();
    const proxy = await startTcpProxy(address === null || typeof address === "string" ? 0 : address.port);
    const client = connect({ port: proxy.port, host: "127.0.0.1" });
    let received = "";
    let closed = false;
    client.on("data", (bytes: Buffer) => {
      received += bytes.toString();
    });
    client.on("error", () => undefined);
    client.on("close", () => {
      closed = true;
    });
    client.write("one ");
    await waitUntil("the first word", () => received === "one ");
    proxy.blackhole();
    client.write("two ");
    expect(closed).toBe(false);
    expect(received).toBe("one ");
    proxy.heal();
    await waitUntil("the second word", () => received === "one two ");
    proxy.killAll();
    await waitUntil("the cut", () => closed);
    await proxy.stop();
    echo.close();
  });
});
