import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { runToEnd, until } from "./channel-outcome.conformance.ts";
import type { SshConnection } from "./engine.ts";
import { readInOrder } from "./read-in-order.ts";
import type { SftpSession } from "./sftp-session.ts";
import { writeInOrder } from "./write-in-order.ts";

async function whole(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** What file transfer must do on every server that has it; `directory` is one that the user may write to. Closes the session. */
export async function transferFiles(sftp: SftpSession, directory: string): Promise<void> {
  const path = `${directory}/a file ü`;
  const bytes = randomBytes(600_001);
  const made = await sftp.open(path, "create", 0o600);
  await writeInOrder(made, bytes, 0, sftp);
  expect(await made.facts()).toMatchObject({ sizeBytes: 600_001 });
  expect(await made.sync()).toBe(true);
  await made.close();
  await made.close();
  await expect(sftp.open(path, "create")).rejects.toMatchObject({ code: "file_failed" });
  expect((await sftp.facts(path)).mode & 0o777).toBe(0o600);
  await sftp.change(path, { mode: 0o640 });
  expect((await sftp.facts(path)).mode & 0o777).toBe(0o640);
  const file = await sftp.open(path, "read");
  const read = async (from: number, lengthBytes: number): Promise<Buffer> =>
    whole(readInOrder(file, { from, lengthBytes }, sftp));
  expect((await read(0, 1_000_000)).equals(bytes)).toBe(true);
  expect((await read(1000, 500_000)).equals(bytes.subarray(1000, 501_000))).toBe(true);
  expect((await read(599_991, 100)).length).toBe(10);
  expect((await read(700_000, 100)).length).toBe(0);
  await file.close();
  await sftp.replace(path, `${path}2`);
  await sftp.makeDirectory(path, 0o700);
  await expect(sftp.removeDirectory(`${path}2`)).rejects.toMatchObject({ code: expect.stringMatching(/^file_/) });
  const { entries } = await sftp.list(directory, 1000);
  expect(entries.find(({ name }) => name === "a file ü")?.facts.mode).toBe(0o040_700);
  expect(await sftp.list(directory, 1)).toMatchObject({ entries: { length: 1 }, more: true });
  await sftp.removeDirectory(path);
  await sftp.remove(`${path}2`);
  await expect(sftp.facts(path)).rejects.toMatchObject({
    code: "file_missing",
    message: expect.stringMatching(/a file ü/),
  });
  expect(await sftp.realPath(`${directory}/.`)).toBe(await sftp.realPath(directory));
  sftp.close();
  await expect(sftp.facts(path)).rejects.toMatchObject({ code: "connection_lost" });
}

/** What becomes of file transfer channels that nobody uses: one is kept if nothing is left open on it, and all make way for commands. */
export async function keepUnusedChannels(connection: SshConnection, directory: string): Promise<void> {
  const before = { free: connection.freeChannels, idle: connection.idle };
  const left = await connection.sftp();
  await left.open(`${directory}/left open`, "update");
  left.close();
  (await connection.sftp()).close();
  // The one that had a file open is closed, and only the last is kept.
  await until(
    "their places are free",
    () => connection.freeChannels === Math.min(before.free, connection.channelLimit),
  );
  expect(connection.idle).toBe(before.idle);
  const again = await connection.sftp();
  await transferFiles(again, directory);
  const all = Array.from({ length: connection.channelLimit + 2 }, (_, index) =>
    runToEnd(connection, `sleep 0.05; exit ${index}`),
  );
  expect((await Promise.all(all)).map(({ end }) => end)).toEqual(all.map((_, status) => ({ kind: "exit", status })));
}
