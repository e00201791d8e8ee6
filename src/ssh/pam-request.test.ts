import { describe, expect, it } from "vitest";
import { readPamRequest } from "./pam-request.ts";
import { wireString, wireUint32 } from "./wire.ts";

const key = Buffer.concat([wireString("ssh-ed25519"), wireString("k".repeat(32))]);
const words = Buffer.concat([wireUint32(2), wireString("sudo"), wireString("id -u")]);

const asked = [
  wireUint32(101),
  wireString("cookie"),
  ...["bob", "bob", "sudo", "/home/bob"].map((text) => wireString(text)),
  wireString(words),
  wireString("host"),
  Buffer.alloc(8),
];

/** What pam_ssh_agent_auth has signed, but for what is given otherwise. */
function request({ inner = asked, kind = 54, by = "bob", service = "pam_ssh_agent_auth", blob = key } = {}): Buffer {
  return Buffer.concat([
    wireString(Buffer.concat(inner)),
    Buffer.from([kind]),
    ...[by, service, "publickey"].map((text) => wireString(text)),
    Buffer.from([1]),
    wireString("ssh-ed25519"),
    wireString(blob),
  ]);
}

describe("what a key for sudo is to sign", () => {
  it("is read when it is a request of pam_ssh_agent_auth", () => {
    expect(readPamRequest(request(), key)).toEqual({ user: "bob", by: "bob", words: ["sudo", "id -u"] });
  });

  it("is nothing else: no login, no request for another key or by another user, nothing malformed", () => {
    const login = request({ kind: 50, service: "ssh-connection", inner: [Buffer.from("session")] });
    const others = [
      login,
      request({ kind: 50 }),
      request({ service: "ssh-connection" }),
      request({ blob: Buffer.concat([key, key]) }),
      request({ by: "eve" }),
      request({ inner: [wireUint32(100), ...asked.slice(1)] }),
      request({ inner: asked.slice(0, 3) }),
      Buffer.concat([request(), Buffer.from("more")]),
      Buffer.from("SSHSIG\0\0\0"),
      Buffer.alloc(0),
    ];
    for (const data of others) expect(readPamRequest(data, key)).toBeUndefined();
  });
});
