import { prints, quiet, steps, type Check, type Outcome, type TortureCase } from "./torture-case.ts";

/** Above what the session needs to restart its shell on a slow machine, below what a person would wait. */
const promptMs = 10_000;

const saysRestarted: Check = (outcome) =>
  outcome.command.notes.some((note) => note.includes("restarted"))
    ? undefined
    : `no note of the restart: ${JSON.stringify(outcome.command.notes)}`;

function soon(outcome: Outcome): string | undefined {
  return outcome.tookMs < promptMs ? undefined : `took ${outcome.tookMs.toFixed()} ms`;
}

/** The session's shell ends or is put out of action by the command; the session does not. */
export const deathCases: readonly TortureCase[] = [
  steps(
    "exit 7",
    quiet('cd /usr/lib; export HF_KEEP="q\'x"'),
    { run: "echo bye; exit 7", status: 7, stdout: "bye\n", stderr: "", check: saysRestarted },
    prints('echo "$PWD $HF_KEEP"; unset HF_KEEP; cd /', "/usr/lib q'x\n"),
  ),
  steps("exit 0", { run: "exit 0", status: 0, stdout: "", stderr: "", check: soon }),
  steps("exec", {
    run: "exec sh -c 'echo replaced; echo err >&2; exit 5'",
    status: 5,
    stdout: "replaced\n",
    stderr: "err\n",
  }),
  steps("exec of a command that is not there", {
    run: "exec /no/such/program 2>/dev/null",
    stdout: "",
    check: ({ status }) => (status === 127 || status === 126 ? undefined : `status ${String(status)}`),
  }),
  steps("set -e; false", { run: "set -e; echo a; false; echo no", status: 1, stdout: "a\n" }, quiet("set +e")),
  steps("kill -9 $$", { run: "echo pre; kill -9 $$", status: 137, stdout: "pre\n", check: soon }),
  steps("kill -TERM $$", {
    run: "echo pre; kill -TERM $$; echo post",
    check: ({ stdout }) => (stdout.toString().startsWith("pre\n") ? undefined : "no pre"),
  }),
  steps("kill -HUP $$", {
    run: "echo pre; kill -HUP $$; sleep 0.1; echo post",
    check: ({ stdout }) => (stdout.toString().startsWith("pre\n") ? undefined : "no pre"),
  }),
  steps("the shell dies twice in a row", { run: "exit 3", status: 3 }, { run: "exit 4", status: 4 }),
  steps("shell killed while a child prints", {
    run: "(sleep 0.3; echo late) & echo early; kill -9 $$",
    status: 137,
    check: ({ stdout }) => (stdout.toString().startsWith("early\n") ? undefined : "early is missing"),
  }),
  steps(
    "streams redirected for good",
    { run: "exec >/dev/null 2>&1 </dev/null; echo hidden", status: 0, stdout: "", stderr: "" },
    prints("echo seen", "seen\n"),
  ),
  steps(
    "all descriptors closed",
    { run: "exec 0<&- 1>&- 2>&- 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; :", check: soon },
    prints("echo seen", "seen\n"),
  ),
  steps(
    "EXIT trap does not fire per command",
    quiet("trap 'echo BYE' EXIT"),
    prints("echo x", "x\n"),
    quiet("trap - EXIT"),
  ),
  steps(
    "exit after an EXIT trap of the user's",
    quiet("trap 'printf BYE' EXIT; cd /usr/lib"),
    { run: "exit 4", status: 4, check: saysRestarted },
    prints("pwd; cd /", "/usr/lib\n"),
  ),
];
