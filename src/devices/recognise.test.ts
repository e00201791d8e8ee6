import { describe, expect, it } from "vitest";
import { PlatformBook, recognise, type DeviceEvidence } from "./index.ts";

const platforms = (await new PlatformBook("/nonexistent").all()).map(({ platform }) => platform);

function told(evidence: DeviceEvidence): string {
  const found = recognise(platforms, evidence);
  return `${found?.platform.name} ${found?.confidence}`;
}

describe("recognising a platform", () => {
  it.each([
    ["SSH-2.0-Cisco-1.25", "cisco_ios"],
    ["SSH-1.99-Cisco-1.25", "cisco_ios"],
    ["SSH-2.0-Cisco-2.0", "cisco_iosxr"],
    ["SSH-2.0-ROSSSH", "mikrotik_routeros"],
    ["SSH-2.0-HUAWEI-1.5", "huawei_vrp"],
    ["SSH-2.0--", "huawei_vrp"],
    ["SSH-2.0-Comware-7.1.070", "hp_comware"],
    ["SSH-2.0-Mocana SSH 6.3", "hp_procurve"],
    ["SSH-2.0-FortiSSH_v3", "fortinet_fortios"],
  ])("%s names %s", (identification, name) => {
    expect(told({ identification })).toBe(`${name} certain`);
  });

  it("takes a server of any machine for nothing", () => {
    for (const identification of [
      "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u1",
      "SSH-2.0-dropbear_2022.83",
      "SSH-2.0-OpenSSH_7.5",
    ]) {
      expect(told({ identification })).toBe("generic unknown");
      expect(told({ identification, prompt: "deploy@web1:~$ " })).not.toMatch(/certain/);
    }
  });

  it.each<[DeviceEvidence, string]>([
    [{ greeting: "\r\nHello, this is FRRouting (version 8.4.4).\r\n", prompt: "r1# " }, "frr_vtysh certain"],
    [{ greeting: "Welcome to VyOS!\n", prompt: "vyos@vyos:~$ " }, "vyos certain"],
    [{ greeting: "--- JUNOS 20.4R1 built 2020-12-18\n", prompt: "admin@mx1> " }, "juniper_junos certain"],
    [{ prompt: "[admin@MikroTik] > " }, "mikrotik_routeros likely"],
    [{ prompt: "RP/0/RP0/CPU0:xr1#" }, "cisco_iosxr likely"],
    [{ prompt: "A:admin@sr1# ", above: "[/]" }, "nokia_sros likely"],
    [{ prompt: "(sw1) >" }, "ubiquiti_edgeswitch likely"],
    [{ prompt: "sw1#" }, "generic unknown"],
    [{ prompt: "sw1#", probed: "Cisco IOS Software, C2960 Software, Version 15.0(2)\n" }, "cisco_ios certain"],
    [{ prompt: "sw1# ", probed: "Arista DCS-7050\nHardware version: 1.0" }, "arista_eos certain"],
    [{ prompt: "<sw1>", probed: "H3C Comware Software, Version 7.1.070" }, "hp_comware certain"],
    [{ prompt: "<sw1>", probed: "Huawei Versatile Routing Platform Software" }, "huawei_vrp certain"],
  ])("%j is %s", (evidence, outcome) => {
    expect(told(evidence)).toBe(outcome);
  });

  it("says why, and what to try", () => {
    expect(recognise(platforms, { prompt: "<sw1>" })).toMatchObject({
      confidence: "unknown",
      reason: expect.stringContaining("huawei_vrp"),
      probes: ["display version"],
    });
    expect(recognise(platforms, { identification: "SSH-2.0-Cisco-1.25\u001B[2J" })?.reason).toBe(
      'identification "Cisco-1.25"',
    );
    expect(recognise(platforms, { prompt: "sw1#" })?.probes[0]).toBe("show version");
    expect(recognise([], {})).toBeUndefined();
  });
});
