import { ApprovalDesk } from "./approvals/index.ts";
import { openConfig, readAskWaitMs, type Config } from "./config/index.ts";
import { Redactor } from "./secrets/index.ts";

/** Where people are asked, and what they have typed is kept out of all that leaves. */
export interface FrontDesk {
  readonly desk: ApprovalDesk;
  readonly redactor: Redactor;
  readonly config: Config;
}

/** The one desk of a process, light enough to be there before anything else is. */
export function openFrontDesk(): FrontDesk {
  const redactor = new Redactor({ hidesTokens: () => config.hidesTokens });
  const desk = new ApprovalDesk({
    patienceMs: () => readAskWaitMs(),
    openPage: async (open) => (await import("./web/index.ts")).openOneTimePage(open),
    onSecret: (value) => void redactor.learn(value),
  });
  const config = openConfig(process.env, (secret) => void redactor.learn(secret));
  return { desk, redactor, config };
}
