import { delay, monotonicMs } from "../../src/base/index.ts";
import type { Reply } from "../helpers/reply.ts";
import { eventually } from "../helpers/eventually.ts";
import type { Random } from "./random.ts";
import { isPassing, readStream } from "./read-streams.ts";
import { wrongEnd, type Workload } from "./workload.ts";

/** No call may hang longer than this beyond what it was asked to wait. */
const hangLimitMs = 30_000;

/** Above the longest workload and the longest fault together. */
const wholeWaitS = 90;

/** An agent's way to its server, whichever process that is just now. */
export interface Way {
  readonly session: string;
  /** Rejects when the process dies, or when nothing comes back within `limitMs`. */
  call(tool: string, args: Record<string, unknown>, limitMs: number): Promise<Reply>;
  /** How often the server process was replaced so far. */
  replaced(): number;
  /** How often the command has begun, as its host knows. */
  timesRun(workload: Workload): number;
}

/** Runs one workload, follows it to its end whatever happens meanwhile, and tells what is wrong, if anything is. */
export async function perform(way: Way, workload: Workload, random: Random): Promise<string | undefined> {
  try {
    const unsure = new Set<string>();
    const id = await start(way, workload, random);
    // The server died before the command was given to the host: it did not run, which the log confirms.
    if (id === undefined) return undefined;
    await act(way, { workload, id, unsure });
    const wrong = await compareEnd(way, { workload, id, unsure });
    const times = way.timesRun(workload);
    return wrong ?? (times === 1 ? undefined : `${workload.kind}: it ran ${times} times`);
  } catch (error) {
    return `${workload.kind}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

interface Performance {
  readonly workload: Workload;
  readonly id: string;
  /** Lines that may or may not have been typed. */
  readonly unsure: Set<string>;
}

/** Starts it; its id, or undefined when it never ran. */
async function start(way: Way, workload: Workload, random: Random): Promise<string | undefined> {
  const waitS = random.pick(workload.act.kind === "none" ? [0, 0.3, 1, wholeWaitS] : [0, 0.3, 1]);
  const before = way.replaced();
  const reply = await settle(run(way, workload, waitS));
  if (!(reply instanceof Error) && reply.id !== undefined && !isUnconfirmed(reply)) return reply.id;
  if (!(reply instanceof Error) && !isPassing(reply) && !isUnconfirmed(reply)) {
    throw new Error(`ssh_run: ${reply.text}`);
  }
  if (reply instanceof Error && way.replaced() === before) throw reply;
  return workload.more["key"] === undefined ? find(way, workload) : (await patiently(() => run(way, workload, 0))).id;
}

/** The reply says that the host may not have the command. */
function isUnconfirmed(reply: Reply): boolean {
  return reply.notes.some((note) => note.startsWith("its host has not confirmed"));
}

function run(way: Way, { command, more }: Workload, waitS: number): Promise<Reply> {
  const args = { on: way.session, command, ...more, wait_s: waitS, max_output: 200 };
  return way.call("ssh_run", args, waitS * 1000 + hangLimitMs);
}

/** The command's id, asked of a server that did not start it; undefined when it never began. */
async function find(way: Way, workload: Workload): Promise<string | undefined> {
  for (let look = 0; look < 20; look += 1) {
    const args = { what: "commands", session: way.session, limit: 30 };
    const list = await patiently(() => way.call("ssh_list", args, hangLimitMs), "session_unknown");
    const line = list.text.split("\n").find((one) => one.includes(workload.mark));
    const id = line === undefined ? undefined : /[^\s·]+\/\d+/.exec(line)?.[0];
    if (id !== undefined) return id;
    // Twice seen without it, with time enough for a host that has it to begin it.
    if (look > 0 && way.timesRun(workload) === 0) return undefined;
    await delay(1500);
  }
  throw new Error("it ran and is in no list");
}

async function act(way: Way, performance: Performance): Promise<void> {
  const { workload, id, unsure } = performance;
  if (workload.act.kind === "none") return;
  // A fault may hold everything up for 20 s, and coming back takes its time.
  let last = "nothing";
  await eventually("its first output", 2 * hangLimitMs, async () => {
    const reply = await read(way, { command: id, until: "output", from: 0, wait_s: 10 });
    last = reply.text;
    return reply.stdout === "" ? undefined : reply;
  }).catch((error: unknown) => {
    const note = `run ${way.timesRun(workload)} times; the last reply: ${last.slice(0, 500)}`;
    throw new Error(`${id}: ${error instanceof Error ? error.message : String(error)}; ${note}`, { cause: error });
  });
  if (workload.act.kind === "interrupt") {
    await input(way, id, { keys: ["C-c"], wait_s: 2 });
    return;
  }
  for (const line of workload.act.lines) {
    const reply = await settle(way.call("ssh_input", { command: id, text: `${line}\n`, wait_s: 0.1 }, hangLimitMs));
    if (reply instanceof Error || reply.isError) unsure.add(line);
  }
  await input(way, id, { eof: true, wait_s: 2 });
}

/** Gives what may be given twice until the command has ended. */
async function input(way: Way, id: string, what: Record<string, unknown>): Promise<void> {
  await eventually(`${id} ends`, 3 * hangLimitMs, async () => {
    const reply = await settle(way.call("ssh_input", { command: id, ...what }, hangLimitMs));
    if (reply instanceof Error) {
      await delay(300);
      return undefined;
    }
    if (reply.text.startsWith("stdin_closed")) return true;
    return reply.isError || reply.state === "running" || reply.state === "waiting for input" ? undefined : true;
  });
}

/** Waits for the end, reads all that it printed and compares. */
async function compareEnd(way: Way, { workload, id, unsure }: Performance): Promise<string | undefined> {
  const since = monotonicMs();
  let state = "running";
  while (state === "running" || state === "waiting for input") {
    if (monotonicMs() - since > 2 * wholeWaitS * 1000) return `${workload.kind}: no end of ${id}`;
    const reply = await read(way, { command: id, wait_s: wholeWaitS, max_output: 200 });
    state = reply.state;
  }
  const all = async (stream: "stdout" | "stderr"): Promise<string> => readStream((args) => read(way, args), id, stream);
  if (workload.late !== "") {
    await eventually("the late output", 2 * hangLimitMs, async () =>
      (await all("stdout")).endsWith(workload.late) ? true : undefined,
    );
  }
  const wrong = wrongEnd(workload, state, { stdout: await all("stdout"), stderr: await all("stderr") }, unsure);
  return wrong === undefined ? undefined : `${id} ${JSON.stringify(workload.more).slice(0, 100)}: ${wrong}`;
}

function read(way: Way, args: Readonly<Record<string, unknown>>): Promise<Reply> {
  const waitS = typeof args["wait_s"] === "number" ? args["wait_s"] : 0;
  return patiently(() => way.call("ssh_read", { ...args }, waitS * 1000 + hangLimitMs));
}

/** Asks again while the server that was asked dies, or says that it was cut off. A call that only hangs is not made again. */
async function patiently(ask: () => Promise<Reply>, alsoPassing = ""): Promise<Reply> {
  const until = monotonicMs() + 3 * hangLimitMs;
  for (;;) {
    const reply = await settle(ask());
    if (reply instanceof Error) {
      if (/timed out/i.test(reply.message)) throw reply;
    } else {
      const early = alsoPassing !== "" && reply.text.startsWith(alsoPassing);
      if (early || !isPassing(reply)) return reply;
    }
    if (monotonicMs() > until) throw reply instanceof Error ? reply : new Error(reply.text.slice(0, 500));
    await delay(500);
  }
}

/** What `work` gives, or the error that it rejects with. */
export async function settle<T>(work: Promise<T>): Promise<T | Error> {
  try {
    return await work;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
