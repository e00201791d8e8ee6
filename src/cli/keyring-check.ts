import { asHoldfastError } from "../base/index.ts";
import type { CliServices } from "./cli-services.ts";
import type { Finding } from "./finding.ts";

/** Whether the keyring can be used, where the settings say that it is to be. */
export async function checkKeyring(services: CliServices): Promise<readonly Finding[]> {
  const about = "keyring";
  try {
    const text = await services.describeKeyring();
    return text === undefined ? [] : [{ verdict: "good", about, text }];
  } catch (thrown) {
    const { code, message, hint } = asHoldfastError(thrown);
    // The settings have been told of already.
    if (code === "config_invalid") return [];
    return [{ verdict: "bad", about, text: message, ...(hint === undefined ? {} : { next: hint }) }];
  }
}
