import { exact, prints, quiet, steps, type TortureCase } from "./torture-case.ts";

/** What one command leaves for the next. */
export const stateCases: readonly TortureCase[] = [
  steps("cd then pwd", quiet("cd /usr/bin"), prints("pwd", "/usr/bin\n"), {
    run: "cd /",
    status: 0,
    check: ({ command }) =>
      command.directory === "/" ? undefined : `the directory is told as ${String(command.directory)}`,
  }),
  steps(
    "directory with space, quote and newline",
    { run: `hf_d=$(mktemp -d); mkdir "$hf_d/a b'\n\\"c"; cd "$hf_d/a b'\n\\"c"`, status: 0, stdout: "", stderr: "" },
    {
      run: "pwd",
      status: 0,
      check: ({ command, stdout }) => {
        if (!stdout.toString().endsWith("/a b'\n\"c\n")) return "pwd is another";
        return `${command.directory ?? ""}\n` === stdout.toString()
          ? undefined
          : `the directory is told as ${JSON.stringify(command.directory)}`;
      },
    },
    quiet('cd /; rm -r "$hf_d"; unset hf_d'),
  ),
  steps(
    "directory deleted",
    quiet('hf_d=$(mktemp -d); cd "$hf_d"; rmdir "$hf_d"; unset hf_d'),
    { run: "echo ok", status: 0, stdout: "ok\n" },
    quiet("cd /"),
  ),
  steps("export", quiet("export HF_E='a b'"), prints(`sh -c 'echo "$HF_E"'`, "a b\n"), quiet("unset HF_E")),
  steps(
    "plain variable",
    quiet("hf_v='x  y'"),
    prints(`printf %s "$hf_v"; sh -c 'printf %s "\${hf_v-unset}"'; unset hf_v`, "x  yunset"),
  ),
  steps("functions", quiet('hf_f() { echo "F$1"; }'), prints("hf_f 3", "F3\n"), quiet("unset -f hf_f")),
  steps("aliases", quiet("alias hf_a='echo AL'"), prints("hf_a 1", "AL 1\n"), quiet("unalias hf_a")),
  steps(
    "umask",
    quiet("hf_u=$(umask); umask 077"),
    { run: "umask", status: 0, check: ({ stdout }) => (/^0*77\n$/.test(stdout.toString()) ? undefined : "not 077") },
    quiet("umask $hf_u; unset hf_u"),
  ),
  steps("$? of the previous command", { run: "(exit 6)", status: 6 }, prints("echo $?", "6\n")),
  steps("trap", quiet("trap 'echo T' USR1"), prints("kill -USR1 $$; echo after", "T\nafter\n"), quiet("trap - USR1")),
  {
    ...steps(
      "DEBUG trap",
      quiet("trap 'echo D >&2' DEBUG"),
      { run: "echo ok", status: 0, stdout: "ok\n" },
      { run: "trap - DEBUG", status: 0 },
    ),
    not: ["dash", "ash"],
  },
  steps("unset PS1", quiet("unset PS1"), prints("echo ok", "ok\n")),
  steps(
    "PS1 and PROMPT_COMMAND changed",
    quiet("PS1='foo> '; PS2=bar; PROMPT_COMMAND='echo PC'; PROMPT='z> '"),
    prints("echo ok", "ok\n"),
    quiet("unset PROMPT_COMMAND"),
    prints("echo ok", "ok\n"),
  ),
  {
    ...steps(
      "precmd and preexec",
      quiet("precmd() { echo PRE; }; preexec() { echo EXE; }"),
      prints("echo ok", "ok\n"),
      quiet("unset -f precmd preexec"),
      prints("echo ok", "ok\n"),
    ),
    not: ["bash", "dash", "ash"],
  },
  steps(
    "locale C",
    quiet("export LC_ALL=C LANG=C"),
    prints("printf '%s\\n' 'ż日'", "ż日\n"),
    quiet("unset LC_ALL LANG"),
    prints("printf '%s\\n' 'ż日'", "ż日\n"),
  ),
  steps(
    "IFS, set -f, set -u",
    quiet("IFS=x; set -f; set -u"),
    prints("echo ok", "ok\n"),
    quiet("IFS=' \t\n'; set +f; set +u"),
  ),
  steps(
    "unset variable with set -u",
    { run: "set -u; echo $hf_undefined; echo no", check: ({ status }) => (status === 0 ? "status 0" : undefined) },
    { run: "set +u", status: 0 },
  ),
  steps(
    "set -v",
    { run: "set -v", status: 0 },
    { run: "echo 2", status: 0, stdout: "2\n" },
    { run: "set +v", status: 0 },
  ),
  steps(
    "set -x shows the command's trace and none of ours",
    { run: "set -x; echo 1", status: 0, stdout: "1\n" },
    {
      run: "echo 2",
      status: 0,
      stdout: "2\n",
      check: ({ stderr }) =>
        /^(?:\+.*echo 2\n)?$/.test(stderr.toString()) ? undefined : "more than the trace of echo",
    },
    { run: "{ set +x; } 2>/dev/null", status: 0 },
    prints("echo 3", "3\n"),
  ),
  steps(
    "PATH broken",
    quiet("hf_p=$PATH; PATH=/nonexistent"),
    prints("echo ok", "ok\n"),
    quiet("PATH=$hf_p; unset hf_p"),
  ),
  steps(
    "functions over printf, echo, eval, test",
    quiet("printf() { :; }; echo() { :; }"),
    prints("command printf x", "x"),
    quiet("unset -f printf echo"),
  ),
  steps(
    "file descriptors 3 to 9 are the user's",
    quiet('hf_d=$(mktemp -d); exec 9>"$hf_d/n" 3<>"$hf_d/t"'),
    prints('echo x >&9; echo y >&3; cat "$hf_d/n" "$hf_d/t"; exec 9>&- 3>&-; rm -r "$hf_d"; unset hf_d', "x\ny\n"),
  ),
  {
    name: "the environment shows nothing of ours",
    steps: [
      {
        run: "env",
        status: 0,
        check: ({ stdout }) => {
          const ours = stdout
            .toString()
            .split("\n")
            .filter((line) => /^\w*(?:holdfast|hf_|_hf|spool|butler|nonce)\w*=/i.test(line));
          return ours.length === 0 ? undefined : ours.join(", ");
        },
      },
    ],
  },
  steps("set and env survive", {
    run: "set; env; alias; true",
    status: 0,
    check: ({ stdout }) => (stdout.length > 200 ? undefined : "too little"),
  }),
  steps(
    "stty",
    {
      run: "{ stty -echo raw </dev/tty; } 2>/dev/null; { stty -a </dev/tty; } >/dev/null 2>&1; echo done",
      status: 0,
      stdout: "done\n",
      stderr: "",
    },
    { run: "{ stty sane </dev/tty; } 2>/dev/null; :", status: 0 },
  ),
  steps(
    "cwd and env for one command only",
    {
      run: 'pwd; echo "$HF_ONE"',
      with: { cwd: "/usr/lib", env: { HF_ONE: "o'n e" } },
      status: 0,
      stdout: "/usr/lib\no'n e\n",
      stderr: "",
    },
    {
      run: 'echo "${HF_ONE-unset}"; [ "$PWD" = /usr/lib ] || echo back',
      status: 0,
      stdout: "unset\nback\n",
      stderr: "",
    },
  ),
  exact("ulimit in a subshell", "(ulimit -n 20; echo lim)", "lim\n"),
];
