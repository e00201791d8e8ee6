import type { Stage } from "./stage.ts";

/** Prints numbered lines for about four seconds and ends with a status of its own. */
const count = 'i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo "line $i"; sleep 0.04; done; (exit 7)';
const countedLines = Array.from({ length: 100 }, (_unused, index) => `line ${index + 1}\n`).join("");

/** What the demo shows, in this order; each scene leaves the session usable for the next. */
export const scenes: readonly ((stage: Stage) => Promise<void>)[] = [
  keepsState,
  tellsExitCodes,
  keepsStderrApart,
  freesStuckCommand,
  ignoresPrompts,
  handsOver,
  stopsCommand,
  survivesConnection,
  survivesServer,
];

async function keepsState(stage: Stage): Promise<void> {
  stage.scene("State is kept", "One shell for all calls: directory, variables and functions stay.");
  const first = await stage.run('cd /usr/share && export COLOUR=green && greet() { echo "hello, $1"; }');
  stage.check("the reply shows the new directory", first.place === `${stage.host.alias}:/usr/share`);
  const second = await stage.run("pwd; echo $COLOUR; greet agent");
  stage.check("all of it is there in the next call", second.stdout === "/usr/share\ngreen\nhello, agent\n");
}

async function tellsExitCodes(stage: Stage): Promise<void> {
  stage.scene("Exit codes", "A failing command is a result with its code, no error of the tool.");
  const failed = await stage.run("(exit 42)");
  stage.check("exit 42", failed.state === "exit 42" && !failed.isError);
  const ended = await stage.run("exit 3");
  stage.check("even the shell's own end is told with its code", ended.state === "exit 3" && !ended.isError);
  const alive = await stage.run("echo still here: $COLOUR");
  stage.check("and the session goes on", alive.stdout === "still here: green\n");
}

async function keepsStderrApart(stage: Stage): Promise<void> {
  stage.scene("Stdout and stderr apart", "Two streams, not one terminal.");
  const both = await stage.run("echo result; echo 'a warning' >&2");
  stage.check("stdout holds the result only", both.stdout === "result\n");
  stage.check("stderr holds the warning only", both.stderr.trimEnd() === "a warning");
}

async function freesStuckCommand(stage: Stage): Promise<void> {
  stage.scene(
    "A command that waits for input",
    "`cat` without a file reads stdin for ever; the call comes back all the same.",
  );
  const stuck = await stage.run("cat", { wait_s: 1 });
  stage.check("handed over after a second", stuck.state === "running" || stuck.state === "waiting for input");
  await stage.call("ssh_list", { what: "sessions" });
  const fed = await stage.call("ssh_input", { command: stuck.id, text: "typed by the agent\n", eof: true, wait_s: 10 });
  stage.check("fed, ended by end of file", fed.state === "exit 0" && fed.text.includes("typed by the agent"));
}

async function ignoresPrompts(stage: Stage): Promise<void> {
  stage.scene("Output that looks like a prompt", "The end is told by the shell, never read off the output.");
  const lookalike = await stage.run(
    "printf '[sudo] password for root: \\nroot@box:~# \\n$ \\nexit 0\\n'; sleep 0.3; echo 'not fooled'; (exit 5)",
  );
  stage.check(
    "exit 5, after the last line",
    lookalike.state === "exit 5" && lookalike.stdout.endsWith("exit 0\nnot fooled\n"),
  );
}

async function handsOver(stage: Stage): Promise<void> {
  stage.scene("A long command", "The reply names the next call; following it gives each line once.");
  const first = await stage.run('for i in 1 2 3 4 5; do echo "step $i"; sleep 0.5; done', { wait_s: 1 });
  stage.check("handed over as running", first.state === "running");
  const { last, stdout } = await stage.follow(first);
  stage.check(
    "all five steps, each once, exit 0",
    last.state === "exit 0" && stdout === "step 1\nstep 2\nstep 3\nstep 4\nstep 5\n",
  );
}

async function stopsCommand(stage: Stage): Promise<void> {
  stage.scene("Stopping", "An interrupt reaches the command on the host; the session stays.");
  const sleeping = await stage.run("sleep 600", { wait_s: 0.5 });
  const stopped = await stage.call("ssh_stop", { command: sleeping.id });
  stage.check("stopped by the signal", !stopped.isError && stopped.state !== "running");
  const alive = await stage.run("pwd");
  stage.check("the session is where it was", alive.stdout === "/usr/share\n");
}

async function survivesConnection(stage: Stage): Promise<void> {
  stage.scene(
    "The connection dies",
    "100 lines, 25 a second; in the middle the server's end of the connection is killed.",
  );
  const first = await stage.run(count, { wait_s: 1 });
  stage.check("running", first.state === "running");
  stage.event("the SSH connection is killed");
  stage.host.killConnections();
  const { last, stdout } = await stage.follow(first);
  stage.check("every line once", stdout === countedLines);
  stage.check("the right exit code", last.state === "exit 7");
}

async function survivesServer(stage: Stage): Promise<void> {
  stage.scene(
    "The Holdfast server dies",
    "The same, but the MCP server itself is killed with SIGKILL and a new one is started.",
  );
  await stage.run('part=chorus; sing() { echo "la la, $part"; }');
  const first = await stage.run(count, { wait_s: 1 });
  stage.check("running", first.state === "running");
  stage.event("kill -9 of the Holdfast server");
  await stage.killServer();
  await stage.startServerAgain();
  stage.event("a new server, which knows nothing of the old one's memory");
  const { last, stdout } = await stage.follow(await stage.call("ssh_read", { command: first.id, from: 0, wait_s: 30 }));
  stage.check("every line once", stdout === countedLines);
  stage.check("the right exit code", last.state === "exit 7");
  const after = await stage.run("pwd; sing");
  stage.check("directory, variable and function are still there", after.stdout === "/usr/share\nla la, chorus\n");
}
