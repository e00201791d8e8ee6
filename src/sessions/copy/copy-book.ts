import { HoldfastError } from "../../base/index.ts";
import type { DocumentStore } from "../../store/index.ts";
import type { CommandView, SessionView } from "../session-api.ts";
import type { CopyDesk, CopyEnd, CopyRequest, CopyWords, RunningCopy } from "./copy-api.ts";
import { accompany, copyCommandText } from "./copy-command.ts";
import { CopyRecords, recordOf, requestOf, type CopyRecord } from "./copy-record.ts";
import { LiveCopy } from "./live-copy.ts";
import type { CopyHost } from "./open-side.ts";
import { isAlive, processMark } from "./process-mark.ts";

interface CopyBookDeps {
  /** The session for `on`, opened if there is none. */
  host(on: string): Promise<CopyHost>;
  /** A session that exists. Rejects with `session_unknown`. */
  session(name: string): Promise<SessionView>;
  readonly store: DocumentStore;
}

/** The copies of this process. */
export class CopyBook implements CopyDesk {
  readonly #deps: CopyBookDeps;
  readonly #records: CopyRecords;
  readonly #running = new Set<LiveCopy>();
  #closed = false;

  constructor(deps: CopyBookDeps) {
    this.#deps = deps;
    this.#records = new CopyRecords(deps.store);
  }

  async start(request: CopyRequest, signal?: AbortSignal): Promise<RunningCopy> {
    if (request.from.on === undefined && request.to.on === undefined) {
      throw new HoldfastError("bad_input", "both ends are on this machine; nothing was copied", {
        hint: 'Name a host in one of them, like "web1:/var/log/app.log"',
      });
    }
    const copy = await this.#make(request);
    await copy.begin(signal);
    this.#watch(copy);
    return copy;
  }

  async takeOver(words: CopyWords): Promise<void> {
    for (const record of await this.#records.all()) {
      if (isAlive(record.owner)) continue;
      await this.#goOn(record, words).catch((error: unknown) => {
        const gone = error instanceof HoldfastError && ["session_unknown", "command_unknown"].includes(error.code);
        return gone ? this.#records.delete(record.command) : undefined;
      });
    }
  }

  /** Copies end with the process; those with a command are gone on with by the next one. Safe to call twice. */
  shutdown(): void {
    this.#closed = true;
    for (const copy of this.#running) copy.stop();
  }

  async #make(request: CopyRequest): Promise<LiveCopy> {
    const [from, to] = await Promise.all([this.#host(request.from), this.#host(request.to)]);
    await to?.refuseWrites();
    return new LiveCopy(request, { from, to }, { hold: (copy, words) => this.#hold(copy, words) });
  }

  #watch(copy: LiveCopy): void {
    this.#running.add(copy);
    void copy.ended(Number.MAX_SAFE_INTEGER).then(() => this.#running.delete(copy));
  }

  async #host({ on }: CopyEnd): Promise<CopyHost | undefined> {
    return on === undefined ? undefined : this.#deps.host(on);
  }

  async #hold(copy: LiveCopy, words: CopyWords): Promise<CommandView> {
    const host = copy.ends.to ?? copy.ends.from;
    if (host === undefined) throw new HoldfastError("internal", "a copy without a host");
    const command = await host.stand(copyCommandText(copy.request));
    await this.#records.put(recordOf(command.id, processMark(), copy.request));
    void this.#accompany(command, copy, words);
    return command;
  }

  async #goOn(record: CopyRecord, words: CopyWords): Promise<void> {
    const slash = record.command.lastIndexOf("/");
    const session = await this.#deps.session(record.command.slice(0, slash));
    const command = await session.command(Number(record.command.slice(slash + 1)));
    if (command.state.kind !== "running") {
      await this.#records.delete(record.command);
      return;
    }
    await this.#records.put({ ...record, owner: processMark() });
    const copy = await this.#make(requestOf(record));
    copy.resume();
    this.#watch(copy);
    void this.#accompany(command, copy, words);
  }

  async #accompany(command: CommandView, copy: LiveCopy, words: CopyWords): Promise<void> {
    await accompany(command, copy, words, () => this.#closed);
    if (!this.#closed) await this.#records.delete(command.id).catch(() => undefined);
  }
}
