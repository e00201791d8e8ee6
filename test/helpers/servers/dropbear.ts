import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { veilAudit } from "../veil-audit.ts";
import { writeClientFiles } from "./client-files.ts";
import { makeKeyPair } from "./key-pair.ts";
import { createLoginUser } from "./login-user.ts";
import { makeTempDir } from "./temp-dir.ts";
import { launchServer, type ServerOptions, type TestServer } from "./test-server.ts";

function makeHostKey(file: string): string {
  const text = execFileSync("dropbearkey", ["-t", "ed25519", "-f", file], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const line = text.split("\n").find((candidate) => candidate.startsWith("ssh-ed25519 "));
  if (line === undefined) throw new Error("dropbearkey printed no public key");
  return line;
}

/** Starts dropbear with its own host key. Root only: dropbear reads keys from the user's home alone, so a user is made for it. */
export async function startDropbear(options: ServerOptions = {}): Promise<TestServer> {
  const loginUser = options.loginUser ?? (await createLoginUser());
  const directory = makeTempDir();
  const hostKeyFile = join(directory.path, "host_ed25519");
  const hostKey = makeHostKey(hostKeyFile);
  const client = makeKeyPair(join(directory.path, "client"));
  loginUser.authorize(client.publicLine);
  const listenOn = ["127.0.0.1", veilAudit?.address, options.alsoOn].flatMap((address) => address ?? []);
  const running = await launchServer({
    directory,
    command: "dropbear",
    argsFor: (port) => [
      "-F",
      "-E",
      "-r",
      hostKeyFile,
      "-P",
      join(directory.path, "pid"),
      ...listenOn.flatMap((address) => ["-p", `${address}:${port}`]),
    ],
    listening: /Not backgrounding/,
  });
  const alias = options.alias ?? "box";
  const files = writeClientFiles({
    directory: directory.path,
    alias,
    user: loginUser.name,
    port: running.port,
    keyFile: client.file,
    hostKeys: [hostKey],
  });
  return {
    kind: "dropbear",
    host: "127.0.0.1",
    user: loginUser.name,
    alias,
    ...files,
    loginUser,
    port: running.port,
    directory: directory.path,
    keyFile: client.file,
    log: () => running.log(),
    connections: () => running.connections(),
    killConnections: () => {
      running.killConnections();
    },
    stop: async () => {
      running.kill();
      await running.ended();
      if (options.loginUser === undefined) loginUser.remove();
      directory.remove();
    },
  };
}
