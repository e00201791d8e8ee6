import { lstatSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ssh2 from "ssh2";
import { afterEach, beforeEach, expect, it } from "vitest";
import { copyOnce, findPaths } from "../../src/sessions/copy/copy-pass.ts";
import { CopyTally } from "../../src/sessions/copy/copy-tally.ts";
import { LocalSide } from "../../src/sessions/copy/local-side.ts";
import { SftpSide } from "../../src/sessions/copy/sftp-side.ts";
import { createSsh2Engine } from "../../src/ssh/index.ts";
import { makeTempDir } from "../helpers/servers/index.ts";
import { startSsh2Server } from "../ssh/ssh2-server.ts";

interface Told {
  readonly name: string;
  readonly mode: number;
}

const directory = 0o040_755;
const file = 0o100_644;
const link = 0o120_777;

/** What a host that means harm says: where its paths lead, and what lies in each of its directories. */
interface Lies {
  readonly realPath: (path: string) => string;
  readonly list: (path: string) => readonly Told[];
  readonly linkTarget: string;
}

/** An SFTP server that tells what it likes; all its files hold the same five bytes. */
function startLiar({ realPath, list, linkTarget }: Lies) {
  const attrs = (mode: number) => ({ mode, uid: 0, gid: 0, size: mode === file ? 5 : 0, atime: 0, mtime: 0 });
  return startSsh2Server({
    session: (session) => {
      session.on("sftp", (accept) => {
        const sftp = accept();
        const { OK, EOF } = ssh2.utils.sftp.STATUS_CODE;
        // Handles are short: those of one listing after the other.
        const paths: string[] = [];
        const listed = new Set<string>();
        const modeOf = (path: string): number => (/(?:data|sub|\.\.|\/)$/.test(path) ? directory : file);
        sftp.on("REALPATH", (id, path) =>
          sftp.name(id, [{ filename: realPath(path), longname: "", attrs: attrs(file) }]),
        );
        sftp.on("STAT", (id, path) => sftp.attrs(id, attrs(modeOf(path))));
        sftp.on("LSTAT", (id, path) => sftp.attrs(id, attrs(modeOf(path))));
        sftp.on("FSTAT", (id) => sftp.attrs(id, attrs(file)));
        sftp.on("OPENDIR", (id, path) => {
          sftp.handle(id, Buffer.from(String(paths.push(path) - 1)));
        });
        sftp.on("READDIR", (id, handle) => {
          const key = handle.toString();
          const path = paths[Number(key)] ?? "";
          if (listed.has(key)) sftp.status(id, EOF);
          else {
            sftp.name(
              id,
              list(path).map(({ name, mode }) => ({ filename: name, longname: name, attrs: attrs(mode) })),
            );
          }
          listed.add(key);
        });
        sftp.on("READLINK", (id) => sftp.name(id, [{ filename: linkTarget, longname: "", attrs: attrs(link) }]));
        sftp.on("OPEN", (id) => sftp.handle(id, Buffer.from("f")));
        sftp.on("READ", (id, _, offset) => (offset === 0 ? sftp.data(id, Buffer.from("stole")) : sftp.status(id, EOF)));
        sftp.on("CLOSE", (id) => sftp.status(id, OK));
      });
    },
  });
}

let base = "";
let root = "";
let temporary: ReturnType<typeof makeTempDir>;
beforeEach(() => {
  temporary = makeTempDir();
  base = temporary.path;
  root = join(base, "root");
  mkdirSync(join(root, "into"), { recursive: true });
  mkdirSync(join(base, "beside"));
  writeFileSync(join(base, "beside/kept"), "kept");
});
afterEach(() => temporary.remove());

/** Copies `/data` of the liar into the root; what was refused, and all that lies outside of the root afterwards. */
async function copyFrom(lies: Lies, to = "into/") {
  const server = await startLiar(lies);
  const connection = await createSsh2Engine().connect(server.plan);
  const target = new LocalSide({ directory: root, roots: [root] });
  const source = new SftpSide({ connection, sftp: await connection.sftp(), directory: "/" });
  const tally = new CopyTally();
  const request = {
    from: { on: "liar", path: "/data" },
    to: { on: undefined, path: to },
    local: { directory: root, roots: [root] },
    recursive: true,
    delete: true,
  };
  try {
    const { signal } = new AbortController();
    const context = { source, target, resume: true, xattrs: false, verify: false, tally, signal, mark: () => "mark" };
    await copyOnce(await findPaths(request, source, target), request, context);
    return tally;
  } finally {
    await target.close();
    await source.close();
    await connection.close();
    server.stop();
  }
}

function nothingOutside(): void {
  expect(readdirSync(base).toSorted()).toEqual(["beside", "root"]);
  expect(readdirSync(join(base, "beside"))).toEqual(["kept"]);
  expect(readFileSync(join(base, "beside/kept"), "utf8")).toBe("kept");
}

const plain = { realPath: (path: string) => (path === "." ? "/" : path), linkTarget: "/nowhere" };

it("names that lead elsewhere are not taken", async () => {
  const names = [
    "../out",
    "../../out",
    "..",
    ".",
    "",
    "/etc/out",
    "a/b",
    "into/../../out",
    "..\u0000",
    "x\u0000/../../out",
  ];
  const list = (path: string) =>
    path === "/data"
      ? [...names, "good"].flatMap((name) => [
          { name, mode: file },
          { name, mode: directory },
        ])
      : [];
  const tally = await copyFrom({ ...plain, list });
  expect(tally.failed).toBeGreaterThanOrEqual(names.length);
  nothingOutside();
  expect(readdirSync(join(root, "into/data"))).toEqual(["good"]);
});

it("a link and a directory of the same name do not lead out", async () => {
  for (const order of [0, 1, 2]) {
    const both = [
      { name: "sub", mode: link },
      { name: "sub", mode: directory },
    ];
    const list = (path: string) => {
      if (path !== "/data") {
        return [
          { name: "kept", mode: file },
          { name: "new", mode: file },
        ];
      }
      return order === 2 ? [...both, ...both] : order === 1 ? both.toReversed() : both;
    };
    await copyFrom({ ...plain, list, linkTarget: join(base, "beside") }, `into${order}/`);
    nothingOutside();
    expect(lstatSync(join(root, `into${order}`)).isDirectory()).toBe(true);
  }
});

it.each(["/x/..", "/..", "..", "/x/.", "/", "", "/x/../..", "/data/../../.."])(
  "a source that is said to be %j is not put above its place",
  async (told) => {
    const list = (path: string) => (path.endsWith("/new") ? [] : [{ name: "new", mode: file }]);
    await copyFrom({ ...plain, realPath: (path) => (path === "/data" ? told : path), list }).catch((error: unknown) => {
      expect(error).toMatchObject({ code: expect.stringMatching(/^(bad_input|denied_by_policy|file_\w+)$/) });
    });
    nothingOutside();
    expect(readdirSync(root)).toEqual(["into"]);
  },
);

it("a directory that lies in itself without end is left", async () => {
  const tally = await copyFrom({ ...plain, list: () => [{ name: "sub", mode: directory }] });
  expect(tally.failures.some(({ why }) => why.includes("too deep"))).toBe(true);
});
