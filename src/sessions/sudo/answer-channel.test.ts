import { expect, it } from "vitest";
import type { ChannelListener, SshChannel, SshConnection } from "../../ssh/index.ts";
import { AnswerChannel } from "./answer-channel.ts";

/** A host that answers each request with what `answer` says, and tells what was written to each of its channels. */
function host(answer: (request: string, end: () => void) => readonly string[]): {
  readonly connection: SshConnection;
  readonly written: readonly string[][];
} {
  const refuse = (): Promise<never> => Promise.reject(new Error("not here"));
  const written: string[][] = [];
  const exec = async (
    _command: string,
    listener: ChannelListener,
    options?: { readonly input?: string | Uint8Array },
  ): Promise<SshChannel> => {
    const nonce = /N='?(?<nonce>[0-9a-f]{24})/.exec(String(options?.input))?.groups?.["nonce"] ?? "";
    const mine: string[] = [];
    written.push(mine);
    const end = (): void => listener.onEnd({ kind: "exit", status: 0 });
    return {
      write: (text) => {
        mine.push(String(text));
        for (const line of answer(String(text), end)) listener.onStdout(Buffer.from(`\u001E${nonce} ${line}\n`));
        return true;
      },
      drained: () => Promise.resolve(),
      eof: () => undefined,
      signal: () => undefined,
      resize: () => undefined,
      pause: () => undefined,
      resume: () => undefined,
      close: () => undefined,
    };
  };
  const connection: SshConnection = {
    serverIdentification: "SSH-2.0-host",
    hostKey: "SHA256:none",
    closed: false,
    freeChannels: 1,
    carriesX11: false,
    channelLimit: 1,
    idle: false,
    exec,
    shell: refuse,
    sftp: refuse,
    forwardOut: refuse,
    forwardIn: refuse,
    alive: () => Promise.resolve(true),
    onClosed: () => undefined,
    close: () => Promise.resolve(),
  };
  return { connection, written };
}

it("gives a secret to the channel that has said who reads it, and to no other", async () => {
  let endNow: () => void = () => undefined;
  const { connection, written } = host((request, end) => {
    endNow = end;
    return request.startsWith("give ") ? ["reads 1 2 cat pipe:[3]", "open", "end"] : ["end"];
  });
  const channel = new AnswerChannel(
    () => Promise.resolve(connection),
    () => "/tmp/session",
  );
  await channel.give(7, "pipe:[3]", (lines) => (lines.includes("open") ? "first" : undefined));
  expect(written).toEqual([["give 7 pipe:[3]\n", "6\nfirst\n"]]);
  const lost = channel.give(7, "pipe:[3]", () => {
    endNow();
    return "second";
  });
  await expect(lost).rejects.toMatchObject({ code: "connection_lost" });
  expect(written.flat().join("")).not.toContain("second");
  expect(await channel.look(8)).toEqual([]);
  expect(written.map((one) => one.length)).toEqual([3, 1]);
  channel.close();
});
