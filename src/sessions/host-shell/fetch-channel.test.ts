import { expect, it, vi } from "vitest";
import type { ChannelListener, SshChannel, SshConnection } from "../../ssh/index.ts";
import { FetchChannel } from "./fetch-channel.ts";

/** A host whose shell, asked for a range, answers with what `answer` makes of its nonce. */
function hostile(answer: (nonce: string) => readonly Buffer[], seen: ChannelListener[] = []): SshConnection {
  const refuse = (): Promise<never> => Promise.reject(new Error("not here"));
  const exec = async (
    _command: string,
    listener: ChannelListener,
    options?: { readonly input?: string | Uint8Array },
  ): Promise<SshChannel> => {
    const nonce = /N='?(?<nonce>[0-9a-f]{24})/.exec(String(options?.input))?.groups?.["nonce"] ?? "";
    seen.push(listener);
    let open = true;
    return {
      write: () => {
        for (const bytes of answer(nonce)) if (open) listener.onStdout(bytes);
        return true;
      },
      drained: () => Promise.resolve(),
      eof: () => undefined,
      signal: () => undefined,
      resize: () => undefined,
      pause: () => undefined,
      resume: () => undefined,
      close: () => {
        open = false;
      },
    };
  };
  return {
    serverIdentification: "SSH-2.0-hostile",
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
}

it.each<[string, (nonce: string) => readonly Buffer[]]>([
  ["greets without end", () => Array.from({ length: 40 }, () => Buffer.alloc(64 * 1024, "x"))],
  ["promises more than was asked for", (nonce) => [Buffer.from(`\u001E${nonce} 999999999999\n`)]],
  ["promises no number", (nonce) => [Buffer.from(`\u001E${nonce} many\n`)]],
])("keeps nothing of a host that %s", async (_what, answer) => {
  const channel = new FetchChannel(
    () => Promise.resolve(hostile(answer)),
    () => "/tmp/session",
  );
  await expect(channel.read("O.1", 0, 1_000)).rejects.toMatchObject({ code: "output_gone" });
  channel.close();
});

it("takes what is between greeting and end", async () => {
  const connection = hostile((nonce) => [Buffer.from(`welcome\n\u001E${nonce} 5\nab`), Buffer.from("cde")]);
  const channel = new FetchChannel(
    () => Promise.resolve(connection),
    () => "/tmp/session",
  );
  expect((await channel.read("O.1", 0, 1_000))?.toString()).toBe("abcde");
  channel.close();
});

it("does not take the late end of a channel that it has closed for the end of the next one", async () => {
  const seen: ChannelListener[] = [];
  let nonce = "";
  let asked = 0;
  const connection = hostile((told) => {
    nonce = told;
    asked += 1;
    return asked === 1 ? [Buffer.from(`\u001E${nonce} 1\na`)] : [];
  }, seen);
  const channel = new FetchChannel(
    () => Promise.resolve(connection),
    () => "/tmp/session",
  );
  await channel.read("O.1", 0, 1_000);
  // As it does when nobody has used it for long.
  channel.close();
  const next = channel.read("O.1", 1, 1_000);
  await vi.waitFor(() => expect(asked).toBe(2));
  seen[0]?.onEnd({ kind: "exit", status: 0 });
  seen[1]?.onStdout(Buffer.from(`\u001E${nonce} 1\nb`));
  expect((await next)?.toString()).toBe("b");
  // Nothing was asked twice: a second answer would be taken for that to the next question.
  expect({ asked, channels: seen.length }).toEqual({ asked: 2, channels: 2 });
  channel.close();
});
