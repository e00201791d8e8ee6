import { describe, expect, it } from "vitest";
import { testConfig } from "./test-config.ts";

describe("hide_addresses", () => {
  it("takes addresses and users of resolved targets out of text", async () => {
    const yaml =
      "hide_addresses: true\ntargets:\n  web1: { host: 10.0.0.5, user: deploy }\n  six: { host: 'fe80::5' }\n  named: { host: Db.Example.org, user: root }\n";
    const { config } = testConfig(yaml, {}, "Host old\n  HostName 10.7.7.7\n  User olduser\n");
    expect(config.hide("10.0.0.5")).toBe("10.0.0.5");
    await config.resolve("old");
    expect(config.hide("connect ECONNREFUSED 10.0.0.5:22 (deploy@10.0.0.5)")).toBe("connect ECONNREFUSED web1 (web1)");
    expect(config.hide("[fe80::5]:22 fe80::5 db.example.org,DB.EXAMPLE.ORG")).toBe("six six named,named");
    expect(config.hide("/home/deploy olduser@10.7.7.7 root")).toBe("/home/[user] old root");
    expect(config.hide("10.0.0.50 110.0.0.5 redeploy")).toBe("10.0.0.50 110.0.0.5 redeploy");
  });

  it("knows the user that the settings name for all", async () => {
    const { config } = testConfig(
      "hide_addresses: true\ntargets:\n  web1: { host: 10.0.0.5 }\ndefaults: { user: deploy }\n",
    );
    await config.rules();
    expect(config.hide("/home/deploy")).toBe("/home/[user]");
  });

  it("leaves no address at all in errors", async () => {
    const { config } = testConfig("hide_addresses: true\ntargets:\n  web1: { host: 10.0.0.5 }\n");
    await config.resolve("web1");
    expect(config.hideInError("dial_failed: web1 (10.0.0.5:22) refused; ::1 and 192.168.1.7 too, at 12:30:45")).toBe(
      "dial_failed: web1 refused; [address] and [address] too, at 12:30:45",
    );
  });

  it("hides hosts and users on the way to a target", async () => {
    const { config } = testConfig("hide_addresses: true\ntargets:\n  web1: { jump: 'hopper@gate.example:23' }\n");
    await config.resolve("web1");
    await config.resolve("hopper@gate.example:23", {}, true);
    expect(config.hide("via hopper@gate.example:23, /home/hopper")).toBe("via [jump host], /home/[user]");
  });

  it("keeps the aliases of hosts on the way, and of hosts that have several", async () => {
    const yaml = "hide_addresses: true\ntargets:\n  web1: { host: 10.0.0.5 }\n  same: { host: 10.0.0.5 }\n";
    const ssh = "Host gate\n  HostName 10.7.7.7\n  User hopper\nHost inside\n  HostName 10.0.0.9\n  ProxyJump gate\n";
    const { config } = testConfig(yaml, {}, ssh);
    await config.resolve("inside");
    await config.resolve("gate", {}, true);
    expect(config.hideInError("gate (10.7.7.7:23) does not forward to 10.0.0.9:22 for hopper")).toBe(
      "gate does not forward to inside for [user]",
    );
    expect(config.hideInError("same (10.0.0.5:22) refused (twice)")).toBe("same refused (twice)");
  });

  it("leaves text alone where nothing is to be hidden", async () => {
    const { config } = testConfig("targets:\n  web1: { host: 10.0.0.5, user: deploy }\n");
    await config.resolve("web1");
    expect(config.hide("deploy@10.0.0.5")).toBe("deploy@10.0.0.5");
  });
});
