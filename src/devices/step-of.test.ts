import { expect, test } from "vitest";
import { PlatformBook } from "./platform-book.ts";
import { stepOf } from "./step-of.ts";

const book = new PlatformBook("/nonexistent");

test.each([
  ["juniper_junos", "commit", "confirm", undefined],
  ["juniper_junos", "commit comment x", "commit", undefined],
  ["juniper_junos", "commit check", "check", undefined],
  ["juniper_junos", "commit confirmed 5", "commitConfirmed", 300_000],
  ["juniper_junos", "commit confirmed 5 comment x", "commitConfirmed", 300_000],
  ["juniper_junos", "commit confirmed", "commitConfirmed", 600_000],
  ["cisco_iosxr", "commit confirmed minutes 2", "commitConfirmed", 120_000],
  ["cisco_iosxr", "commit confirmed 300", "commitConfirmed", undefined],
  ["huawei_vrp", "commit trial 120", "commitConfirmed", 120_000],
  ["huawei_vrp", "commit label a", "commit", undefined],
  ["vyos", "commit-confirm 3", "commitConfirmed", 180_000],
  ["vyos", "commit", "commit", undefined],
  ["vyos", "commit comment x", "commit", undefined],
  ["vyos", "confirm", "confirm", undefined],
  ["nokia_sros", "commit confirmed accept", "confirm", undefined],
  ["nokia_sros", "commit confirmed cancel", "revoke", undefined],
  ["nokia_sros", "commit confirmed 5", "commitConfirmed", 300_000],
  ["huawei_vrp", "abort trial", "revoke", undefined],
  ["huawei_vrp", "abort", undefined, undefined],
  ["juniper_junos", "set system host-name commit", undefined, undefined],
])("%s takes %j for %s", async (platform, line, name, limitMs) => {
  const step = stepOf((await book.find(platform)).platform, line);
  expect([step?.name, step?.limitMs]).toEqual([name, limitMs]);
});
