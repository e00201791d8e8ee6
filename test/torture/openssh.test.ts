import { startOpenSsh } from "../helpers/servers/index.ts";
import { tortureSuite } from "./torture-suite.ts";

tortureSuite("OpenSSH", startOpenSsh);
