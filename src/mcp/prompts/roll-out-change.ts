import { filledIn, type PromptEntry } from "./prompt-entry.ts";

/** Brings a change to several hosts: one first, then the others, stopping at the first failure. */
export const rollOutChange: PromptEntry = {
  name: "roll_out_change",
  title: "Roll a change over several hosts",
  description: "Bring a change to several hosts: one first, then the others in groups, stopping at the first failure",
  parameters: [
    { name: "hosts", about: "aliases, separated by commas", required: true, completes: "targets" },
    { name: "change", about: "what is to be changed, in words or as a command", required: true },
    { name: "check", about: "how to tell that a host works", required: false },
  ],
  write: (args) => {
    const hosts = (filledIn(args, "hosts") ?? "")
      .split(",")
      .map((host) => host.trim())
      .filter((host) => host !== "");
    const check = filledIn(args, "check");
    return [
      `Bring this change to the hosts ${JSON.stringify(hosts)}:`,
      filledIn(args, "change") ?? "",
      check === undefined
        ? "Find out how to tell that a host works, and say how, before you begin."
        : `A host works when: ${check}`,
      "",
      "1. Look first: run the check on all hosts with one ssh_run (`on` takes a list). A host that does not work before is left out and reported.",
      "2. Write down how the change is undone on one host. If it cannot be undone, say so and ask before you go on.",
      `3. Change ${JSON.stringify(hosts[0] ?? "the first host")} alone, check it, and show what came of it.`,
      "4. Then the others in groups of growing size, each group checked before the next. " +
        "Give each ssh_run a `key` of its own, so that a repeated call does not change a host twice.",
      "5. At the first failure stop: leave the remaining hosts as they are, undo on the host that failed if it does not work, and report. " +
        "`lost` means that the outcome is unknown: look before you repeat.",
      "6. Report a table: host, before, after, what was done.",
    ].join("\n");
  },
};
