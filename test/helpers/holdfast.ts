import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport, getDefaultEnvironment } from "@modelcontextprotocol/client/stdio";
import type { PrivatePlace } from "./private-place.ts";
import { parseReply, type Reply } from "./reply.ts";

/** The built server, as a user starts it. */
export const builtServer = fileURLToPath(new URL("../../dist/holdfast.cjs", import.meta.url));

/** Above the longest `wait_s` that tests use. */
const defaultCallLimitMs = 120_000;

/** Diagnostics of the server that are kept to explain a failure. */
const keptStderrCharacters = 20_000;

/** How a server is started. */
interface StartOptions {
  /** As clients do: through the daemon of the place, which the first one starts. Whoever says so stops it with `stopDaemon`. */
  readonly daemon?: boolean;
  /** Another build than the one in dist. */
  readonly program?: string;
}

/** One server process over stdio with a client connected to it. */
export class Holdfast {
  readonly #client: Client;
  readonly #transport: StdioClientTransport;
  readonly #gone: Promise<void>;
  #diagnostics = "";

  private constructor(place: PrivatePlace, options: StartOptions) {
    this.#transport = new StdioClientTransport({
      command: process.execPath,
      args: [options.program ?? builtServer, ...(options.daemon === true ? [] : ["--no-daemon"])],
      env: { ...getDefaultEnvironment(), ...place.env },
      stderr: "pipe",
      // The default of 10 MB would be reached by the tests that send too much.
      maxBufferSize: 64_000_000,
    });
    this.#transport.stderr?.on("data", (chunk: Buffer) => {
      this.#diagnostics = (this.#diagnostics + chunk.toString("utf8")).slice(-keptStderrCharacters);
    });
    this.#client = new Client({ name: "holdfast-tests", version: "1" });
    this.#gone = new Promise((resolve) => {
      this.#client.onclose = resolve;
    });
  }

  /** Starts a server in `place` and completes the handshake. */
  static async start(place: PrivatePlace, options: StartOptions = {}): Promise<Holdfast> {
    if (!existsSync(builtServer)) throw new Error("dist/holdfast.cjs is missing: npm run build");
    const server = new Holdfast(place, options);
    try {
      await server.#client.connect(server.#transport);
      // The handshake may be over before there is a daemon.
      if (options.daemon === true) await server.#client.ping();
    } catch (error) {
      throw new Error(`the server did not start: ${server.#diagnostics}`, { cause: error });
    }
    return server;
  }

  /** Process id; undefined after the end. */
  get pid(): number | undefined {
    return this.#transport.pid ?? undefined;
  }

  /** What the server wrote to stderr lately. */
  get diagnostics(): string {
    return this.#diagnostics;
  }

  /** Calls a tool. Rejects when the protocol itself fails or nothing comes back in time. */
  async call(tool: string, args: Record<string, unknown>, limitMs = defaultCallLimitMs): Promise<Reply> {
    const result = await this.#client.callTool(
      { name: tool, arguments: args },
      { timeout: limitMs, resetTimeoutOnProgress: false },
    );
    const texts = result.content.map((part) => (part.type === "text" ? part.text : `[${part.type}]`));
    return parseReply(texts.join("\n"), result.isError === true);
  }

  /** `ssh_run` with everything else at its default. */
  run(on: string, command: string, more: Record<string, unknown> = {}): Promise<Reply> {
    return this.call("ssh_run", { on, command, ...more });
  }

  /** `ssh_close`; throws when the session was not closed, because then it would stay on the host. */
  async closeSession(session: string): Promise<void> {
    const reply = await this.call("ssh_close", { session });
    if (reply.isError) throw new Error(reply.text);
  }

  /** Kills the server process outright and waits until it is gone. */
  async kill(): Promise<void> {
    const pid = this.pid;
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    await this.#gone;
  }

  /** Ends the server as a client does: by closing its stdin. */
  async stop(): Promise<void> {
    await this.#client.close();
  }
}
