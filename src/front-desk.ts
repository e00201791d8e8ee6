import { ApprovalDesk, showLocally } from "./approvals/index.ts";
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
    dialog: () => {
      const program = config.dialog ?? usualDialog(process.env);
      return program === undefined || program === "off" ? undefined : (...shown) => showLocally(program, ...shown);
    },
    onSecret: (value) => void redactor.learn(value),
  });
  const config = openConfig(process.env, (secret) => void redactor.learn(secret));
  return { desk, redactor, config };
}

/** What ssh is told to ask with, where that can show anything. */
function usualDialog(env: NodeJS.ProcessEnv): string | undefined {
  const { DISPLAY = "", WAYLAND_DISPLAY = "", SSH_ASKPASS = "", SSH_ASKPASS_REQUIRE } = env;
  const canShow = `${DISPLAY}${WAYLAND_DISPLAY}` !== "" || SSH_ASKPASS_REQUIRE === "force";
  return canShow && SSH_ASKPASS !== "" && SSH_ASKPASS_REQUIRE !== "never" ? SSH_ASKPASS : undefined;
}
