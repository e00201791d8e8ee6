/** A way to run sudo in a session, and how sudo's own memory takes it. */
export interface Form {
  readonly name: string;
  /** Prints 0 for each sudo that got through. */
  readonly text: string;
  /** Runs of sudo in it. */
  readonly runs: number;
  /** The shell of the session is sudo's parent: tickets of type `ppid` are bound to that, and all are where the session has no terminal. */
  readonly direct: boolean;
}

/** `$0` in scripts is of no use here: each form is a whole command. */
export const forms: readonly Form[] = [
  { name: "direct", text: "sudo id -u", runs: 1, direct: true },
  { name: "substitution", text: "echo $(sudo id -u)", runs: 1, direct: true },
  { name: "pipe", text: "echo 0 | sudo cat | cat", runs: 1, direct: true },
  { name: "heredoc", text: "sudo cat <<'E'\n0\nE", runs: 1, direct: true },
  { name: "loop", text: "for i in 1 2; do sudo id -u; done", runs: 2, direct: true },
  { name: "background", text: "sudo id -u & wait", runs: 1, direct: true },
  { name: "function", text: "f() { sudo id -u; }; f; unset -f f", runs: 1, direct: true },
  { name: "subshell", text: "(sudo id -u; sudo id -u; :)", runs: 2, direct: false },
  { name: "script", text: "printf 'sudo id -u\\nsudo id -u\\n:\\n' >s.sh; sh s.sh", runs: 2, direct: false },
  { name: "xargs", text: "printf '%s\\n' -u -u | xargs -n 1 sudo id", runs: 2, direct: false },
];

/** How often sudo asks: its ticket is there for those that it lets share, `cached`: from before. */
export function askedTimes(form: Form, kind: "tty" | "ppid" | "global", cached: boolean): number {
  return cached && (form.direct || kind !== "ppid") ? 0 : 1;
}
