import { filledIn, type PromptEntry } from "./prompt-entry.ts";

/** Watches a log and tells what matters in it. */
export const followLog: PromptEntry = {
  name: "follow_log",
  title: "Follow a log",
  description: "Watch a log on a host and tell what matters in it",
  parameters: [
    { name: "host", about: "session, alias or user@host[:port]", required: true, completes: "target" },
    { name: "log", about: "a file, or a unit of the journal", required: true },
    { name: "looking_for", about: "what matters", required: false },
  ],
  write: (args) => {
    const host = filledIn(args, "host") ?? "";
    const lookingFor = filledIn(args, "looking_for");
    return [
      `Follow the log ${JSON.stringify(filledIn(args, "log") ?? "")} on ${JSON.stringify(host)}.`,
      lookingFor === undefined ? "Tell what is unusual: errors, repetitions, gaps." : `What matters: ${lookingFor}`,
      "",
      "1. Start it with ssh_run and `background: true`: `tail -n 100 -F <file>` for a file (it goes on when the file is rotated), " +
        "`journalctl -n 100 -f -u <unit>` for a unit. Filter on the host (grep --line-buffered) if it says much.",
      '2. Wait for what is new with ssh_read and `until: "output"`, passing the `from` that the last reply named. ' +
        "A client that can subscribe may follow the resource ssh://commands/<session>/<n>/output instead.",
      "3. Tell what matters as it comes, with the line and its time; do not repeat everything.",
      "4. When you are done or told to stop, end the command with ssh_stop.",
    ].join("\n");
  },
};
