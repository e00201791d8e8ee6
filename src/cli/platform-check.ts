import { oneLine } from "../base/index.ts";
import type { CliServices } from "./cli-services.ts";
import { findingText, type Finding } from "./finding.ts";
import { print } from "./print.ts";

/** Shows what a platform (by name or file) is, and what it makes of the line `prompt`; false when it knows no such line. Rejects for a bad file. */
export async function checkPlatform(
  nameOrFile: string,
  prompt: string | undefined,
  services: CliServices,
): Promise<boolean> {
  const platform = await services.describedPlatform(nameOrFile);
  const { name, title, origin, facts } = platform;
  await print(services.output, `✔ ${name}: ${title} (${origin})`);
  await print(services.output, facts.map((fact) => findingText({ verdict: "note", ...fact })).join("\n"));
  if (prompt === undefined) return true;
  // A shell's words have no line feeds: \n is how people write one.
  const meaning = platform.describeLine(prompt.replaceAll("\\n", "\n"));
  const about = oneLine(prompt, 60);
  const finding: Finding =
    meaning === undefined
      ? {
          verdict: "bad",
          about,
          text: "no prompt, pager, question or error: output",
          next: "Mend the pattern of the mode that it belongs to",
        }
      : { verdict: "good", about, text: meaning };
  await print(services.output, `\n${findingText(finding)}`);
  return meaning !== undefined;
}
