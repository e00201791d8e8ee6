import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { collect, runToEnd } from "../../src/ssh/channel-outcome.conformance.ts";
import {
  createEngine,
  createOpenSshEngine,
  createSsh2Engine,
  type ConnectPlan,
  type PersonQuestions,
} from "../../src/ssh/index.ts";
import {
  canMakeUsers,
  createLoginUser,
  startOpenSsh,
  waitUntil,
  type LoginUser,
  type TestServer,
} from "../helpers/servers/index.ts";
import { planFor } from "./plan.ts";

const engine = createOpenSshEngine();

/** Masters that were started by process `parent`, and what they may be seen by. */
function mastersOf(parent: number): readonly { readonly pid: number; readonly visible: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [state, owner] = readFileSync(`/proc/${name}/stat`, "utf8")
          .replace(/^.*\) /s, "")
          .split(" ");
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8");
        if (state === "Z" || !/holdfast-ssh-/.test(command) || (owner !== String(parent) && parent !== 0)) return [];
        return [{ pid: Number(name), visible: command + readFileSync(`/proc/${name}/environ`, "utf8") }];
      } catch {
        return [];
      }
    });
}

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
}

function directoriesOf(pid: number): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`holdfast-ssh-${pid}-`));
}

describe("connections through the system's ssh", () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startOpenSsh();
  });
  afterAll(() => server.stop());

  it("leave no file while they live, and no process when they are closed", async () => {
    const connection = await engine.connect(planFor(server));
    expect(mastersOf(process.pid)).toHaveLength(1);
    expect(directoriesOf(process.pid)).toEqual([]);
    expect(await connection.alive(20_000)).toBe(true);
    expect(connection.freeChannels).toBeGreaterThan(0);
    await connection.close();
    expect(mastersOf(process.pid)).toEqual([]);
  });

  it("leave nothing behind when the login fails or is given up", async () => {
    const changed = { user: "nobody-of-that-name" };
    await expect(engine.connect(planFor(server, changed))).rejects.toMatchObject({ code: "auth_failed" });
    const gone = new AbortController();
    const failed = expect(engine.connect(planFor(server), gone.signal)).rejects.toMatchObject({ code: "cancelled" });
    gone.abort();
    await failed;
    expect(mastersOf(process.pid)).toEqual([]);
    expect(directoriesOf(process.pid)).toEqual([]);
  });

  it("end when the master is killed: lost, with nothing left", async () => {
    const connection = await engine.connect(planFor(server));
    const { listener, outcome, size } = collect();
    await connection.exec("echo up; sleep 30", listener);
    await waitUntil("the command runs", () => size() > 0);
    const [master] = mastersOf(process.pid);
    process.kill(master?.pid ?? 0, "SIGKILL");
    expect((await outcome).end).toEqual({ kind: "lost" });
    expect(connection.closed).toBe(true);
    await connection.close();
  });

  it("end with the process that made them, even when that is killed", async () => {
    const holder = spawn(process.execPath, ["scripts/run.mjs", "test/ssh/hold-connection.ts"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    holder.stdin.end(JSON.stringify(planFor(server)));
    const owner = await new Promise<number>((resolve) => {
      holder.stdout.once("data", (bytes: Buffer) => resolve(Number(bytes.toString())));
    });
    const [master] = mastersOf(owner);
    expect(master).toBeDefined();
    process.kill(owner, "SIGKILL");
    await waitUntil("ssh has ended", () => !isRunning(master?.pid ?? 0));
    expect(directoriesOf(owner)).toEqual([]);
    holder.kill("SIGKILL");
  });

  it("listen on the host, also at a path; and say no where the server does", async () => {
    const connection = await engine.connect(planFor(server));
    const path = join(server.directory, "listening");
    const offered: string[] = [];
    const forward = await connection.forwardIn({ path }, (offer) => {
      offered.push(offer.from);
      offer.accept().end("from here");
    });
    const stream = await connection.forwardOut({ path });
    stream.end();
    let text = "";
    stream.on("data", (bytes: Buffer) => {
      text += bytes.toString();
    });
    await waitUntil("the stream has ended", () => stream.readableEnded);
    expect([text, offered, connection.idle]).toEqual(["from here", [""], false]);
    expect(await forward.close()).toBe(true);
    await expect(connection.forwardIn({ host: "127.0.0.1", port: server.port }, () => undefined)).rejects.toMatchObject(
      { code: "forward_refused" },
    );
    const open = await connection.forwardIn({ host: "127.0.0.1", port: 0 }, () => undefined);
    expect(open.port).toBeGreaterThan(0);
    await connection.close();
    expect(directoriesOf(process.pid)).toEqual([]);
  });

  it("go over a stream that is given, and through a ProxyCommand", async () => {
    const bastion = await createSsh2Engine().connect(planFor(server));
    const connection = await engine.connect(
      planFor(server, { host: "inner.invalid", hostKeyAlias: `[127.0.0.1]:${server.port}` }),
      undefined,
      undefined,
      () => bastion.forwardOut({ host: server.host, port: server.port }),
    );
    expect((await runToEnd(connection, "exit 4")).end).toEqual({ kind: "exit", status: 4 });
    await connection.close();
    await bastion.close();
    const command = `${process.execPath} -e "const s = require('net').connect(${server.port}, '127.0.0.1'); process.stdin.pipe(s).pipe(process.stdout)"`;
    const proxied = await engine.connect(planFor(server, { proxyCommand: command }));
    expect((await runToEnd(proxied, "exit 5")).end).toEqual({ kind: "exit", status: 5 });
    await proxied.close();
  });
});

describe.runIf(canMakeUsers)("a login through the system's ssh", () => {
  let user: LoginUser;
  let server: TestServer;

  beforeAll(async () => {
    user = await createLoginUser();
    server = await startOpenSsh({ loginUser: user });
  });
  afterAll(async () => {
    await server.stop();
    user.remove();
  });

  const plan = (changes: Partial<ConnectPlan>): ConnectPlan => planFor(server, { identityFiles: [], ...changes });

  it("with a password, which nobody can see", async () => {
    process.env["OVRD_BOX_PASS"] = user.password;
    const seen: string[] = [];
    const people: PersonQuestions = {
      confirmHostKey: async () => "nobody",
      answerPrompts: async () => {
        seen.push(...mastersOf(0).map(({ visible }) => visible));
        for (const name of directoriesOf(process.pid)) {
          for (const file of readdirSync(join(tmpdir(), name))) {
            if (/config|known_hosts|askpass/.test(file)) seen.push(readFileSync(join(tmpdir(), name, file), "utf8"));
          }
        }
        return [user.password];
      },
    };
    try {
      const connection = await createOpenSshEngine({ people }).connect(plan({}));
      expect((await runToEnd(connection, "exit 3")).end).toEqual({ kind: "exit", status: 3 });
      await connection.close();
    } finally {
      delete process.env["OVRD_BOX_PASS"];
    }
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.join("\n")).not.toContain(user.password);
  });

  it("sends a wrong password once", async () => {
    const before = server.log().match(/Failed password/g)?.length ?? 0;
    await expect(engine.connect(plan({ password: "wrong" }))).rejects.toMatchObject({
      code: "auth_failed",
      message: expect.stringMatching(/Tried: password; the server takes publickey, ?password/),
    });
    expect(server.log().match(/Failed password/g)).toHaveLength(before + 1);
  });
});

describe("which engine is taken", () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startOpenSsh({ config: ["KexAlgorithms sntrup761x25519-sha512@openssh.com"] });
  });
  afterAll(() => server.stop());

  it("our own, and the system's ssh where only that knows a key exchange", async () => {
    const auto = createEngine();
    for (const round of [1, 2]) {
      const connection = await auto.connect(planFor(server, { engine: "auto" }));
      expect((await runToEnd(connection, `exit ${round}`)).end).toEqual({ kind: "exit", status: round });
      await connection.close();
    }
    // The first time both tried, from then on only the one that can.
    const refusals = (): number => server.log().match(/Unable to negotiate/g)?.length ?? 0;
    await eventually("the server's word", 20_000, () => (refusals() > 0 ? true : undefined));
    expect(refusals()).toBe(1);
    await expect(auto.connect(planFor(server, { engine: "ssh2" }))).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("key exchange"),
    });
  });

  it("none tries a host whose key is not known", async () => {
    const file = join(server.directory, "nothing-known");
    writeFileSync(file, "");
    const failed = createEngine().connect(planFor(server, { knownHostsFiles: [file], unknownHostKey: "strict" }));
    await expect(failed).rejects.toMatchObject({ code: "host_key_unknown" });
  });

  it("the one that is named", async () => {
    const connection = await createEngine().connect(planFor(server, { engine: "openssh" }));
    expect(mastersOf(process.pid)).toHaveLength(1);
    await connection.close();
  });
});
