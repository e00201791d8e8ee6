import { asHoldfastError, randomHex, renderError, type ErrorCode } from "../base/index.ts";
import type { ToolHost } from "../tools/index.ts";
import { callTool } from "./call-tool.ts";
import type { CliServices } from "./cli-services.ts";
import type { Finding } from "./finding.ts";

/** The steps of a connection in order, and the errors by which each one fails. */
const steps: readonly { readonly about: string; readonly good: string; readonly codes: readonly ErrorCode[] }[] = [
  {
    about: "connect",
    good: "the server answers",
    codes: [
      "dial_failed",
      "timed_out",
      "connection_lost",
      "target_unknown",
      "config_invalid",
      "bad_input",
      "unsupported",
    ],
  },
  { about: "host key", good: "known", codes: ["host_key_unknown", "host_key_changed", "host_key_revoked"] },
  { about: "login", good: "accepted", codes: ["auth_failed", "key_unreadable"] },
];

/** What a target resolves to, each value with its source; then how far a connection gets and what a session there would offer. */
export async function checkTarget(target: string, services: CliServices): Promise<readonly Finding[]> {
  try {
    const values = await services.describeTarget(target);
    const found: Finding[] = values.map(({ name, value, source }) => ({
      verdict: "note",
      about: name,
      text: `${value}  (${source})`,
    }));
    const display = await tryDisplay(target, services);
    const way = await tryWay(target, services);
    return [
      ...found,
      ...display,
      ...way,
      ...(way.some(({ verdict }) => verdict === "bad") ? [] : await tryOut(target, services)),
    ];
  } catch (thrown) {
    return [{ verdict: "bad", about: "target", text: renderError(asHoldfastError(thrown)) }];
  }
}

/** The display of this machine, where the target may use it. */
async function tryDisplay(target: string, services: CliServices): Promise<readonly Finding[]> {
  try {
    const text = await services.tryDisplay(target);
    return text === undefined ? [] : [{ verdict: "good", about: "display", text }];
  } catch (thrown) {
    return [{ verdict: "bad", about: "display", text: renderError(asHoldfastError(thrown)) }];
  }
}

/** Each host on the way there, up to the first that cannot be gone through; nothing where there is none. */
async function tryWay(target: string, services: CliServices): Promise<readonly Finding[]> {
  const reached: Finding[] = [];
  try {
    await services.tryWay(target, (hop) => reached.push({ verdict: "good", about: "on the way", text: hop }));
    return reached;
  } catch (thrown) {
    return [...reached, { verdict: "bad", about: "on the way", text: renderError(asHoldfastError(thrown)) }];
  }
}

async function tryOut(target: string, services: CliServices): Promise<readonly Finding[]> {
  const open = await services.openHost();
  try {
    return await tryWith(open.host, target, services);
  } finally {
    await open.close();
  }
}

/** Opens a session of its own and closes it again: the same way a real call takes. */
async function tryWith(host: ToolHost, target: string, services: CliServices): Promise<readonly Finding[]> {
  const name = `doctor-${randomHex(4)}`;
  const opened = await callTool(host, "ssh_open", { target, name }, services);
  if (opened.isError) return failedStep(opened.text);
  const good = steps.map((step) => goodStep(step));
  const offer: Finding = { verdict: "good", about: "session", text: opened.text.split(" · ").slice(2).join(" · ") };
  const closed = await callTool(host, "ssh_close", { session: name }, services);
  const left = closed.isError || closed.text.includes("left on the host");
  return [...good, offer, ...(left ? [{ verdict: "bad", about: "clean-up", text: closed.text } as const] : [])];
}

function failedStep(errorLine: string): readonly Finding[] {
  const code = errorLine.slice(0, errorLine.indexOf(":"));
  const failed = steps.findIndex((step) => step.codes.some((one) => one === code));
  if (failed === -1) {
    return [...steps.map((step) => goodStep(step)), { verdict: "bad", about: "session", text: errorLine }];
  }
  return [
    ...steps.slice(0, failed).map((step) => goodStep(step)),
    { verdict: "bad", about: steps[failed]?.about ?? "connect", text: errorLine },
  ];
}

function goodStep(step: { readonly about: string; readonly good: string }): Finding {
  return { verdict: "good", about: step.about, text: step.good };
}
