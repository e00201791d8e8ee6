import ssh2 from "ssh2";
import { expect, it } from "vitest";
import { timeIsUp, withDeadline } from "../../src/base/index.ts";
import { createSsh2Engine } from "../../src/ssh/index.ts";
import { startSsh2Server } from "./ssh2-server.ts";

/** A server whose listings are answered with one list of names after the other; of `endless` ones the last comes again and again. */
function startListing(answers: readonly (readonly string[])[], endless: boolean) {
  return startSsh2Server({
    session: (session) => {
      session.on("sftp", (accept) => {
        const sftp = accept();
        const attrs = { mode: 0o100644, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 };
        sftp.on("OPENDIR", (id) => sftp.handle(id, Buffer.from("d")));
        sftp.on("CLOSE", (id) => sftp.status(id, ssh2.utils.sftp.STATUS_CODE.OK));
        sftp.on("REALPATH", (id) => sftp.name(id, [{ filename: "/", longname: "/", attrs }]));
        let next = 0;
        sftp.on("READDIR", (id) => {
          const names = answers[next] ?? (endless ? answers.at(-1) : undefined);
          next += 1;
          if (names === undefined) {
            sftp.status(id, ssh2.utils.sftp.STATUS_CODE.EOF);
            return;
          }
          const entries = names.map((filename) => ({ filename, longname: filename, attrs }));
          sftp.name(id, entries);
        });
      });
    },
  });
}

async function listed(answers: readonly (readonly string[])[], endless: boolean) {
  const server = await startListing(answers, endless);
  const connection = await createSsh2Engine().connect(server.plan);
  try {
    const sftp = await connection.sftp();
    const found = await withDeadline(sftp.list("/", 50), 30_000);
    if (found === timeIsUp) throw new Error("it goes on");
    return { names: found.entries.map(({ name }) => name), more: found.more };
  } finally {
    await connection.close();
    server.stop();
  }
}

it("ends a listing in which a server names nothing but the directory itself for ever", async () => {
  expect(await listed([[".", ".."]], true)).toEqual({ names: [], more: false });
});

it("ends a listing that never ends", async () => {
  expect(await listed([["f"]], true)).toEqual({ names: Array.from({ length: 50 }, () => "f"), more: true });
});

it("lists what comes behind the directory itself and the one above, each in an answer of its own", async () => {
  expect(await listed([["."], [".."], ["f"], ["g"]], false)).toEqual({ names: ["f", "g"], more: false });
});
