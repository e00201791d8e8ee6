import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { randomHex } from "../../base/index.ts";
import { openConfig } from "../../config/index.ts";
import type { ConnectPlan } from "../../ssh/index.ts";
import { connectPlan } from "./connect-plan.ts";

const directory = mkdtempSync(join(tmpdir(), "hf-plan-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The plan for a host with the given lines in ssh_config. */
async function planWith(...lines: readonly string[]): Promise<ConnectPlan> {
  const file = join(directory, `config-${randomHex(4)}`);
  writeFileSync(file, ["Host box", ...lines, ""].join("\n"));
  const env = { PATH: process.env["PATH"], HOLDFAST_SSH_CONFIG: file, HOLDFAST_CONFIG_DIR: join(directory, "own") };
  return connectPlan(await openConfig(env).resolve("box"));
}

describe("a plan", () => {
  it("leaves the methods of the login to the engine, unless something is said about them", async () => {
    expect((await planWith()).preferredAuthentications).toBeUndefined();
    expect((await planWith("PubkeyAuthentication no")).preferredAuthentications).toEqual([
      "keyboard-interactive",
      "password",
    ]);
    const both = await planWith("PreferredAuthentications password,publickey", "PasswordAuthentication no");
    expect(both.preferredAuthentications).toEqual(["publickey"]);
  });

  it("has the lists of algorithms that ssh_config makes, with an ssh program and without", async () => {
    const env = process.env["PATH"];
    expect((await planWith()).algorithms).toEqual({});
    const named = await planWith("Ciphers aes128-cbc,aes128-ctr", "MACs -hmac-sha1*");
    expect(named.algorithms).toMatchObject({ ciphers: "aes128-cbc,aes128-ctr", macs: expect.any(String) });
    expect(Object.keys(named.algorithms ?? {})).toHaveLength(2);
    try {
      process.env["PATH"] = directory;
      const own = await planWith("Ciphers aes128-cbc,aes128-ctr", "MACs -hmac-sha1*");
      expect(own.algorithms).toEqual({ ciphers: "aes128-cbc,aes128-ctr", macs: "-hmac-sha1*" });
    } finally {
      process.env["PATH"] = env;
    }
  });

  it("has the list of revoked host keys, and refuses a ProxyCommand that hands over a socket", async () => {
    expect(await planWith("RevokedHostKeys ~/revoked")).toMatchObject({
      revokedHostKeysFile: join(homedir(), "revoked"),
    });
    expect((await planWith("RevokedHostKeys none")).revokedHostKeysFile).toBeUndefined();
    await expect(planWith("ProxyCommand nc %h", "ProxyUseFdpass yes")).rejects.toMatchObject({ code: "unsupported" });
    expect((await planWith("ProxyUseFdpass yes")).proxyCommand).toBeUndefined();
  });

  it("has certificates and what to do with unknown host keys", async () => {
    expect(await planWith(`CertificateFile ${directory}/a-cert.pub`, "StrictHostKeyChecking yes")).toMatchObject({
      certificateFiles: [`${directory}/a-cert.pub`],
      unknownHostKey: "strict",
    });
    expect((await planWith()).unknownHostKey).toBe("ask");
  });
});
