import { filledIn, type PromptEntry } from "./prompt-entry.ts";

/** Finds out what is wrong with a host without changing anything on it. */
export const diagnoseHost: PromptEntry = {
  name: "diagnose_host",
  title: "Diagnose a host",
  description: "Find out what is wrong with a host, without changing anything on it",
  parameters: [
    { name: "host", about: "session, alias or user@host[:port]", required: true, completes: "target" },
    { name: "symptom", about: "what was noticed, since when", required: false },
  ],
  write: (args) => {
    const host = filledIn(args, "host") ?? "";
    const symptom = filledIn(args, "symptom");
    return [
      `Find out what is wrong with the host ${JSON.stringify(host)}.`,
      symptom === undefined
        ? "Nobody has named a symptom: look at its general health."
        : `What was noticed: ${symptom}`,
      "",
      `1. Run one command with ssh_run on ${JSON.stringify(host)} that gathers the basics, and go on where one of them looks wrong: ` +
        "uptime and load, memory and swap, full or read-only file systems (df -h, df -i), failed services, " +
        "the last kernel messages, processes by CPU and memory, listening sockets, time synchronisation.",
      "2. Form a hypothesis, name it, and test it with the next command. Read logs with tail or grep instead of whole.",
      "3. Change nothing: no restart, no kill, no edit, no installation. If only a change could tell, ask first.",
      "4. Report: the cause, or the likeliest ones with what speaks for and against each; the lines of output that show it; " +
        "what you would do about it, and what that would risk.",
    ].join("\n");
  },
};
