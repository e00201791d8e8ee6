import { writeFile } from "node:fs/promises";
import { writeFileSync } from "node:fs";
import type { Duplex } from "node:stream";
import { HoldfastError, asHoldfastError, delay, fileExists, messageOf } from "../../base/index.ts";
import { parseCertificate } from "../certificate.ts";
import { authFailure, connectFailure, type FailureFacts } from "../connect-failure.ts";
import { describeTarget } from "../describe-target.ts";
import type { ConnectPlan, PersonQuestions } from "../engine.ts";
import type { HostKeyJudge } from "../host-key.ts";
import { LoginLimit } from "../login-limit.ts";
import { keyTypeOf } from "../wire.ts";
import { AskpassDesk } from "./askpass-desk.ts";
import { ControlConnection } from "./control-connection.ts";
import { HostKeyGate } from "./host-key-gate.ts";
import { LoginAnswers } from "./login-answers.ts";
import { LoginAgent } from "./login-agent.ts";
import type { LoginKeys } from "./login-keys.ts";
import { MasterLog } from "./master-log.ts";
import type { PrivateDirectory } from "./private-directory.ts";
import { SshProcess, isMissing } from "./ssh-process.ts";
import { sshSettings } from "./ssh-settings.ts";

/** How often to look whether the control socket is there, once the server has let us in: it comes within a millisecond. */
const lookEveryMs = 2;

export interface MasterParts {
  readonly plan: ConnectPlan;
  readonly directory: PrivateDirectory;
  readonly transport: Duplex;
  readonly hostKey: HostKeyJudge;
  readonly keys: LoginKeys;
  readonly people: PersonQuestions | undefined;
  readonly signal: AbortSignal | undefined;
  readonly limitMs: number;
}

/** A master that is logged in, and a connection to its control socket. */
export interface LoggedInMaster {
  readonly process: SshProcess;
  readonly control: ControlConnection;
  readonly identification: string;
}

/** Known hosts for ssh, with the one key that was accepted. A certificate stands with its authority, and with its plain key. */
function knownHosts(shown: Buffer): string {
  const certificate = parseCertificate(shown);
  const line = (marker: string, key: Buffer): string =>
    `${marker}* ${keyTypeOf(key) ?? ""} ${key.toString("base64")}\n`;
  if (certificate === undefined) return line("", shown);
  return line("@cert-authority ", certificate.authority) + line("", certificate.plainKey);
}

/** One login of a master: from the start of ssh until its control socket can be used. */
export class MasterLogin {
  readonly #parts: MasterParts;
  readonly #log = new MasterLog();
  readonly #gate: HostKeyGate;
  readonly #answers: LoginAnswers;
  readonly #over = new AbortController();
  readonly #limit: LoginLimit;
  #failure: unknown;
  #hasFailed = false;

  constructor(parts: MasterParts) {
    this.#parts = parts;
    const { plan, people, directory, hostKey } = parts;
    this.#gate = new HostKeyGate({
      judge: hostKey,
      accepted: (shown) => {
        writeFileSync(directory.file("known_hosts"), knownHosts(shown), { mode: 0o600 });
      },
    });
    this.#limit = new LoginLimit(parts.limitMs, plan.connectTimeoutMs, () => this.#fail(this.#timeout()));
    this.#answers = new LoginAnswers({
      plan,
      people,
      over: this.#over.signal,
      hold: () => this.#limit.hold(),
      couldNotTry: (why) => this.#log.couldNotTry(why),
      fail: (error) => this.#fail(error === "refused" ? authFailure(this.#facts()) : error),
    });
  }

  /** Resolves when the user is logged in; rejects with the reason, and nothing of it is left then. */
  async run(): Promise<LoggedInMaster> {
    const { directory, signal, transport } = this.#parts;
    const abort = (): void => this.#fail(this.#cancelled());
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted === true) abort();
    const helpers: { close(): void }[] = [];
    let ssh: SshProcess | undefined;
    try {
      const desk = await AskpassDesk.open(directory, (prompt, hint) => this.#answers.answer(prompt, hint));
      helpers.push(desk, await this.#agent());
      const settingsFile = await this.#settings();
      ssh = this.#start(settingsFile, desk.program);
      const control = await this.#control();
      this.#log.stop();
      this.#answers.over();
      return { process: ssh, control, identification: this.#gate.identification };
    } catch (error) {
      transport.destroy();
      await ssh?.end();
      const failure = this.#hasFailed ? this.#failure : error;
      this.#answers.over(asHoldfastError(failure));
      throw failure;
    } finally {
      this.#limit.stop();
      signal?.removeEventListener("abort", abort);
      this.#over.abort();
      for (const helper of helpers) helper.close();
    }
  }

  async #settings(): Promise<string> {
    const { directory, plan, people, hostKey, keys } = this.#parts;
    const file = directory.file("config");
    const { ownFiles } = keys;
    const { algorithms } = hostKey;
    const settings = sshSettings({ plan, directory, algorithms, ownFiles, people: people !== undefined });
    await writeFile(file, settings, { mode: 0o600, flag: "wx" });
    return file;
  }

  #agent(): Promise<LoginAgent> {
    return LoginAgent.open(this.#parts.directory, {
      keys: this.#parts.keys.keys,
      passphrase: (path, again) => this.#answers.passphrase(path, again),
      hold: () => this.#limit.hold(),
      failed: (reason) => this.#log.couldNotTry(messageOf(reason)),
    });
  }

  #start(settingsFile: string, askpass: string): SshProcess {
    return new SshProcess({
      settingsFile,
      askpass,
      transport: this.#parts.transport,
      pass: (bytes) => this.#gate.pass(bytes),
      closed: () => {
        // ssh waits for the answer to what it asked and hears of nothing else.
        if (this.#answers.asked !== undefined) this.#fail(connectFailure(this.#facts(), undefined));
      },
      stderr: (text) => this.#log.add(text),
      ended: (error) => this.#fail(this.#reason(error)),
    });
  }

  /** Waits until the control socket is there. */
  async #control(): Promise<ControlConnection> {
    const path = this.#parts.directory.file("control");
    while (!this.#hasFailed) {
      if (this.#log.authenticated && (await fileExists(path))) return ControlConnection.open(path);
      await delay(lookEveryMs, this.#over.signal);
    }
    throw this.#failure;
  }

  #fail(error: unknown): void {
    if (this.#hasFailed || this.#over.signal.aborted) return;
    this.#hasFailed = true;
    this.#failure = error;
    this.#over.abort();
  }

  /** Why ssh has ended before it was logged in. */
  #reason(error: Error | undefined): unknown {
    const { plan, hostKey } = this.#parts;
    if (hostKey.refusal !== undefined) return hostKey.refusal;
    if (isMissing(error)) {
      return new HoldfastError("unsupported", `${describeTarget(plan)} is to be reached with ssh, and there is none`, {
        hint: "Install OpenSSH's client, or set `engine: ssh2` for the target",
        cause: error,
      });
    }
    const { complaints } = this.#log;
    const denied = complaints.find((line) => /permission denied|too many authentication failures/i.test(line));
    if (denied !== undefined) return authFailure(this.#facts(), new Error(denied));
    const missing = complaints
      .map((line) => /no matching .+? found/i.exec(line)?.[0])
      .find((text) => text !== undefined);
    const cause = missing?.replace(/ found$/i, "") ?? complaints[0];
    return connectFailure(this.#facts(), error ?? (cause === undefined ? undefined : new Error(cause)));
  }

  #facts(): FailureFacts {
    const { plan } = this.#parts;
    const { asked, missedPerson } = this.#answers;
    const { leftOut } = this.#parts.keys;
    const { tried, accepted, neverRefused } = this.#log;
    const auth = { tried, accepted, neverRefused, missedPerson };
    return { plan, auth, leftOut, asked, phase: this.#gate.phase, greeting: this.#gate.identification };
  }

  #cancelled(): HoldfastError {
    return new HoldfastError("cancelled", `connecting to ${describeTarget(this.#parts.plan)} was cancelled`);
  }

  #timeout(): HoldfastError {
    const seconds = Math.round(this.#parts.plan.connectTimeoutMs / 100) / 10;
    const { phase } = this.#gate;
    return new HoldfastError(
      "timed_out",
      `${describeTarget(this.#parts.plan)} did not finish the ${phase} within ${seconds} s`,
      { hint: "Check that an SSH server listens on that port, or allow more time" },
    );
  }
}
