import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionView, WrittenFile } from "../../src/sessions/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook } from "../helpers/open-book.ts";
import { canMakeUsers, createLoginUser, startOpenSsh, type LoginUser } from "../helpers/servers/index.ts";

describe.runIf(canMakeUsers)("writing where it cannot be done", () => {
  const cleanup = new Cleanup();
  let user: LoginUser;
  let session: SessionView;
  beforeAll(async () => {
    user = await createLoginUser();
    cleanup.add(() => {
      user.remove();
    });
    const server = await startOpenSsh({ loginUser: user });
    cleanup.add(() => server.stop());
    const place = await openBook(server.sshConfigFile);
    cleanup.add(() => place.remove());
    session = await place.book.open({ target: server.alias });
    cleanup.add(() => place.book.close(session.name));
  });
  afterAll(() => cleanup.run());

  const write = (path: string, content: string, sudo?: string): Promise<WrittenFile> =>
    session.files.write({ path, content: Buffer.from(content), mode: "replace", sudo });

  it("keeps a file's owner or writes nothing; root by sudo may", async () => {
    const file = join(user.home, "of-root");
    writeFileSync(file, "old", { mode: 0o640 });
    await expect(write(file, "new")).rejects.toMatchObject({
      code: "file_denied",
      message: expect.stringMatching(/root:root/),
    });
    await expect(write(file, "new", "root")).rejects.toMatchObject({
      code: "file_denied",
      message: expect.stringMatching(/sudo/),
    });
    expect(readFileSync(file, "utf8")).toBe("old");
    const rule = `/etc/sudoers.d/${user.name}`;
    writeFileSync(rule, `${user.name} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
    try {
      expect(await write(file, "new", "root")).toMatchObject({ facts: { user: "root" }, notes: [] });
    } finally {
      rmSync(rule);
    }
    expect([readFileSync(file, "utf8"), statSync(file).uid, statSync(file).mode & 0o777]).toEqual(["new", 0, 0o640]);
  });

  it("leaves the old file and nothing else on a full disk", async () => {
    const disk = join(user.home, "disk");
    mkdirSync(disk);
    const options = `size=64k,mode=777,uid=${user.uid}`;
    if (spawnSync("mount", ["-t", "tmpfs", "-o", options, "small", disk]).status !== 0) return;
    try {
      await write(join(disk, "f"), "old");
      await expect(write(join(disk, "f"), "x".repeat(200_000))).rejects.toMatchObject({
        message: expect.stringMatching(/disk is full/),
      });
      expect([readdirSync(disk), readFileSync(join(disk, "f"), "utf8")]).toEqual([["f"], "old"]);
    } finally {
      spawnSync("umount", ["-l", disk]);
    }
  });
});
