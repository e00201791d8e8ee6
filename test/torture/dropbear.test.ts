import { startDropbear } from "../helpers/servers/index.ts";
import { tortureSuite } from "./torture-suite.ts";

// What the shells make of the cases is the same on every server: the usual one and the leanest tell how this one differs.
tortureSuite("dropbear", startDropbear, ["bash", "busybox"]);
