import { delay } from "../../src/base/index.ts";
import type { CommandView } from "../../src/sessions/index.ts";
import { eventually } from "../helpers/eventually.ts";
import { readAll } from "./play-case.ts";
import { exact, prints, quiet, steps, type Check, type Step, type TortureCase } from "./torture-case.ts";

/** For output to appear or a stop to work on a slow machine. */
const liveMs = 15_000;

/** Waits until stdout is exactly `wanted` so far. */
function untilPrinted(wanted: string): (command: CommandView) => Promise<void> {
  return async (command) => {
    await eventually(`stdout is ${JSON.stringify(wanted)}`, liveMs, async () => {
      await command.changed(50);
      const text = (await readAll(command, "stdout")).toString();
      return text === wanted ? true : undefined;
    });
  };
}

/** Ended well before the background job could have. */
const didNotWait: Check = ({ tookMs }) => (tookMs < 8_000 ? undefined : `took ${tookMs.toFixed()} ms`);

/** Runs `text` until it has printed `up`, sends the signals one after the other, and expects an end by a signal or the status it makes. */
function stopped(name: string, text: string, ...signals: readonly ("INT" | "TERM" | "KILL")[]): TortureCase {
  const stop: Step = {
    run: `echo up; ${text}`,
    meanwhile: async (command) => {
      await untilPrinted("up\n")(command);
      for (const signal of signals) {
        // Those before the last are ignored by the command and must not end it.
        await delay(150);
        if (command.state.kind !== "running") {
          throw new Error(`ended before ${signal}: ${JSON.stringify(command.state)}`);
        }
        await command.stop(signal);
      }
    },
    check: ({ state, status, tookMs }) => {
      if (tookMs > liveMs) return `took ${tookMs.toFixed()} ms`;
      return status !== undefined && status > 128 ? undefined : `state ${JSON.stringify(state)}`;
    },
  };
  return steps(name, quiet("hf_k=kept"), stop, prints('echo "$hf_k"; unset hf_k', "kept\n"));
}

/** As soon as it has printed `up`, one signal ends the whole of it and nothing else: no later part of its lines runs, and the shell stays. */
function endsWhole(signal: "TERM" | "KILL", name: string, ...lines: readonly string[]): TortureCase {
  return steps(
    name,
    quiet("hf_k=kept"),
    {
      run: ["echo up", ...lines].join("\n"),
      meanwhile: async (command) => {
        await untilPrinted("up\n")(command);
        await command.stop(signal);
      },
      stdout: "up\n",
      check: ({ state }) =>
        state.kind === "signalled" && state.signal === signal ? undefined : `state ${JSON.stringify(state)}`,
    },
    prints('echo "$hf_k"; unset hf_k', "kept\n"),
  );
}

const oneHundredKilobytes = "z".repeat(100_000);

/** Standard input, background jobs, signals: everything that goes on while a command runs. */
export const processCases: readonly TortureCase[] = [
  steps("cat without stdin waits and ends with its end of file", {
    run: "cat; echo end",
    meanwhile: async (command) => {
      await command.ended(300);
      if (command.state.kind !== "running") throw new Error("did not wait");
      await command.eof();
    },
    status: 0,
    stdout: "end\n",
    stderr: "",
  }),
  steps("read", {
    run: 'printf "name? "; read -r a; echo "hi $a"; cat; unset a',
    meanwhile: async (command) => {
      await untilPrinted("name? ")(command);
      await command.input("Bob B\n");
      await untilPrinted("name? hi Bob B\n")(command);
      await command.input("more\n");
      await untilPrinted("name? hi Bob B\nmore\n")(command);
      await command.eof();
    },
    status: 0,
    stdout: "name? hi Bob B\nmore\n",
    stderr: "",
  }),
  steps(
    "stdin left unread",
    { run: "echo no", with: { stdin: "unread\n" }, status: 0, stdout: "no\n", stderr: "" },
    prints("echo next", "next\n"),
  ),
  steps("stdin, byte for byte", {
    run: "od -An -v -tx1 | tr -d ' \\n'",
    with: { stdin: "a\nb\0\\n\0c" },
    status: 0,
    stdout: "610a62005c6e0063",
    stderr: "",
  }),
  steps("empty stdin", {
    run: 'cat; read x; echo "[$x] $?"; unset x',
    with: { stdin: "" },
    status: 0,
    stdout: "[] 1\n",
    stderr: "",
  }),
  steps("stdin of 100 KB", {
    run: "cat",
    with: { stdin: oneHundredKilobytes },
    status: 0,
    stdout: oneHundredKilobytes,
    stderr: "",
  }),
  steps("stdin of 2 MB, not read", {
    run: "echo no",
    with: { stdin: oneHundredKilobytes.repeat(20) },
    status: 0,
    stdout: "no\n",
    stderr: "",
  }),
  steps("a command cannot eat what is not its own", {
    run: 'while read -r l; do echo "$l"; done; cat; head -1; echo end',
    with: { stdin: "1\n2\n" },
    status: 0,
    stdout: "1\n2\nend\n",
    stderr: "",
  }),
  steps(
    "background job keeping the pipes",
    { run: "sleep 9 & echo started", status: 0, stdout: "started\n", stderr: "", check: didNotWait },
    { run: "kill $!; wait $! 2>/dev/null; :", status: 0 },
  ),
  steps(
    "late output of a background job stays out of the next command",
    quiet("(sleep 0.4; echo LATE; echo LATEE >&2) & :"),
    prints("sleep 0.8; echo clean", "clean\n"),
  ),
  steps(
    "late output of a grandchild stays out of the next command",
    quiet("sh -c '(sleep 0.4; echo LATE) & :'"),
    prints("sleep 0.8; echo clean", "clean\n"),
  ),
  steps(
    "nohup",
    {
      run: "nohup sleep 9 >/dev/null 2>&1 & echo $!",
      status: 0,
      stderr: "",
      check: (outcome) => (/^\d+\n$/.test(outcome.stdout.toString()) ? didNotWait(outcome, []) : "no process id"),
    },
    { run: "kill $!; wait $! 2>/dev/null; :", status: 0 },
  ),
  steps("wait", { run: "sleep 0.2 & wait; echo w", status: 0, stdout: "w\n", stderr: "" }),
  steps("jobs shows the user's jobs only", { run: "wait; jobs >/dev/null; jobs", status: 0, stdout: "", stderr: "" }),
  steps("STOP and CONT of a child", {
    run: "sleep 0.2 & p=$!; kill -STOP $p; kill -CONT $p; wait $p; echo c; unset p",
    status: 0,
    stdout: "c\n",
  }),
  exact("a daemon that closed its streams", "(exec >/dev/null 2>&1 </dev/null; sleep 1) & echo d", "d\n"),
  steps("output is seen before the end", {
    run: "echo first; read -r x; echo second; unset x",
    meanwhile: async (command) => {
      await untilPrinted("first\n")(command);
      await command.input("\n");
    },
    status: 0,
    stdout: "first\nsecond\n",
  }),
  stopped("INT to sleep", "sleep 60", "INT"),
  stopped("INT to a loop of children", "while :; do sleep 0.2; done", "INT"),
  { ...stopped("INT to a busy loop of builtins", "while :; do :; done", "INT"), not: ["ash"] },
  {
    // busybox ash leaves its signal handler by a jump, now and then out of the middle of malloc: then it waits for a lock of its own for
    // ever, and nothing but KILL ends it.
    name: "INT, then KILL, to a busy loop of builtins",
    not: ["bash", "dash", "zsh"],
    steps: [
      {
        run: "echo up; while :; do :; done",
        meanwhile: async (command) => {
          await untilPrinted("up\n")(command);
          await command.stop("INT");
          await command.ended(1_000);
          if (command.state.kind === "running") await command.stop("KILL");
        },
        check: ({ status, state }) => (status !== undefined && status > 128 ? undefined : JSON.stringify(state)),
      },
    ],
  },
  stopped("INT to a pipeline", "sleep 60 | sleep 61", "INT"),
  stopped("TERM to a command that ignores INT", "sh -c 'trap \"\" INT; sleep 60; exit 200'", "INT", "TERM"),
  stopped(
    "KILL to a command that ignores INT and TERM",
    "sh -c 'trap \"\" INT TERM; sleep 60; sleep 60'",
    "INT",
    "TERM",
    "KILL",
  ),
  ...(["TERM", "KILL"] as const).map((signal) =>
    endsWhole(signal, `${signal} to a list`, "sleep 60; echo never; sleep 60", "echo never"),
  ),
  endsWhole("TERM", "TERM to a loop in a function", "hf_f() { while :; do sleep 0.2; done; }; hf_f; echo never"),
  endsWhole("TERM", "TERM to a pipeline in a list", "sleep 60 | sleep 61; echo never", "echo never"),
  endsWhole("TERM", "TERM to a substitution", "hf_x=$(sleep 60; echo no); echo never $hf_x"),
  endsWhole("TERM", "TERM to a busy loop of builtins", "while :; do :; done; echo never"),
  endsWhole(
    "TERM",
    "TERM to processes that start one another",
    `export hf_s='[ "$n" -gt 200 ] || n=$((n+1)) sh -c "$hf_s"; sleep 60'; n=0 sh -c "$hf_s"; echo never`,
  ),
  steps(
    "TERM to a shell that starts the next part of its line all the same",
    quiet("trap '' URG"),
    {
      run: "echo up; sleep 60; sleep 61; hf_x=",
      meanwhile: async (command) => {
        await untilPrinted("up\n")(command);
        await command.stop("TERM");
      },
      stdout: "up\n",
      check: ({ tookMs }) => (tookMs < liveMs ? undefined : `took ${tookMs.toFixed()} ms`),
    },
    quiet("trap _hf_t URG"),
  ),
  steps(
    "a time limit ends all of a list, and spares background jobs",
    { run: "sleep 20 & hf_j=$!; hf_k=kept", status: 0 },
    {
      run: "echo a; sleep 60; echo never",
      with: { timeoutMs: 1500 },
      stdout: "a\n",
      check: ({ state }) => (state.kind === "timed_out" ? undefined : JSON.stringify(state)),
    },
    prints('kill $hf_j && echo "$hf_k"; wait $hf_j 2>/dev/null; unset hf_j hf_k', "kept\n"),
  ),
  steps("timeout", {
    run: "echo a; sleep 60",
    with: { timeoutMs: 700 },
    stdout: "a\n",
    check: ({ state, tookMs }) =>
      state.kind === "timed_out" && tookMs < liveMs
        ? undefined
        : `${JSON.stringify(state)} after ${tookMs.toFixed()} ms`,
  }),
  {
    name: "50 commands one after the other",
    steps: Array.from({ length: 50 }, (_, n): Step => {
      const number = String(n);
      return {
        run: `echo n${number}; echo e${number} >&2; (exit ${String(n % 7)})`,
        status: n % 7,
        stdout: `n${number}\n`,
        stderr: `e${number}\n`,
      };
    }),
  },
  steps(
    "numbers go up by one",
    { run: ":" },
    {
      run: ":",
      check: ({ command }, [before]) =>
        command.number === (before?.command.number ?? 0) + 1
          ? undefined
          : `number ${String(command.number)} after ${String(before?.command.number)}`,
    },
  ),
];
