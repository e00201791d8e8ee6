/** What is typed into a program, and what its screen shows then. */
export interface ProgramStep {
  readonly type?: { readonly text?: string; readonly keys?: readonly string[] };
  readonly shows: string;
}

/** A full-screen or line-editing program, and a way through it. */
export interface DrivenProgram {
  readonly name: string;
  readonly command: string;
  readonly steps: readonly ProgramStep[];
  /** What ends it; without, it is killed. */
  readonly leave?: { readonly text?: string; readonly keys?: readonly string[] };
}

const text = (typed: string, shows: string): ProgramStep => ({ type: { text: typed }, shows });
const keys = (names: readonly string[], shows: string): ProgramStep => ({ type: { keys: names }, shows });

/** Played by `npm test`; they need nothing that other tests do not. */
export const fewPrograms: readonly DrivenProgram[] = [
  {
    name: "vim",
    command: "vim -u NONE -N -i NONE words",
    steps: [
      { shows: "zwölf" },
      text(":set number ruler list\n", "^ +1 one"),
      text("Gothe last 日本語 line", "INSERT"),
      keys(["Escape"], "the last 日本語 line"),
      text(":vsplit\n", "words +\\[\\+\\] .*words"),
      text("gg3dd", "3 fewer lines"),
    ],
    leave: { text: ":qa!\n" },
  },
  {
    name: "less",
    command: "less -N -S numbers",
    steps: [
      { shows: "^ +1 number 1" },
      text("/number 700\n", "^ +700 number 700"),
      keys(["Right"], "700"),
      keys(["End"], "^ +1000 "),
    ],
    leave: { text: "q" },
  },
  { name: "top", command: "top -d 1", steps: [{ shows: "load average" }], leave: { text: "q" } },
  {
    name: "bash",
    command: "PS1='b: ' exec bash --norc --noprofile -i",
    steps: [
      { shows: "^b:" },
      text(`echo ${"long ".repeat(40)}end`, "end$"),
      keys(["C-a", "M-f", "C-k"], "^b: echo$"),
      text(" done\n", "^done"),
      keys(["C-r"], "reverse-i-search"),
    ],
  },
];

/** Played with the others by `npm run terminals`. */
export const otherPrograms: readonly DrivenProgram[] = [
  {
    name: "nano",
    // It asks what becomes of the text when it is left.
    command: "nano --ignorercfiles words",
    steps: [{ shows: "zwölf" }, text("more\n", "Modified"), keys(["C-w"], "Search"), text("drei\n", "drei")],
  },
  { name: "htop", command: "htop", steps: [{ shows: "Load average" }, keys(["F1"], "htop")], leave: { text: "qq" } },
  {
    name: "mc",
    command: "mc -u --skin=default",
    steps: [
      { shows: "10Quit" },
      keys(["F9"], "Left"),
      keys(["Enter"], "Listing"),
      keys(["Escape", "Escape"], "10Quit"),
    ],
  },
  {
    name: "dialog",
    command:
      "dialog --title Choose --checklist 'What is to be installed' 15 50 5 a one off b two on c three off; echo; sleep 300",
    steps: [
      { shows: "What is to be" },
      keys(["Down", "Down"], "three"),
      text(" ", "\\[\\*\\] +c"),
      keys(["Enter"], "b c"),
    ],
  },
  {
    name: "python3",
    command: "python3 -q -i -c 'import sys; sys.ps1=\"py: \"'",
    steps: [
      { shows: "py:" },
      text("6 * 7\n", "^42"),
      text("for n in range(3):\n    print('ü' * n)\n\n", "^üü"),
      keys(["Up", "Home"], "py:"),
    ],
    leave: { keys: ["C-a", "C-k", "C-d"] },
  },
  {
    name: "gdb",
    command: "gdb -q -nx",
    steps: [
      { shows: "^\\(gdb\\)" },
      text("print 6*7\n", "= 42"),
      text("tui enable\n", "No Source Available"),
      text("tui disable\n", "^\\(gdb\\)"),
    ],
    leave: { text: "quit\n" },
  },
  {
    name: "sqlite3",
    command: "sqlite3 -interactive",
    steps: [
      { shows: "sqlite>" },
      text(".mode box\n", "box"),
      text("select 'zwölf' as a, 12 as b union select '日本', 3;\n", "│ zwölf"),
    ],
    leave: { text: ".quit\n" },
  },
  {
    name: "man",
    command: "MANPAGER=less man -l ./page.1",
    steps: [{ shows: "NAME" }, text(" ", "paragraph 2[0-9]"), text("/paragraph 40\n", "paragraph 40")],
    leave: { text: "q" },
  },
  {
    name: "tmux",
    command: "tmux -L $$ -f /dev/null new-session 'PS1=in: exec bash --norc --noprofile'",
    steps: [
      { shows: "^in:" },
      text("seq 3\n", "^3\n"),
      { type: { keys: ["C-b"], text: "" }, shows: "^in:" },
      text("%", "│"),
      text("echo right side\n", "│right side"),
    ],
    leave: { text: "tmux kill-session\n" },
  },
];
