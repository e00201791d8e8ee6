import { existsSync } from "node:fs";
import { afterAll, describe } from "vitest";
import { createSsh2Engine } from "../../src/ssh/index.ts";
import { describeEngine, type ConformanceServer } from "../../src/ssh/engine.conformance.ts";
import {
  canMakeUsers,
  createLoginUser,
  makeTempDir,
  startDropbear,
  startOpenSsh,
  type LoginUser,
  type ServerOptions,
  type TestServer,
} from "../helpers/servers/index.ts";
import { planFor } from "./plan.ts";

const users: LoginUser[] = [];

afterAll(() => {
  for (const user of users) user.remove();
});

/** A server as the suite wants it; where it can be, its user is a throwaway one with an empty home. */
async function start(
  launch: (options: ServerOptions) => Promise<TestServer>,
  options: ServerOptions,
): Promise<ConformanceServer> {
  const user = canMakeUsers ? await createLoginUser() : undefined;
  if (user !== undefined) users.push(user);
  const server = await launch(user === undefined ? options : { ...options, loginUser: user });
  const directory = user === undefined ? makeTempDir().path : user.home;
  return {
    directory,
    plan: planFor(server),
    // dropbear brings none of its own.
    offersSftp: server.kind === "openssh" || existsSync("/usr/lib/sftp-server"),
    longCommandBytes: server.kind === "openssh" ? 90_000 : 8000,
    waitsForOutput: server.kind === "openssh",
    killConnections: () => {
      server.killConnections();
    },
    stop: () => server.stop(),
  };
}

describeEngine("ssh2 against OpenSSH", createSsh2Engine(), () => start(startOpenSsh, {}));
describeEngine("ssh2 against OpenSSH that renews its keys every megabyte", createSsh2Engine(), () =>
  start(startOpenSsh, { config: ["RekeyLimit 1M"] }),
);
describeEngine("ssh2 against OpenSSH with two sessions", createSsh2Engine(), () =>
  start(startOpenSsh, { config: ["MaxSessions 2"] }),
);
describe.runIf(canMakeUsers)("dropbear", () => {
  describeEngine("ssh2 against dropbear", createSsh2Engine(), () => start(startDropbear, {}));
});
