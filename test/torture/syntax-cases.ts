import { endsWith, exact, prints, quiet, steps, type TortureCase } from "./torture-case.ts";

/** A text that is no complete command: it must fail, say why on stderr, and leave the session as it was. */
function syntaxError(text: string): TortureCase {
  return {
    name: `syntax error: ${text.replaceAll("\n", " ")}`,
    steps: [
      quiet("kept=1"),
      {
        run: text,
        check: ({ status, stderr }) => {
          if (status === undefined || status === 0) return `status ${String(status)}`;
          return stderr.length === 0 ? "nothing on stderr" : undefined;
        },
      },
      prints('echo "$kept"; unset kept', "1\n"),
    ],
  };
}

const oneHundredKilobytes = "x".repeat(100_000);

/** What a command's text may be. */
export const syntaxCases: readonly TortureCase[] = [
  exact("heredoc", "v=5\ncat <<EOT\nv is $v\nEOT\nunset v\necho after", "v is 5\nafter\n"),
  exact("quoted heredoc", "cat <<'EOT'\n$x 'a' \"b\" `c` \\\nEOT", "$x 'a' \"b\" `c` \\\n"),
  exact("several lines", "echo a\necho b\n\n\necho c\n", "a\nb\nc\n"),
  exact("comments", "# first\necho hi # second\n# third", "hi\n"),
  exact("only a comment", "# nothing"),
  exact(
    "quotes of every kind",
    String.raw`printf '%s|' 'si"ng' "dou'ble" "a\"b\\\$HOME" un\ quoted "$(printf '%s' "in 'side'")"`,
    String.raw`si"ng|dou'ble|a"b\$HOME|un quoted|in 'side'|`,
  ),
  exact("backslashes and percent", String.raw`printf '%s\n' 'a\nb%d\\'`, "a\\nb%d\\\\\n"),
  endsWith(9, exact("function of several lines", 'f() {\n  echo "$1"\n  return 9\n}\nf arg', "arg\n")),
  exact("trailing backslash, then a line", "echo a\\\nb", "ab\n"),
  {
    name: "trailing backslash",
    steps: [
      {
        run: "echo a\\",
        status: 0,
        stderr: "",
        check: ({ stdout }) => (/^a\\?\n$/.test(stdout.toString()) ? undefined : "no a"),
      },
    ],
  },
  exact("!history", `echo 'a!b !! !x !$'; echo "wow!! !echo !1"`, "a!b !! !x !$\nwow!! !echo !1\n"),
  exact("100 KB command", `printf %s '${oneHundredKilobytes}'`, oneHundredKilobytes),
  {
    name: "2 MB command",
    steps: [prints(`printf %s '${"y".repeat(2_000_000)}' | wc -c | tr -d ' '`, "2000000\n")],
  },
  exact(
    "2,000 lines of commands",
    Array.from({ length: 2000 }, (_, line) => `echo l${String(line)}`).join("\n"),
    Array.from({ length: 2000 }, (_, line) => `l${String(line)}\n`).join(""),
  ),
  exact(
    "unicode in names",
    'd=$(mktemp -d); : >"$d/żółć 日本 🚀"; ls "$d" | cat; rm -r "$d"; unset d',
    "żółć 日本 🚀\n",
  ),
  exact(
    "a command named like a shell keyword",
    String.raw`d=$(mktemp -d); for k in if while done; do printf '#!/bin/sh\necho K%s\n' "$k" >"$d/$k"; chmod +x "$d/$k"; done; "$d/if"; p=$PATH; PATH=$d:$PATH; \while; 'done'; PATH=$p; rm -r "$d"; unset d p k`,
    "Kif\nKwhile\nKdone\n",
  ),
  exact("pipes with failing middle", "printf a | false | printf b", "b"),
  endsWith(1, exact("the last of a pipe fails", "printf a | false")),
  exact("subshell", "v=1; (v=2; cd /; exit 4); r=$?; echo $v $r; unset v r", "1 4\n"),
  exact("nested subshells and braces", "( ( { echo deep; } ) ); { echo b; }", "deep\nb\n"),
  { ...exact("process substitution", "cat <(echo ps)", "ps\n"), not: ["dash", "ash"] },
  endsWith(127, exact("command not found", "no_such_command_xyz 2>/dev/null")),
  endsWith(126, exact("not executable", "/etc/passwd 2>/dev/null")),
  endsWith(255, exact("exit status 255", "(exit 255)")),
  endsWith(137, exact("child killed by KILL", "sh -c 'kill -9 $$' 2>/dev/null")),
  steps("child killed by TERM", { run: "sh -c 'kill -TERM $$' 2>/dev/null", status: 143, stdout: "" }),
  syntaxError("if"),
  syntaxError('echo "x'),
  syntaxError("echo 'x"),
  syntaxError("( echo"),
  syntaxError("fi"),
  syntaxError("for x in; do"),
  syntaxError("echo a; )"),
  syntaxError("echo $("),
  syntaxError("f() {"),
  steps("unterminated heredoc", { run: "cat <<EOT\nabc" }),
  steps("bad expansion", {
    run: ": ${no_such_variable?bad thing}; echo not reached",
    stdout: "",
    check: ({ status }) => (status === 0 ? "status 0" : undefined),
  }),
  steps("division by zero", {
    run: "echo $((1/0))",
    stdout: "",
    check: ({ status }) => (status === 0 ? "status 0" : undefined),
  }),
  steps("readonly variable", { run: "readonly hf_ro=1; hf_ro=2; echo x" }),
  steps("return outside a function", { run: "return 5; echo no", stdout: "", status: 5 }),
];
