import { chmod, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFileStore, createMemoryStore, type BadDocument } from "./index.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-store-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe.each([
  ["files", () => createFileStore({ directory: join(directory, "sessions") })],
  ["memory", () => createMemoryStore()],
])("document store in %s", (_name, create) => {
  it("gives back what was put, lists it and forgets what was deleted", async () => {
    const store = create();
    expect(await store.list()).toEqual([]);
    expect(await store.get("web1")).toBeUndefined();
    await store.put("web1", { a: [1, "ü"] });
    await store.put("db-2.local", { b: null });
    expect(await store.get("web1")).toEqual({ a: [1, "ü"] });
    expect(await store.list()).toEqual(["db-2.local", "web1"]);
    await store.delete("web1");
    await store.delete("web1");
    expect(await store.list()).toEqual(["db-2.local"]);
  });

  it.each(["", ".", "..", "../x", "a/b", ".hidden", "a\u0000b", "a\nb", "x".repeat(121)])(
    "refuses the name %j",
    async (name) => {
      const store = create();
      await expect(store.put(name, {})).rejects.toMatchObject({ code: "bad_input" });
      await expect(store.get(name)).rejects.toMatchObject({ code: "bad_input" });
      await expect(store.delete(name)).rejects.toMatchObject({ code: "bad_input" });
    },
  );

  it("refuses a document over 1 MiB", async () => {
    await expect(create().put("big", "x".repeat(1_048_576))).rejects.toMatchObject({ code: "too_large" });
  });
});

describe("document store in files", () => {
  it("keeps files 0600 in a directory 0700 and leaves no temporary file", async () => {
    const place = join(directory, "state", "sessions");
    const store = createFileStore({ directory: place });
    await store.put("web1", { n: 1 });
    await store.put("web1", { n: 2 });
    expect((await stat(place)).mode & 0o777).toBe(0o700);
    expect((await stat(join(place, "web1.json"))).mode & 0o777).toBe(0o600);
    expect(await readdir(place)).toEqual(["web1.json"]);
  });

  it("ignores and reports a file that is no document", async () => {
    const bad: BadDocument[] = [];
    const store = createFileStore({ directory, onBad: (one) => bad.push(one) });
    await writeFile(join(directory, "torn.json"), '{"a":');
    await symlink("/etc/passwd", join(directory, "link.json"));
    expect(await store.get("torn")).toBeUndefined();
    expect(await store.get("link")).toBeUndefined();
    expect(bad.map((one) => one.name)).toEqual(["torn", "link"]);
  });

  it("never shows half a document to a reader while others write", async () => {
    const one = createFileStore({ directory });
    const two = createFileStore({ directory });
    const text = "x".repeat(50_000);
    await one.put("doc", { n: 0, text });
    const writes = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : two).put("doc", { n, text }));
    const reads = Array.from({ length: 20 }, () => one.get("doc"));
    for (const document of await Promise.all(reads)) expect(document).toMatchObject({ text });
    await Promise.all(writes);
  });

  it("leaves the old document and no temporary file when a write fails", async () => {
    const store = createFileStore({ directory });
    await store.put("doc", { n: 1 });
    await rm(join(directory, "doc.json"));
    await symlink("missing-target", join(directory, "doc.json"));
    await store.put("doc", { n: 2 });
    expect(await store.get("doc")).toEqual({ n: 2 });
    await chmod(directory, 0o700);
    expect((await readdir(directory)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
