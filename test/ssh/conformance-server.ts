import { existsSync } from "node:fs";
import type { ConformanceServer } from "../../src/ssh/engine.conformance.ts";
import {
  canMakeUsers,
  createLoginUser,
  makeTempDir,
  type LoginUser,
  type ServerOptions,
  type TestServer,
} from "../helpers/servers/index.ts";
import { planFor } from "./plan.ts";

const users: LoginUser[] = [];

/** Removes the users that were made. */
export function removeUsers(): void {
  for (const user of users.splice(0)) user.remove();
}

/** A server as the suite wants it; where it can be, its user is a throwaway one with an empty home. */
export async function startForSuite(
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
    namesCallers: true,
    killConnections: () => {
      server.killConnections();
    },
    stop: () => server.stop(),
  };
}
