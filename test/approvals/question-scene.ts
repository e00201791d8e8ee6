import { PassThrough } from "node:stream";
import { Client, type ClientCapabilities } from "@modelcontextprotocol/client";
import { LineTransport } from "../../src/mcp/line-transport.ts";
import { serveOverStreams } from "../../src/mcp/index.ts";
import { ApprovalDesk } from "../../src/approvals/index.ts";
import { openConfig } from "../../src/config/index.ts";
import { askPeople } from "../../src/people.ts";
import { Redactor, SecretBroker } from "../../src/secrets/index.ts";
import { openOneTimePage } from "../../src/web/index.ts";
import { createToolHost, openGate, type OpenToolHost } from "../../src/tools/index.ts";
import type { SessionView } from "../../src/sessions/index.ts";
import { MemorySessions } from "../mcp/memory-sessions.ts";
import type { Era } from "../mcp/connect.ts";
import type { PersonQuestions } from "../../src/ssh/index.ts";

/** What a session of this scene asks before it is there. */
export type Login = (people: PersonQuestions, on: string) => Promise<void>;

class AskingSessions extends MemorySessions {
  login: Login = () => Promise.resolve();
  readonly #people: PersonQuestions;

  constructor(people: PersonQuestions) {
    super((command) => {
      command.print(`ran ${command.text}\n`).end(0);
    });
    this.#people = people;
  }

  override async find(on: string): Promise<SessionView> {
    await this.login(this.#people, on);
    return super.find(on);
  }
}

interface SceneOptions {
  readonly login: Login;
  readonly patienceMs?: number;
}

/** The tools with a desk, and sessions whose login asks a person. */
export function questionScene({ login, patienceMs = 60_000 }: SceneOptions) {
  const redactor = new Redactor();
  const desk = new ApprovalDesk({
    patienceMs: () => patienceMs,
    openPage: openOneTimePage,
    onSecret: (value) => void redactor.learn(value),
  });
  const secrets = new SecretBroker({ desk, config: openConfig({}) });
  const sessions = new AskingSessions(askPeople(desk, secrets));
  sessions.login = login;
  const gate = { ...openGate, redact: (text: string) => redactor.redact(text) };
  const host = createToolHost({ sessions, desk, gate });
  const ends: (() => Promise<void>)[] = [];
  const serve = (): { readonly up: PassThrough; readonly down: PassThrough } => {
    const [up, down] = [new PassThrough(), new PassThrough()];
    const served = serveOverStreams({ host, version: "1", input: up, output: down });
    ends.push(async () => {
      up.end();
      await served;
    });
    return { up, down };
  };
  return {
    desk,
    sessions,
    open: { host, desk, busy: async () => false, close: async () => undefined } satisfies OpenToolHost,
    /** The two streams of a client that speaks for itself. */
    serve,
    /** A real client over a pair of streams; `capabilities` are what it declares. */
    client: async (era: Era, capabilities: ClientCapabilities): Promise<Client> => {
      const { up, down } = serve();
      const client = new Client({ name: "asked", version: "1" }, { capabilities, versionNegotiation: { mode: era } });
      ends.push(() => client.close());
      await client.connect(new LineTransport(down, up));
      return client;
    },
    end: async () => {
      desk.close();
      for (const end of ends.toReversed()) await end();
    },
  };
}
