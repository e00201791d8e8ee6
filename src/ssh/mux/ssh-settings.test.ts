import { describe, expect, it } from "vitest";
import type { ConnectPlan } from "../engine.ts";
import { sshSettings } from "./ssh-settings.ts";

const plan: ConnectPlan = {
  alias: "box",
  host: "Box.example",
  port: 2222,
  user: "me",
  knownHostsFiles: [],
  unknownHostKey: "ask",
  identityFiles: [],
  identitiesOnly: false,
  connectTimeoutMs: 1000,
  keepaliveMs: 1000,
};

function settings(changes: Partial<ConnectPlan>, people = false): string {
  return sshSettings({
    plan: { ...plan, ...changes },
    directory: { file: (name) => `/private/50%/${name}`, remove: () => undefined },
    algorithms: { certificates: [], plain: ["ssh-ed25519"] },
    ownFiles: [],
    people,
  });
}

describe("settings for ssh", () => {
  it("hold no secret, and leave the host key and the way there to us", () => {
    const text = settings({ password: "pa55word", passphrase: "pa55phrase" });
    expect(text).not.toMatch(/pa55/);
    expect(text).toContain("ProxyCommand -\n");
    expect(text).toContain("StrictHostKeyChecking yes\n");
    expect(text).toContain('HostKeyAlias "box.example"\n');
    expect(text).toContain('ControlPath "/private/50%%/control"\n');
    expect(text).toContain("IdentityFile none\n");
  });

  it("cannot be broken out of", () => {
    expect(settings({ user: String.raw`a" b\c` })).toContain(String.raw`User "a\" b\\c"`);
    expect(() => settings({ user: "a\nProxyCommand sh" })).toThrow(expect.objectContaining({ code: "config_invalid" }));
    expect(() => settings({ sshOptions: { PKCS11Provider: "x\ny" } })).toThrow();
  });

  it("name the methods that somebody can serve", () => {
    expect(settings({})).toContain("PreferredAuthentications gssapi-with-mic,publickey\n");
    expect(settings({ password: "x" })).toMatch(/publickey,password,keyboard-interactive\n/);
    expect(settings({}, true)).toMatch(/publickey,keyboard-interactive,password\n/);
    expect(settings({ preferredAuthentications: ["password"] }, true)).toMatch(/PreferredAuthentications password\n/);
  });

  it("offer what is no longer safe only where it is asked for", () => {
    expect(settings({})).not.toMatch(/sha1|cbc|ssh-rsa/);
    expect(settings({ legacy: true })).toMatch(/sha1[^]*ssh-rsa/);
  });
});
