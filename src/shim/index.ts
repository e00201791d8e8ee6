export { takeConfigOption } from "./config-option.ts";
export { daemonPlace, daemonWanted, ensureDaemonDirectory, placesBeside, type DaemonPlace } from "./daemon-place.ts";
export { dialDaemon, type DaemonConnection, type Dialed } from "./dial-daemon.ts";
export { firstLine } from "./first-line.ts";
export { farewellLine, isNewer, parseObject, readHello, welcomeLine, type DaemonFacts, type Hello } from "./hello.ts";
export { reachDaemon } from "./reach-daemon.ts";
export { relay } from "./relay.ts";
export { runProgram } from "./run-program.ts";
export { keyedTools, metaNames, readOnlyTools } from "./repeatable.ts";
