import { SSEClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startOpenSsh, waitUntil, type TestServer } from "../helpers/servers/index.ts";
import { eras, makePlace, type Place } from "../mcp/connect.ts";
import { ask, callBody, connectBy, connectHttp, serve, type HttpClient, type Served } from "./serve.ts";

let sshd: TestServer;
let place: Place;
let server: Served;

beforeAll(async () => {
  sshd = await startOpenSsh();
  place = await makePlace(sshd.sshConfigFile);
  server = await serve(place, ["--legacy-sse"]);
});
afterAll(async () => {
  await ask(server.url, { body: callBody("ssh_close", { all: true, force: true }) });
  expect(await server.stop()).toBe(0);
  await sshd.stop();
  await place.remove();
});

/** Streams of events of the transport that came before Streamable HTTP. */
const olderEra = ["2024-11-05 over /sse", "sse"] as const;

async function connect(era: (typeof eras)[number][1] | "sse"): Promise<HttpClient> {
  if (era !== "sse") return connectHttp(server.url, era);
  // oxlint-disable-next-line typescript/no-deprecated -- it is the transport under test
  return connectBy(new SSEClientTransport(new URL("/sse", server.url)), "legacy");
}

/** Waits until a command with this text runs; gives its id. */
async function running(text: string): Promise<string> {
  let id = "";
  await waitUntil(
    `${text} to run`,
    async () => {
      const list = await ask(server.url, { body: callBody("ssh_list", { what: "commands", state: "running" }) });
      id =
        list.body
          .split(String.raw`\n`)
          .find((line) => line.includes(text))
          ?.split(" ")[0] ?? "";
      return id !== "";
    },
    60_000,
  );
  return id;
}

describe.each([...eras, olderEra])("a client of %s over HTTP", (revision, era) => {
  const session = `s${revision.replaceAll(/\W/g, "")}`;
  let http: HttpClient;
  const run = (command: string, more: Record<string, unknown> = {}): ReturnType<HttpClient["call"]> =>
    http.call("ssh_run", { on: session, command, ...more });
  beforeAll(async () => {
    http = await connect(era);
    await http.call("ssh_open", { target: "box", name: session });
  });
  afterAll(async () => {
    await http.client.close();
  });

  it("runs commands on a real host, with state", async () => {
    const reply = await run("cd /tmp; echo out; echo err >&2; (exit 3)");
    expect(reply.text).toMatch(/^exit 3 · [^\n]*:\/tmp · [^\n]*\nout\n--- stderr\nerr\n$/);
    expect((await run("pwd")).text).toMatch(/\n\/tmp\n$/);
    expect((await http.client.listTools()).tools.map((tool) => tool.name)).toContain("ssh_run");
  });

  it("gives progress while it waits", async () => {
    const messages: string[] = [];
    await http.client.callTool(
      { name: "ssh_run", arguments: { on: session, command: "for i in 1 2 3; do echo line $i; sleep 0.8; done" } },
      { onprogress: (progress) => messages.push(progress.message ?? "") },
    );
    expect(messages.length).toBeGreaterThan(0);
    for (const message of messages) expect(message).toMatch(/^line \d$|^running · /);
  });

  it("answers other calls while one waits, each with its own reply", async () => {
    const slow = run("sleep 1.5; echo slow", { wait_s: 60 });
    await running("echo slow");
    const kinds = ["targets", "sessions", "commands"];
    const quick = await Promise.all(kinds.map((what) => http.call("ssh_list", { what })));
    for (const [index, reply] of quick.entries()) {
      expect(reply.text).toMatch(new RegExp(`^\\d+ ${kinds[index]?.slice(0, -1)}`));
    }
    expect((await slow).text).toContain("\nslow\n");
  });

  it("shares the session with a second client", async () => {
    const other = await connect(era);
    await run("hf_shared=between; cd /usr");
    expect((await other.call("ssh_run", { on: session, command: 'echo "$hf_shared $PWD"' })).text).toMatch(
      /\nbetween \/usr\n$/,
    );
    await other.client.close();
  });

  it("may go in the middle of a call: the command goes on", async () => {
    const leaving = await connect(era);
    const command = `sleep 2.5; echo ${session} finished`;
    const call = leaving.call("ssh_run", { on: session, command, wait_s: 600 }).then(
      () => "answered",
      () => "gone",
    );
    const id = await running(command);
    await leaving.client.close();
    expect(await call).toBe("gone");
    const reply = await http.call("ssh_read", { command: id, wait_s: 60 });
    expect(reply.text).toMatch(new RegExp(`^exit 0 .*\\n${session} finished\\n$`));
  });
});

/** Starts a call of an older client and cancels it when `ready` says so of its command; resolves with what ssh_read says in the end. */
async function cancelled(on: string, command: string, ready: (id: string, http: HttpClient) => Promise<void>) {
  const http = await connect("legacy");
  const controller = new AbortController();
  const call = http.client.callTool(
    { name: "ssh_run", arguments: { on, command, wait_s: 600 } },
    { signal: controller.signal, timeout: 600_000 },
  );
  const failed = call.then(
    () => "answered",
    () => "cancelled",
  );
  const id = await running(command);
  await ready(id, http);
  controller.abort("not needed any more");
  expect(await failed).toBe("cancelled");
  const { text } = await http.call("ssh_read", { command: id, wait_s: 60 });
  await http.client.close();
  return text;
}

it("interrupts the command of a call that an older client cancels", async () => {
  const text = await cancelled("box", "echo begun; sleep 604", async (id, http) => {
    const begun = async (): Promise<boolean> =>
      (await http.call("ssh_read", { command: id, wait_s: 0 })).text.includes("begun\n");
    await waitUntil("the command to have begun", begun, 60_000);
  });
  expect(text).toMatch(/^signal INT /);
});

it("interrupts one that an older client cancels before it has printed anything, in a session that is just made", async () => {
  await ask(server.url, { body: callBody("ssh_close", { session: "box" }) });
  const text = await cancelled("box", "sleep 605", async () => undefined);
  expect(text).toMatch(/^signal INT · [^\n]* · box:\/\S* · box\/\d+\n?$/);
});

it("tells clients of /sse that their stream is gone", async () => {
  const answer = await ask(server.url, { path: "/messages?sessionId=nope", body: callBody("ssh_list") });
  expect(answer.status).toBe(404);
  expect((await ask(server.url, { path: "/messages" })).status).toBe(405);
  expect((await ask(server.url, { path: "/sse", body: "{}" })).status).toBe(405);
});
