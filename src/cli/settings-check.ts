import { asHoldfastError } from "../base/index.ts";
import type { CliServices, Places } from "./cli-services.ts";
import type { Finding } from "./finding.ts";

/** Whether the settings file can be used, and what is in it. */
export async function checkSettings(places: Places, services: CliServices): Promise<Finding> {
  const about = "settings";
  try {
    const holds = await services.describeConfig();
    if (holds === undefined) {
      return { verdict: "note", about, text: `${places.configFile} does not exist; none are needed` };
    }
    return { verdict: "good", about, text: `${places.configFile}: ${holds}` };
  } catch (thrown) {
    const { message, hint } = asHoldfastError(thrown);
    return { verdict: "bad", about, text: message, ...(hint === undefined ? {} : { next: hint }) };
  }
}
