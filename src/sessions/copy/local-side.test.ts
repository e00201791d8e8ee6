import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toBytePath } from "./copy-side.ts";
import { LocalSide } from "./local-side.ts";

/** Each leads, or seems to lead, out of the root in which `in` is a directory and `out` a link to what is not to be reached. */
const escapes = [
  ..."../secret|../../secret|./../secret|in/../../secret|in/../../|..|../|../.|.././secret|in/../../secret/".split("|"),
  ..."out|out/|out/secret|out/.|out/./secret|in/out|in/out/secret|in/../out/secret|./out/secret|in/./out/secret".split(
    "|",
  ),
  ..."/etc/passwd|//etc/passwd|/etc/../etc/passwd|/|/.|/..|/proc/self/root/etc/passwd|/proc/self/cwd/../|/proc/1/root".split(
    "|",
  ),
  ..."/dev/null|/etc|/etc/|~|~/|~/.ssh/id_ed25519|~/../etc/passwd|out/new|out/new/deep|in/out/new|chain|chain/secret".split(
    "|",
  ),
  ..."file-link|in/file-link|up|up/secret|up/secret/x|ROOT-beside|ROOT-beside/secret|ROOT/../secret|ROOT/out/secret".split(
    "|",
  ),
];

describe("this machine as a side of a copy", () => {
  let base = "";
  let root = "";
  let side: LocalSide;
  beforeEach(() => {
    base = realpathSync(mkdtempSync(join(tmpdir(), "hf-side-")));
    root = join(base, "root");
    for (const name of ["root/in", "elsewhere", "root-beside"]) mkdirSync(join(base, name), { recursive: true });
    for (const name of ["secret", "elsewhere/secret", "root-beside/secret"]) writeFileSync(join(base, name), "secret");
    symlinkSync(join(base, "elsewhere"), join(root, "out"));
    symlinkSync("../../elsewhere", join(root, "in/out"));
    symlinkSync("out", join(root, "chain"));
    symlinkSync("../secret", join(root, "file-link"));
    symlinkSync(join(base, "secret"), join(root, "in/file-link"));
    symlinkSync("..", join(root, "up"));
    side = new LocalSide({ directory: root, roots: [root] });
  });
  afterEach(async () => {
    await side.close();
    rmSync(base, { recursive: true });
  });

  it.each(escapes)("does not go to %s", async (path) => {
    await expect(side.resolve(path.replace("ROOT", root))).rejects.toMatchObject({ code: "denied_by_policy" });
  });

  it("follows links that stay inside, and takes names that only look like ways out", async () => {
    symlinkSync("in", join(root, "inside"));
    expect(await side.resolve("inside/new")).toBe(toBytePath(join(root, "in/new")));
    expect(await side.resolve("..hidden")).toBe(toBytePath(join(root, "..hidden")));
    expect(await side.resolve("．．/new")).toBe(toBytePath(join(root, "．．/new")));
  });

  it.runIf(process.platform === "linux")("is not led out by a directory that becomes a link later", async () => {
    const path = toBytePath(join(root, "in/new"));
    expect(await side.resolve("in/new")).toBe(path);
    renameSync(join(root, "in"), join(root, "was-in"));
    symlinkSync(join(base, "elsewhere"), join(root, "in"));
    await expect(side.stage(path, { mark: "m", fresh: true })).rejects.toMatchObject({ code: "file_failed" });
    await expect(side.makeDirectory(path, 0o700)).rejects.toMatchObject({ code: "file_failed" });
    await expect(side.open(toBytePath(join(root, "in/secret")))).rejects.toMatchObject({ code: "file_failed" });
    await expect(side.list(toBytePath(join(root, "in")))).rejects.toMatchObject({ code: "file_failed" });
    await expect(side.open(toBytePath(join(root, "file-link")))).rejects.toMatchObject({ code: "file_failed" });
  });
});
