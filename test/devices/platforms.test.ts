import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { PlatformBook, readPrompt } from "../../src/devices/index.ts";

const published = z
  .record(z.string(), z.record(z.string(), z.array(z.string())))
  .parse(parse(readFileSync(new URL("../fixtures/devices/published-prompts.yaml", import.meta.url), "utf8")));

const cases = Object.entries(published).flatMap(([platform, kinds]) =>
  Object.entries(kinds).flatMap(([kind, prompts]) => prompts.map((prompt) => [platform, kind, prompt] as const)),
);

const book = new PlatformBook("/nonexistent");

describe("the platforms that come with Holdfast", () => {
  it("are as many as promised, each with a name of its own", async () => {
    const all = await book.all();
    expect(all.length).toBeGreaterThanOrEqual(18);
    const names = all.flatMap(({ platform }) => [platform.name, ...platform.aliases]);
    expect(new Set(names).size).toBe(names.length);
  });

  it("have 128 published prompts to know", () => {
    expect(cases).toHaveLength(128);
  });

  it.each(cases)("%s knows as %s: %j", async (name, kind, prompt) => {
    const { platform } = await book.find(name);
    const [line = "", above = ""] = prompt.split("\n").toReversed();
    expect(readPrompt(platform, line, above)?.mode.kind).toBe(kind);
  });

  it("take the line above for a part of the prompt only where it is one", async () => {
    const { platform } = await book.find("juniper_junos");
    expect(readPrompt(platform, "u@r# ", "[edit interfaces]")).toMatchObject({
      host: "u@r",
      context: " interfaces",
      hasAbove: true,
    });
    expect(readPrompt(platform, "u@r# ", "")).toMatchObject({ hasAbove: false });
    expect(readPrompt(platform, "u@r# ", "    mtu 9000;")).toMatchObject({ hasAbove: false });
    const sros = await book.find("nokia_sros");
    expect(readPrompt(sros.platform, "A:admin@sr1#", "*(ex)[/configure]")?.mode.kind).toBe("config");
    expect(sros.platform.pendingPrompt?.test("*(ex)[/configure]")).toBe(true);
  });

  it.each([
    ["huawei_vrp", "[V200R009C00SPC500]"],
    ["cisco_ios", "GigabitEthernet0/1 is up, line protocol is up (connected)"],
    ["cisco_ios", " description uplink to core#1>"],
    ["cisco_ios", "r1# show version"],
    ["arista_eos", "sw1(config-if-Et1)>"],
    ["cisco_nxos", "Software (C) 2019 switch>x"],
    ["juniper_junos", "    description \"to core\"; ## 'x'>"],
    ["mikrotik_routeros", "[admin@MikroTik] /ip address> print"],
    ["fortinet_fortios", 'set comment "a # b"'],
    ["nokia_sros", "A:admin@sr1# show"],
    ["vyos", "vyos@vyos:~$ show version"],
    ["frr_vtysh", "r1# !k7f3q2"],
  ])("%s takes %j for output", async (name, line) => {
    const { platform } = await book.find(name);
    expect(readPrompt(platform, line, "")).toBeUndefined();
  });
});
