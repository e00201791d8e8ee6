import { describe, expect, it } from "vitest";
import type { ConnectPlan } from "../../ssh/index.ts";
import { connectionKey } from "./connection-key.ts";

const plan: ConnectPlan = {
  alias: "box",
  host: "10.0.0.5",
  port: 22,
  user: "me",
  knownHostsFiles: ["/known"],
  unknownHostKey: "ask",
  identityFiles: [{ path: "/key", explicit: false }],
  identitiesOnly: false,
  connectTimeoutMs: 1000,
  keepaliveMs: 1000,
};

describe("who shares a connection", () => {
  it.each<[string, Partial<ConnectPlan>]>([
    ["host", { host: "10.0.0.6" }],
    ["port", { port: 23 }],
    ["user", { user: "you" }],
    ["name of the host key", { hostKeyAlias: "other" }],
    ["known hosts", { knownHostsFiles: [] }],
    ["own known hosts", { ownKnownHostsFile: "/own" }],
    ["revoked host keys", { revokedHostKeysFile: "/revoked" }],
    ["care about unknown keys", { unknownHostKey: "strict" }],
    ["key", { identityFiles: [{ path: "/other", explicit: false }] }],
    ["explicit key", { identityFiles: [{ path: "/key", explicit: true }] }],
    ["certificate", { certificateFiles: ["/cert"] }],
    ["only named keys", { identitiesOnly: true }],
    ["agent", { agentSocket: "/agent" }],
    ["password", { password: "p" }],
    ["passphrase", { passphrase: "p" }],
    ["methods", { preferredAuthentications: ["password"] }],
    ["proxy command", { proxyCommand: "nc" }],
    ["jump host", { via: [{ ...plan, host: "bastion" }] }],
    ["jump host's key", { via: [{ ...plan, host: "bastion", identityFiles: [] }] }],
    ["address family", { addressFamily: 4 }],
    ["address to dial from", { bindAddress: "127.0.0.2" }],
    ["compression", { compression: true }],
    ["old algorithms", { legacy: true }],
    ["lists of algorithms", { algorithms: { ciphers: "aes128-ctr" } }],
  ])("not who differs in: %s", (_what, change) => {
    expect(connectionKey({ ...plan, ...change })).not.toBe(connectionKey(plan));
  });

  it("who differs in the name, or in patience, does", () => {
    expect(connectionKey({ ...plan, alias: "alias", retries: 7, connectTimeoutMs: 5 })).toBe(connectionKey(plan));
  });
});
