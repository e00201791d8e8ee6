import { writeSync } from "node:fs";
import { join } from "node:path";
import { after, messageOf } from "./base/index.ts";
import type { CliServices } from "./cli/index.ts";
import type { DaemonFace } from "./daemon/index.ts";
import type { OpenToolHost } from "./tools/index.ts";

/** Exit code of a process that was told twice to end (128 + SIGINT). */
const killedCode = 130;

/** A client's first words are answered by then, and its agent still thinks about the first call. */
const loadAheadMs = 250;

/** Aborts at the first signal to end; the second one ends at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(killedCode);
      controller.abort(name);
    });
  }
  return controller.signal;
}

/** Keeps out of the log what must not be seen, once it is known. */
let redact = (text: string): string => text;

/** One call's accident must not end the others: it is told on stderr, and whoever waits has a limit. */
function surviveAccidents(): void {
  for (const name of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(name, (thrown: unknown) => {
      const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown);
      try {
        writeSync(2, `holdfast: ${name}: ${redact(text)}\n`);
      } catch {
        // Nobody is there to read it.
      }
    });
  }
}

/** Checks as they are cost microseconds more than checks that are compiled first, which costs milliseconds of every start. */
async function checkWithoutCompiling(): Promise<void> {
  (await import("zod")).config({ jitless: true });
}

async function loadAhead(): Promise<void> {
  await (await import("./app.ts")).loadAhead();
}

async function openHost(): Promise<OpenToolHost> {
  const [{ createLazyToolHost }, { openFrontDesk }] = await Promise.all([
    import("./tools/index.ts"),
    import("./front-desk.ts"),
  ]);
  const front = openFrontDesk();
  redact = (text) => front.config.hide(front.redactor.redact(text));
  after(loadAheadMs, () => {
    loadAhead().catch(() => undefined);
  });
  return createLazyToolHost(async () => (await import("./app.ts")).openApp(front), front.desk);
}

/** What the commands need; the heavy rooms are loaded when they are first used, so that short answers come at once. */
function services(answered: string | number | undefined): CliServices {
  return {
    input: process.stdin,
    answered,
    output: process.stdout,
    errors: process.stderr,
    interactive: process.stdin.isTTY && process.stdout.isTTY,
    interrupted: interruption(),
    program: join(__dirname, "holdfast.cjs"),
    openHost,
    describeConfig: async () => (await import("./app.ts")).describeConfig(),
    logs: async () => (await import("./app.ts")).logPlace(),
    places: async () => (await import("./app.ts")).places(),
    describeTarget: async (target) => (await import("./app.ts")).describeTarget(target),
    tryDisplay: async (target) => (await import("./app.ts")).tryDisplay(target),
    tryWay: async (target, onHop) => (await import("./app.ts")).tryWay(target, onHop),
    keptSecret: async (target, purpose) => (await import("./kept-secret.ts")).keptSecret(target, purpose),
    describeKeyring: async () => (await import("./kept-secret.ts")).describeKeyring(),
    describedPlatform: async (name) => (await import("./described-platform.ts")).describedPlatform(name),
    offerTrust: async (target) => (await import("./app.ts")).offerTrust(target),
  };
}

/** What a daemon serves, for the small program, which is the daemon. */
export async function openDaemonFace(): Promise<DaemonFace> {
  surviveAccidents();
  await checkWithoutCompiling();
  const [{ daemonFace }, open] = await Promise.all([import("./daemon/index.ts"), openHost()]);
  return daemonFace(open);
}

/** Does what the command line says, then ends the process. `answered`: a request to initialize whose client has the answer. */
export async function runCommandLine(answered?: string | number): Promise<void> {
  process.exitCode = 1;
  surviveAccidents();
  // A reader that goes away is no accident; whoever writes notices by itself.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  await checkWithoutCompiling();
  const { runCli } = await import("./cli/index.ts");
  const code = await runCli(process.argv.slice(2), services(answered));
  // Connections may still be closing; nothing that matters waits for them.
  process.exit(code);
}
