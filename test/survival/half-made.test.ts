import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { randomHex } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";

const cleanup = new Cleanup();

afterEach(() => cleanup.run());

/** Makes the record of the session what it was before its host had answered: whoever wrote it died then. */
function forgetTheAnswer(place: PrivatePlace, session: string): void {
  const state = join(place.root, "state");
  const file = readdirSync(state, { recursive: true })
    .map((name) => join(state, String(name)))
    .find((path) => path.endsWith(".json") && readFileSync(path, "utf8").includes(`"${session}"`));
  if (file === undefined) throw new Error("the session has no record");
  const record: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (typeof record !== "object" || record === null) throw new Error("the record is none");
  writeFileSync(file, JSON.stringify({ ...record, reserved: 1, closed: true, begun: true }));
}

test("a server that died while it made a session leaves no second one: the next makes the same", async () => {
  const server = await startOpenSsh({ alias: `box${randomHex(4)}` });
  cleanup.add(() => server.stop());
  const place = await createPrivatePlace(server.sshConfigFile);
  cleanup.add(() => place.remove());
  const first = await Holdfast.start(place);
  cleanup.add(() => first.stop());
  const began = await first.run(server.alias, "hf_k=kept; echo one", { key: "once" });
  expect(began).toMatchObject({ state: "exit 0", stdout: "one\n" });
  await first.kill();
  forgetTheAnswer(place, server.alias);

  const second = await Holdfast.start(place);
  cleanup.add(() => second.stop());
  cleanup.add(() => second.closeSession(server.alias));
  const again = await second.run(server.alias, "hf_k=kept; echo one", { key: "once" });
  expect(again).toMatchObject({ state: "exit 0", stdout: "one\n", id: began.id });
  expect(again.notes).toContain("attached by key");
  expect(await second.run(server.alias, 'echo "$hf_k"')).toMatchObject({ stdout: "kept\n" });
});
