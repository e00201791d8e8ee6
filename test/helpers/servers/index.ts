export { startDropbear } from "./dropbear.ts";
export { makeKeyPair, type KeyPair, type KeyType } from "./key-pair.ts";
export { canMakeUsers, createLoginUser, type LoginShell, type LoginUser } from "./login-user.ts";
export { onExit } from "./on-exit.ts";
export { startOpenSsh } from "./open-ssh.ts";
export { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
export { makeTempDir, type TempDir } from "./temp-dir.ts";
export { freePort, type ServerOptions, type TestServer } from "./test-server.ts";
export { waitUntil } from "./wait-until.ts";
