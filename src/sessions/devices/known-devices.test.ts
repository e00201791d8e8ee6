import { expect, test } from "vitest";
import { createMemoryStore } from "../../store/index.ts";
import { KnownDevices } from "./known-devices.ts";

const shown = { hostKey: "SHA256:one", serverIdentification: "SSH-2.0-OpenSSH_8.0" };
const account = "admin@10.0.0.9:22";

test("a device is known by its key, whatever it is called, and forgotten with it", async () => {
  const store = createMemoryStore();
  const known = new KnownDevices(store);
  expect(await known.recall(account, shown)).toBeUndefined();
  await known.remember(account, shown, "arista_eos");
  expect(await known.recall(account, shown)).toBe("arista_eos");
  expect(await new KnownDevices(store).recall("admin@leaf1:22", shown)).toBe("arista_eos");
  const changed = { ...shown, hostKey: "SHA256:two" };
  expect(await known.recall(account, changed)).toBeUndefined();
  await known.remember(account, changed, "frr_vtysh");
  expect(await known.of("arista_eos")).toEqual([]);
  expect(await known.of("frr_vtysh")).toMatchObject([{ account, hostKey: "SHA256:two" }]);
  await known.forget(account, changed);
  expect(await known.recall(account, changed)).toBeUndefined();
});

test("another line of a console server, another login and another version are not taken for it", async () => {
  const known = new KnownDevices(createMemoryStore());
  await known.remember(account, shown, "cisco_ios");
  expect(await known.recall("admin@10.0.0.9:3001", shown)).toBeUndefined();
  expect(await known.recall("admin:port2@10.0.0.9:22", shown)).toBeUndefined();
  expect(await known.recall(account, { ...shown, serverIdentification: "SSH-2.0-OpenSSH_9.0" })).toBeUndefined();
});

test("what else is in the store is passed over", async () => {
  const store = createMemoryStore();
  await store.put("device-x", { kind: "device", account });
  await store.put("session", { platform: "cisco_ios" });
  const known = new KnownDevices(store);
  await known.remember(account, shown, "cisco_ios");
  expect(await known.of("cisco_ios")).toHaveLength(1);
});
