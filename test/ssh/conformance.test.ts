import { afterAll, describe } from "vitest";
import { createSsh2Engine } from "../../src/ssh/index.ts";
import { describeEngine } from "../../src/ssh/engine.conformance.ts";
import { canMakeUsers, startDropbear, startOpenSsh } from "../helpers/servers/index.ts";
import { removeUsers, startForSuite } from "./conformance-server.ts";

afterAll(removeUsers);

describeEngine("ssh2 against OpenSSH", createSsh2Engine(), () => startForSuite(startOpenSsh, {}));
describeEngine("ssh2 against OpenSSH that renews its keys every megabyte", createSsh2Engine(), () =>
  startForSuite(startOpenSsh, { config: ["RekeyLimit 1M"] }),
);
describeEngine("ssh2 against OpenSSH with two sessions", createSsh2Engine(), () =>
  startForSuite(startOpenSsh, { config: ["MaxSessions 2"] }),
);
describe.runIf(canMakeUsers)("dropbear", () => {
  describeEngine("ssh2 against dropbear", createSsh2Engine(), () => startForSuite(startDropbear, {}));
});
