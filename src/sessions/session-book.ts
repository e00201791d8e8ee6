import { Mutex, randomHex, withDeadline } from "../base/index.ts";
import { openConfig, readSessionLimits, type Config, type SessionLimits, type Target } from "../config/index.ts";
import type { FirstExec, SshConnection } from "../ssh/index.ts";
import { confirmHostKeys } from "./connections/confirm-host-key.ts";
import { ConnectionBook } from "./connections/connection-book.ts";
import { gateHandshakes } from "./connections/handshake-gate.ts";
import { planRoute } from "./connections/plan-route.ts";
import { copyRules } from "./copy/copy-rules.ts";
import { CopyBook } from "./copy/copy-book.ts";
import { DeviceDesk } from "./devices/device-desk.ts";
import { findSessions } from "./host-shell/find-sessions.ts";
import { HostSession } from "./host-session.ts";
import type {
  BegunSession,
  CloseReport,
  OpenRequest,
  RunRequest,
  SessionBook,
  SessionSummary,
  SessionView,
  TargetSummary,
} from "./session-api.ts";
import { patiently } from "./patiently.ts";
import { FirstFlight } from "./host-shell/first-flight.ts";
import { startText } from "./host-shell/command-text.ts";
import { defined } from "./defined.ts";
import { checkSessionName, freeName, nameTaken, noSuchSession } from "./session-name.ts";
import { chooseRung } from "./shells/choose-rung.ts";
import type { SessionShell } from "./shells/session-shell.ts";
import { askedMarks, newRecord } from "./new-record.ts";
import { accountOf, callSecrets, overridesOf, recordOverrides, targetNotes, type CallSecrets } from "./overrides-of.ts";
import { givenBefore } from "./connections/given-before.ts";
import { connectFor, shellOfRecord } from "./shells/shell-of-record.ts";
import { askFor, askpassEnv, type AskingSession } from "./sudo/ask-for.ts";
import type { AskForSession } from "./sudo/password-asks.ts";
import { LiveTunnels, type TunnelRoute } from "./tunnels/live-tunnels.ts";
import type { SessionBookDeps } from "./session-book-deps.ts";
import { RecordBook, type SessionRecord } from "./session-record.ts";
import { SessionsHere } from "./sessions-here.ts";

/** How long detaching from everything may take when the process ends. */
const shutdownMs = 2000;

/** The sessions of this process and of its user: one book a process. */
export function createSessionBook(deps: SessionBookDeps): SessionBook {
  return new HostSessionBook(deps);
}

class HostSessionBook implements SessionBook {
  readonly #records: RecordBook;
  readonly #connections: ConnectionBook;
  readonly #config: Config;
  readonly #limits: SessionLimits;
  readonly #accountLeft: SessionBookDeps["accountLeft"];
  readonly #devices: DeviceDesk;
  readonly tunnels = new LiveTunnels((on) => this.#route(on));
  readonly copies: CopyBook;
  readonly #sessions = new SessionsHere();
  readonly #locks = new Map<string, Mutex>();
  readonly #askFor: (about: AskingSession) => AskForSession;
  /** What was given with a call and is written nowhere: needed again to reconnect. */
  readonly #secrets = new Map<string, CallSecrets>();

  constructor(deps: SessionBookDeps) {
    this.#records = new RecordBook(deps.store);
    this.#connections = new ConnectionBook(confirmHostKeys(gateHandshakes(deps.engine), deps.people));
    this.#askFor = (about) => askFor(about, deps.secrets);
    this.#config = deps.config ?? openConfig();
    this.#limits = deps.limits ?? readSessionLimits();
    this.#accountLeft = deps.accountLeft;
    this.#devices = new DeviceDesk(this.#config, deps.store);
    this.copies = new CopyBook({
      store: deps.store,
      host: async (on) => ((await this.#known(on)) ?? (await this.#open({ target: on })).session).copyHost,
      session: (name) => this.get(name),
    });
  }

  async open(request: OpenRequest): Promise<SessionView> {
    return (await this.#open(request)).session;
  }

  async #open(request: OpenRequest, first?: RunRequest): Promise<BegunHere> {
    const target = await this.#config.resolve(request.target, overridesOf(request));
    const begun = await this.#opened(target, request, first);
    begun.session.notes = targetNotes(target);
    return begun;
  }

  async #opened(target: Target, request: OpenRequest, first: RunRequest | undefined): Promise<BegunHere> {
    const wanted = checkSessionName(request.name ?? request.target);
    return this.#locked(wanted, async () => {
      const there = await this.#known(wanted);
      if (there === undefined) return this.#making({ name: wanted, target, request, first });
      if (there.account === accountOf(target)) return { session: await this.#attached(there), command: undefined };
      if (request.name !== undefined) throw nameTaken(there);
      const name = await freeName(wanted, async (free) => (await this.#known(free)) === undefined);
      return this.#making({ name, target, request, first });
    });
  }

  async find(on: string): Promise<SessionView> {
    const known = await this.#known(on);
    return known ?? this.open({ target: on });
  }

  async begin(on: string, first: RunRequest): Promise<BegunSession> {
    const known = await this.#known(on);
    return known === undefined ? this.#open({ target: on }, first) : { session: known, command: undefined };
  }

  async get(name: string): Promise<SessionView> {
    const known = await this.#known(name);
    if (known !== undefined) return known;
    throw noSuchSession(name, '; ssh_run {"on": "<target>", ...} opens one');
  }

  async list(filter: { readonly target?: string; readonly owner?: string }): Promise<readonly SessionSummary[]> {
    await this.#config.rules();
    for (const record of await this.#sessions.read(() => this.#records.open())) this.#adopt(record);
    if (filter.target !== undefined) await this.#findOn(filter.target);
    return this.#sessions
      .all()
      .filter(
        (session) =>
          (filter.owner === undefined || session.owner === filter.owner) &&
          (filter.target === undefined || session.target === filter.target),
      );
  }

  async targets(): Promise<readonly TargetSummary[]> {
    return this.#config.targets();
  }

  async close(name: string, force = false): Promise<CloseReport> {
    return this.#locked(name, async () => {
      const session = await this.#known(name);
      if (session === undefined) throw noSuchSession(name);
      const report = await session.close(force);
      const tunnels = await this.tunnels.closeOn(name);
      this.#forget(name);
      return { ...report, tunnels: tunnels.map(({ id }) => id) };
    });
  }

  async shutdown(): Promise<void> {
    this.copies.shutdown();
    await withDeadline(this.tunnels.shutdown(), shutdownMs);
    const detached = Promise.all(this.#sessions.all().map((session) => session.detach()));
    await withDeadline(detached, shutdownMs);
    await withDeadline(this.#connections.close(), shutdownMs);
  }

  /** The session of that name, here or in the records; one that turned out lost is told of once, and then it is gone. */
  async #known(name: string): Promise<HostSession | undefined> {
    const here = this.#sessions.get(name);
    if (here?.lost !== undefined) {
      await here.bury();
      this.#forget(name);
      return undefined;
    }
    if (here !== undefined) return here;
    const record = await this.#sessions.read(() => this.#records.get(name));
    return record === undefined || record.closed ? this.#sessions.get(name) : this.#adopt(record);
  }

  #adopt(record: SessionRecord): HostSession | undefined {
    return this.#sessions.adopt(record.name, () => this.#session(record));
  }

  #session(record: SessionRecord, started?: SessionShell): HostSession {
    const dial = (first?: FirstExec): Promise<SshConnection> => this.#connect(record, first);
    const parts = { ...this.#asking(record), dial, ask: this.#askFor(this.#asking(record)), devices: this.#devices };
    return new HostSession(record, {
      shell: started ?? shellOfRecord(record, parts),
      connect: givenBefore(connectFor(record, () => this.#connect(record))),
      save: (changed) => this.#records.put(changed),
      ...copyRules(record.name, this.#config, () => this.#targetOf(record)),
      hidesAddress: () => this.#config.hidesAddresses,
    });
  }

  #forget(name: string): void {
    const gone = this.#sessions.remove(name);
    this.#secrets.delete(name);
    void this.tunnels.closeOn(name);
    const isLast = this.#sessions.all().every((other) => other.account !== gone?.account);
    if (gone !== undefined && isLast) this.#accountLeft?.([gone.account, gone.record.address]);
  }

  async #route(on: string): Promise<TunnelRoute> {
    const session = await this.#known(on);
    const target = session === undefined ? () => this.#config.resolve(on) : () => this.#targetOf(session.record);
    await target();
    return {
      session: session === undefined ? undefined : on,
      connect: async () => this.#connections.forForwards(await planRoute(await target(), this.#config)),
    };
  }

  async #attached(session: HostSession): Promise<HostSession> {
    await session.attach();
    return session;
  }

  async #connect(record: SessionRecord, first?: FirstExec): Promise<SshConnection> {
    return this.#dial(await this.#targetOf(record), first);
  }

  #asking(record: SessionRecord): AskingSession & { readonly target: () => Promise<Target> } {
    return { name: record.name, account: record.account, target: () => this.#targetOf(record) };
  }

  #targetOf(record: SessionRecord): Promise<Target> {
    return this.#config.resolve(record.target, { ...recordOverrides(record), ...this.#secrets.get(record.name) });
  }

  async #dial(target: Target, first?: FirstExec): Promise<SshConnection> {
    return this.#connections.get(await planRoute(target, this.#config), first);
  }

  async #making(wanted: NewSession): Promise<BegunHere> {
    return this.#sessions.making(wanted.name, () => this.#make(wanted));
  }

  async #make({ name, target, request, first }: NewSession): Promise<BegunHere> {
    const before = await this.#records.get(name);
    const number = before?.reserved ?? 1;
    const halfMade = before?.begun === true;
    const identity = halfMade ? { id: before.id, key: before.key } : { id: randomHex(8), key: randomHex(16) };
    const common = { name, on: request.target, target, limits: this.#limits };
    // If this process dies now, its successor must find what the host has: no second session, no command twice.
    const marked = newRecord({ ...common, identity, facts: "", next: number });
    await this.#records.put({ ...marked, reserved: number, closed: true, begun: true });
    const { cwd = target.directory } = request;
    const env = { ...target.env, ...request.env };
    const start = startText({ ...defined({ cwd }), env: { ...askpassEnv(target), ...env } });
    const flight = new FirstFlight();
    const about = { name, target: () => Promise.resolve(target), account: accountOf(target) };
    const device = { ...about, ask: this.#askFor(about), first: number, usedBefore: false, platform: request.platform };
    const made = await patiently(async () =>
      chooseRung({
        spawn: { name, ...identity, shell: "auto", start, first: number, x11: target.x11, ...this.#limits },
        from: request.carrier ?? "host",
        cwd,
        env,
        platform: request.platform,
        // The number of a first command may be taken where another process began.
        first: first === undefined || halfMade ? undefined : { request: first, number, flight },
        ask: device.ask,
        device: this.#devices.way({ ...device, connect: () => this.#dial(target) }),
        connect: (exec) => this.#dial(target, exec),
      }),
    ).catch((error: unknown) => {
      throw flight.failure(error, name);
    });
    const record: SessionRecord = {
      ...newRecord({ ...common, ...made, next: number }),
      ...made.marks,
      ...askedMarks(request, target),
    };
    this.#secrets.set(name, callSecrets(request));
    await this.#records.put(record).catch(async (error: unknown) => {
      await made.shell.detach();
      throw error;
    });
    const session = await this.#attached(this.#sessions.add(name, this.#session(record, made.shell)));
    if (first === undefined || made.command === undefined) return { session, command: undefined };
    return { session, command: await session.started(made.command, first) };
  }

  /** Sessions that live on a target's host without a record of ours: adopted, so that they can be used and closed. */
  async #findOn(targetText: string): Promise<void> {
    const target = await this.#config.resolve(targetText);
    const connection = await this.#dial(target);
    for (const found of await findSessions(connection, this.#limits.directory)) {
      const isOurs = this.#sessions.all().some(({ record }) => record.id === found.id);
      if (isOurs || !found.alive || (await this.#known(found.name)) !== undefined) continue;
      const { name, next } = found;
      const common = { name, on: targetText, target, limits: this.#limits };
      const record = newRecord({ ...common, identity: found, facts: "", next });
      if (this.#adopt(record)?.record === record) await this.#records.put(record);
    }
  }

  async #locked<T>(name: string, task: () => Promise<T>): Promise<T> {
    const lock = this.#locks.get(name) ?? new Mutex();
    this.#locks.set(name, lock);
    return lock.run(task);
  }
}

interface NewSession {
  readonly name: string;
  readonly target: Target;
  readonly request: OpenRequest;
  readonly first: RunRequest | undefined;
}

type BegunHere = BegunSession & { readonly session: HostSession };
