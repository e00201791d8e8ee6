import { expect, test } from "vitest";
import { HoldfastError, delay } from "../../base/index.ts";
import type { ChannelListener, SshChannel, SshConnection } from "../../ssh/index.ts";
import { HostLink } from "./host-link.ts";

/** A connection whose host says hello, and one thing more, before the channel is in our hands. */
function quickHost(written: string[]): SshConnection {
  const channel: SshChannel = {
    write: (bytes) => written.push(bytes.toString()) > 0,
    drained: () => Promise.resolve(),
    eof: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    resize: () => undefined,
    signal: () => undefined,
    close: () => undefined,
  };
  const refuse = (): Promise<never> => Promise.reject(new HoldfastError("unsupported", "this host does nothing else"));
  const exec: SshConnection["exec"] = async (_command: string, listener: ChannelListener, options) => {
    const nonce = /N='?([0-9a-f]{24})/.exec(options?.input ?? "")?.[1] ?? "";
    const lines = ["hello 5 6 5 5 used - - - /var/tmp/x", "ep 6"].map((line) => `\u001E${nonce} ${line}\n`);
    listener.onStdout(Buffer.from(lines.join("")));
    await delay(10);
    return channel;
  };
  return {
    serverIdentification: "SSH-2.0-test",
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

test("what the host tells right behind its hello can be answered at once", async () => {
  const written: string[] = [];
  const link: HostLink = new HostLink(
    {
      id: "0123456789abcdef",
      base: "",
      connect: () => Promise.resolve(quickHost(written)),
      position: () => undefined,
      given: () => [],
      waitedFor: () => false,
      busy: () => false,
    },
    {
      onAttached: () => undefined,
      onLost: () => undefined,
      onBarrier: () => undefined,
      onBytes: () => undefined,
      onLine: ([verb]) => {
        if (verb === "ep") expect(link.send("F 6 0 0")).toBe(true);
      },
    },
  );
  await link.writer();
  link.close();
  expect(written).toEqual(["F 6 0 0\n"]);
});

test("attaches once at a time, however many wait for an attempt that fails", async () => {
  let underway = 0;
  let most = 0;
  let made = 0;
  const link = new HostLink(
    {
      id: "0123456789abcdef",
      base: "",
      connect: async () => {
        made += 1;
        underway += 1;
        most = Math.max(most, underway);
        await delay(10);
        underway -= 1;
        throw new HoldfastError("dial_failed", "nothing listens there");
      },
      position: () => undefined,
      given: () => [],
      waitedFor: () => false,
      busy: () => false,
    },
    {
      onAttached: () => undefined,
      onLost: () => undefined,
      onBarrier: () => undefined,
      onBytes: () => undefined,
      onLine: () => undefined,
    },
  );
  const attempts = await Promise.allSettled([1, 2, 3, 4].map(() => link.writer()));
  link.close();
  expect(attempts.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected", "rejected"]);
  expect({ made, most }).toEqual({ made: 2, most: 1 });
});
