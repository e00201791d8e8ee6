import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { monotonicMs } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { listenHere } from "../helpers/listen-here.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import {
  canMakeUsers,
  createLoginUser,
  makeKeyPair,
  makeTempDir,
  startOpenSsh,
  type ServerOptions,
  type TestServer,
} from "../helpers/servers/index.ts";
import { wrongError } from "./one-line-error.ts";

/** Prompt, on a slow machine; sshd itself delays its refusal of a password by up to two seconds. */
const promptMs = 8_000;

const cleanup = new Cleanup();

afterEach(() => cleanup.run());

async function withServer(
  options: ServerOptions = {},
): Promise<{ readonly sshd: TestServer; readonly holdfast: Holdfast }> {
  const sshd = await startOpenSsh(options);
  cleanup.add(() => sshd.stop());
  return { sshd, holdfast: await holdfastWith(sshd.sshConfigFile) };
}

async function holdfastWith(sshConfigFile: string): Promise<Holdfast> {
  const place = await createPrivatePlace(sshConfigFile);
  cleanup.add(() => place.remove());
  const holdfast = await Holdfast.start(place);
  cleanup.add(() => holdfast.stop());
  return holdfast;
}

function directory(): string {
  const made = makeTempDir();
  cleanup.add(() => {
    made.remove();
  });
  return made.path;
}

/** Lines of sshd's log that match. */
function logged(sshd: TestServer, expression: RegExp): readonly string[] {
  return sshd
    .log()
    .split("\n")
    .filter((line) => expression.test(line));
}

describe("refused logins", () => {
  test("a key that is not accepted: one connection, one attempt", async () => {
    const { sshd, holdfast } = await withServer();
    const stranger = makeKeyPair(join(directory(), "stranger"));
    const config = join(sshd.directory, "stranger_config");
    await writeFile(
      config,
      `Host box\n  HostName 127.0.0.1\n  Port ${String(sshd.port)}\n  User ${sshd.user}\n  UserKnownHostsFile ${sshd.knownHostsFile}\n  IdentityFile ${stranger.file}\n  IdentitiesOnly yes\n`,
    );
    const other = await holdfastWith(config);
    const startedAt = monotonicMs();
    const reply = await other.run("box", "true");
    expect(monotonicMs() - startedAt).toBeLessThan(promptMs);
    expect(wrongError(reply, { codes: ["auth_failed"], mentions: ["box", "publickey"] })).toBeUndefined();
    expect(logged(sshd, /Failed publickey/)).toHaveLength(1);
    expect(logged(sshd, /^(?:debug1: )?Connection from/)).toHaveLength(1);
    expect((await holdfast.run("box", "echo right key")).stdout).toBe("right key\n");
    await holdfast.closeSession("box");
  });

  test.runIf(canMakeUsers)("a wrong password: one attempt, and the password is nowhere in the reply", async () => {
    const loginUser = await createLoginUser();
    cleanup.add(() => {
      loginUser.remove();
    });
    const { sshd, holdfast } = await withServer({ loginUser, config: ["AuthenticationMethods password"] });
    const reply = await holdfast.call("ssh_open", { target: "box", password: "wrong-4711" });
    expect(
      wrongError(reply, { codes: ["auth_failed"], mentions: ["password"], never: ["wrong-4711"] }),
    ).toBeUndefined();
    expect(logged(sshd, /Failed password/)).toHaveLength(1);
    expect(holdfast.diagnostics).not.toContain("wrong-4711");
    const right = await holdfast.call("ssh_open", { target: "box", password: loginUser.password });
    expect(right.state).toBe("open");
    expect(right.text).not.toContain(loginUser.password);
    await holdfast.closeSession("box");
  });

  test("a key with a wrong passphrase, and with none", async () => {
    const { sshd, holdfast } = await withServer();
    const locked = makeKeyPair(join(directory(), "locked"), { passphrase: "right-4711" });
    const wrong = await holdfast.call("ssh_open", { target: "box", key_file: locked.file, passphrase: "wrong-4711" });
    expect(
      wrongError(wrong, { codes: ["key_unreadable"], mentions: [locked.file, /passphrase/], never: ["wrong-4711"] }),
    ).toBeUndefined();
    expect(logged(sshd, /Failed/)).toHaveLength(0);
    const none = await holdfast.call("ssh_open", { target: "box", key_file: locked.file });
    // Not a key that this server takes: nobody needs to give its passphrase.
    expect(wrongError(none, { codes: ["auth_failed"], mentions: [locked.file, /passphrase/] })).toBeUndefined();
  });

  test("an unknown host key", async () => {
    const { sshd } = await withServer();
    const config = join(sshd.directory, "no_known_hosts");
    await writeFile(
      config,
      `Host box\n  HostName 127.0.0.1\n  Port ${String(sshd.port)}\n  User ${sshd.user}\n  UserKnownHostsFile ${join(sshd.directory, "none")}\n  GlobalKnownHostsFile none\n  IdentityFile ${sshd.keyFile}\n  IdentitiesOnly yes\n`,
    );
    const holdfast = await holdfastWith(config);
    const reply = await holdfast.run("box", "true");
    expect(
      wrongError(reply, { codes: ["host_key_unknown"], mentions: ["SHA256:", "holdfast trust box"] }),
    ).toBeUndefined();
    expect(logged(sshd, /Accepted/)).toHaveLength(0);
  });

  test.each([
    ["is no SSH server", "HTTP/1.1 400 Bad Request\r\n\r\n", ["dial_failed", "timed_out"] as const],
    ["says nothing", "", ["dial_failed", "timed_out"] as const],
  ])("a server that %s", async (_name, greeting, codes) => {
    const port = await listenHere(cleanup, (socket) => socket.write(greeting));
    const holdfast = await holdfastWith("/dev/null");
    const startedAt = monotonicMs();
    const reply = await holdfast.call("ssh_open", { target: `root@127.0.0.1:${String(port)}`, connect_timeout_s: 2 });
    expect(wrongError(reply, { codes, mentions: [String(port)] })).toBeUndefined();
    expect(monotonicMs() - startedAt).toBeLessThan(promptMs);
  });
});

describe("a malformed ssh_config", () => {
  test.each([
    ["an unknown keyword", "Hots box\n  Port 22\n", 1],
    ["a port that is none", "Host box\n  Port abc\n", 2],
    ["a missing value", "Host box\n  HostName\n", 2],
  ])("%s", async (_name, text, line) => {
    const config = join(directory(), "ssh_config");
    await writeFile(config, text);
    const holdfast = await holdfastWith(config);
    const startedAt = monotonicMs();
    const reply = await holdfast.run("box", "true");
    expect(
      wrongError(reply, { codes: ["config_invalid"], mentions: [config, new RegExp(`\\b${String(line)}\\b`)] }),
    ).toBeUndefined();
    expect(monotonicMs() - startedAt).toBeLessThan(promptMs);
    expect((await holdfast.call("ssh_list", {})).isError).toBe(false);
  });
});
