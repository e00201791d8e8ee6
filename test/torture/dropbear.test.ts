import { startDropbear } from "../helpers/servers/index.ts";
import { tortureSuite } from "./torture-suite.ts";

tortureSuite("dropbear", startDropbear);
