import type { SftpFile, SftpSession } from "./sftp-session.ts";

/**
 * Writes all of `bytes` from `from` on, with many requests on the way at once; resolves when the host has confirmed every one of them. Rejects
 * with the first failure, when no request of this write is on its way any more.
 */
export async function writeInOrder(
  file: SftpFile,
  bytes: Uint8Array,
  from: number,
  pace: Pick<SftpSession, "chunkBytes" | "inFlight">,
): Promise<void> {
  const underway = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  for (let sent = 0; sent < bytes.length && failure === undefined; sent += pace.chunkBytes) {
    const chunk = bytes.subarray(sent, sent + pace.chunkBytes);
    const one: Promise<void> = file
      .write(from + sent, chunk)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => underway.delete(one));
    underway.add(one);
    if (underway.size >= pace.inFlight) await Promise.race(underway);
  }
  await Promise.all(underway);
  if (failure !== undefined) throw failure.error;
}
