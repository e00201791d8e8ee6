import { afterAll, describe } from "vitest";
import { createOpenSshEngine } from "../../src/ssh/index.ts";
import { describeEngine, type ConformanceServer } from "../../src/ssh/engine.conformance.ts";
import { canMakeUsers, startDropbear, startOpenSsh } from "../helpers/servers/index.ts";
import { removeUsers, startForSuite } from "./conformance-server.ts";

afterAll(removeUsers);

/** ssh keeps to itself who connected to a forwarded port. */
async function start(...request: Parameters<typeof startForSuite>): Promise<ConformanceServer> {
  return { ...(await startForSuite(...request)), namesCallers: false };
}

describeEngine("the system's ssh against OpenSSH", createOpenSshEngine(), () => start(startOpenSsh, {}));
describeEngine(
  "the system's ssh against OpenSSH that renews its keys and has two sessions",
  createOpenSshEngine(),
  () => start(startOpenSsh, { config: ["RekeyLimit 8M", "MaxSessions 2"] }),
);
describe.runIf(canMakeUsers)("dropbear", () => {
  describeEngine("the system's ssh against dropbear", createOpenSshEngine(), () => start(startDropbear, {}));
});
