import { HoldfastError } from "../../base/index.ts";

/** What commands on a Windows host are written in. */
export type WindowsLanguage = "cmd" | "powershell" | "pwsh";

/** The language that a record names; cmd.exe where it names none. */
export function readLanguage(platform: string | undefined): WindowsLanguage {
  const name = platform?.replace(/^windows-/, "");
  return name === "powershell" || name === "pwsh" ? name : "cmd";
}

/** The language that a caller names. Throws `bad_input`. */
export function askedLanguage(platform = ""): WindowsLanguage {
  const language = readLanguage(platform);
  if (platform === `windows-${language}`) return language;
  throw new HoldfastError("bad_input", `there is no platform "${platform}"; nothing was done`, {
    hint: "Say windows-cmd, windows-powershell or windows-pwsh, or leave platform out",
  });
}
