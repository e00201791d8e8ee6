import { Client, StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { randomHex } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { environmentOf, stopDaemon } from "../helpers/daemon.ts";
import { builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import { canMakeUsers, createLoginUser, makeTempDir, startOpenSsh } from "../helpers/servers/index.ts";
import { serve } from "../http/serve.ts";
import { eras, type Era } from "../mcp/connect.ts";
import { makeCodeSecret, makePamService } from "../ssh/pam-service.ts";
import { browse } from "./browser.ts";
import { Terminal } from "./terminal.ts";

const all = new Cleanup();
afterAll(() => all.run());
const each = new Cleanup();
afterEach(() => each.run());

interface Host {
  readonly alias: string;
  readonly sshConfigFile: string;
  readonly password: string;
  code(): string;
}

/** A real server that wants a password and a code. */
async function host(): Promise<Host> {
  const user = await createLoginUser();
  all.add(() => user.remove());
  const directory = makeTempDir();
  all.add(() => directory.remove());
  const codes = makeCodeSecret(directory.path);
  const service = makePamService(["required pam_unix.so", codes.pamLine]);
  all.add(() => service.remove());
  const server = await startOpenSsh({
    alias: `box${randomHex(4)}`,
    loginUser: user,
    pamService: service.name,
    config: [
      "UsePAM yes",
      "KbdInteractiveAuthentication yes",
      "PasswordAuthentication no",
      "PubkeyAuthentication no",
      "AuthenticationMethods keyboard-interactive",
    ],
  });
  all.add(() => server.stop());
  const { alias, sshConfigFile } = server;
  return { alias, sshConfigFile, password: user.password, code: () => codes.code() };
}

async function place(there: Host): Promise<PrivatePlace> {
  const made = await createPrivatePlace(there.sshConfigFile);
  each.add(() => made.remove());
  return made;
}

/** The two ways to a server: over the daemon, and over HTTP. */
const ways = [
  [
    "stdio and the daemon",
    async (at: PrivatePlace): Promise<Transport> => {
      each.add(() => stopDaemon(at));
      return new StdioClientTransport({ command: process.execPath, args: [builtServer], env: environmentOf(at) });
    },
  ],
  [
    "HTTP",
    async (at: PrivatePlace): Promise<Transport> => {
      const served = await serve({ env: environmentOf(at), remove: () => Promise.resolve() });
      each.add(() => served.stop());
      return new StreamableHTTPClientTransport(served.url);
    },
  ],
] as const;

async function connect(transport: Transport, era: Era, elicits: boolean): Promise<Client> {
  const capabilities = elicits ? { elicitation: { url: {} } } : {};
  const client = new Client({ name: "asked", version: "1" }, { capabilities, versionNegotiation: { mode: era } });
  await client.connect(transport);
  each.add(() => client.close());
  return client;
}

async function call(client: Client, name: string, args: Record<string, unknown>): Promise<string> {
  const result = await client.callTool({ name, arguments: args }, { timeout: 120_000 });
  return result.content.map((part) => (part.type === "text" ? part.text : part.type)).join("\n");
}

describe.runIf(canMakeUsers)("a login with a second factor", () => {
  let there: Host;
  beforeAll(async () => {
    there = await host();
  });

  describe.each(ways)("over %s", (_way, open) => {
    it.each(eras)(
      "by a client of %s: the person types on the page, the agent sees nothing of it",
      async (_rev, era) => {
        const { alias: on, password } = there;
        const client = await connect(await open(await place(there)), era, true);
        const pages: Promise<unknown>[] = [];
        client.setRequestHandler("elicitation/create", ({ params }) => {
          if (params.mode !== "url") throw new Error("asked by a form");
          const typing = browse(params.url).then((page) =>
            page.submit({
              field0: page.first.body.includes("Verification code") ? there.code() : password,
              action: "answer",
            }),
          );
          pages.push(typing);
          return { action: "accept" };
        });
        const reply = await call(client, "ssh_run", { on, command: `echo hello; echo '${password}' | base64` });
        expect(reply).toMatch(/^exit 0 .*\nhello\n.*\[secret\]/);
        // This server asks for one thing after the other.
        expect(pages).toHaveLength(2);
        await Promise.all(pages);
        await call(client, "ssh_close", { session: on, force: true });
      },
    );
  });

  it("at the terminal where a person makes the call: that is where it is asked", async () => {
    const { alias: target, password } = there;
    const at = await place(there);
    const words = ["call", "ssh_open", JSON.stringify({ target, password, keep: "connection" })];
    const terminal = new Terminal([process.execPath, builtServer, ...words], environmentOf(at));
    each.add(() => terminal.close());
    await terminal.shows(/Log in to box[^]*Verification code \(not shown\): $/m);
    terminal.type(there.code());
    terminal.press("Enter");
    expect(await terminal.ended()).toBe("0");
    await terminal.shows(/open · box/);
    expect(terminal.screen).not.toContain("Password");
  });

  it("with the password from a call: only the code is asked, and the password is a secret from then on", async () => {
    const { alias: target, password } = there;
    const client = await connect(await ways[0][1](await place(there)), "legacy", true);
    const bodies: string[] = [];
    client.setRequestHandler("elicitation/create", ({ params }) => {
      if (params.mode !== "url") throw new Error("asked by a form");
      const typing = browse(params.url).then((page) => {
        bodies.push(page.first.body);
        return page.submit({ field0: there.code(), action: "answer" });
      });
      each.add(() => typing);
      return { action: "accept" };
    });
    expect(await call(client, "ssh_open", { target, password })).toMatch(/^open · /);
    expect(bodies.map((body) => body.includes("Verification code"))).toEqual([true]);
    const command = `echo '${password}'`;
    expect(await call(client, "ssh_run", { on: target, command })).toMatch(/^exit 0 .*\n\[secret\]\n$/);
    await call(client, "ssh_close", { session: target, force: true });
  });

  it("by a client that cannot ask: the person types at a terminal", async () => {
    const { alias: on, password } = there;
    const at = await place(there);
    const client = await connect(await ways[0][1](at), "legacy", false);
    const reply = call(client, "ssh_run", { on, command: "echo hello" });
    const terminal = new Terminal([process.execPath, builtServer, "answer", "--wait"], environmentOf(at));
    each.add(() => terminal.close());
    await terminal.shows(/Password \(not shown\): $/m);
    terminal.type(password);
    terminal.press("Enter");
    await terminal.shows(/Verification code \(not shown\): $/m);
    terminal.type(there.code());
    terminal.press("Enter");
    expect(await reply).toMatch(/^exit 0 .*\nhello\n$/);
    expect(terminal.screen).not.toContain(password);
    await call(client, "ssh_close", { session: on, force: true });
  });
});
