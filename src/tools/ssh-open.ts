import { z } from "zod";
import type { OpenRequest, SessionView } from "../sessions/index.ts";
import { HoldfastError, oneLine, plainText } from "../base/index.ts";
import { checkedDirectory, checkedEnvironment, checkedSessionName, checkedTarget } from "./checked-text.ts";
import { result, type Reply } from "./reply.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const secret = z.string().max(10_000).optional();

const input = () =>
  z.strictObject({
    target: z.string().describe("alias or user@host:port"),
    name: z.string().optional(),
    kind: z.enum(["auto", "shell", "device", "exec"]).default("auto"),
    user: z.string().max(256).optional(),
    port: z.number().int().min(1).max(65_535).optional(),
    key_file: z.string().max(4_096).optional(),
    password: secret.describe("secrets only if a person told you"),
    passphrase: secret,
    sudo_password: secret,
    enable_password: secret,
    jump: z.array(z.string()).max(8).optional(),
    platform: z.string().max(64).optional(),
    cwd: z.string().optional(),
    env: z.record(z.string(), z.string()).optional(),
    keep: z.enum(["host", "connection"]).default("host"),
    owner: z.string().max(64).optional().describe("your label"),
    compress: z.boolean().optional(),
    connect_timeout_s: z.number().min(1).max(600).optional(),
    retries: z.number().int().min(0).max(10).optional(),
  });

type OpenInput = z.output<ReturnType<typeof input>>;

/** `ssh_open`: opens a session explicitly, with a name and options of the caller's choice. */
export const sshOpen = defineTool({
  name: "ssh_open",
  title: "Open a session",
  description: "Open a session with options (ssh_run opens plain ones itself). Tells whether it survives disconnects.",
  annotations: { destructiveHint: false },
  input,
  run: openSession,
});

async function openSession(args: OpenInput, context: ToolContext): Promise<Reply> {
  await refuseSecrets(args, context);
  refuseMixed(args);
  if (context.signal.aborted) {
    throw new HoldfastError("cancelled", "the call was cancelled before the session was opened");
  }
  const session = await context.sessions.open(requestOf(args));
  const notes = [session.remark, session.notes].map((note = "") => plainText(note).trim());
  return result([openLine(session), ...notes.filter((note) => note !== "")].join("\n"));
}

const secretNames = ["password", "passphrase", "sudo_password", "enable_password"] as const;

/** Where the settings say so, secrets are no business of an agent. */
async function refuseSecrets(args: OpenInput, { config }: ToolContext): Promise<void> {
  const given = secretNames.find((name) => args[name] !== undefined);
  if (given === undefined || (await config.rules()).secretsInCalls === "allow") return;
  throw new HoldfastError("denied_by_policy", `ssh_open was not run: "${given}" may not be given in a call here`, {
    hint: "Leave it out; a person sets it up in the configuration of Holdfast, or is asked for it",
  });
}

/** What is of network devices alone goes with no other kind. */
function refuseMixed({ kind, platform, cwd, env }: OpenInput): void {
  const [name] = Object.entries(kind === "device" ? { cwd, env } : {}).find(([, value]) => value !== undefined) ?? [];
  const odd = name ?? (platform !== undefined && (kind === "shell" || kind === "exec") ? "platform" : undefined);
  if (odd === undefined) return;
  throw new HoldfastError("bad_input", `${odd} does not go with kind "${kind}"; nothing was done`, {
    hint: odd === "platform" ? "Leave kind out, or say device" : `Leave ${odd} out: a network device has none`,
  });
}

function requestOf(args: OpenInput): OpenRequest {
  return {
    target: checkedTarget(args.target),
    ...(args.name === undefined ? {} : { name: checkedSessionName(args.name) }),
    ...connectionOf(args),
    ...(args.cwd === undefined ? {} : { cwd: checkedDirectory(args.cwd) }),
    ...(args.env === undefined ? {} : { env: checkedEnvironment(args.env) }),
    ...(args.owner === undefined ? {} : { owner: args.owner }),
    ...(args.platform === undefined ? {} : { platform: args.platform }),
    carrier: carrierOf(args),
  };
}

/** Whoever names a platform means a device, or a Windows host. */
function carrierOf({ kind, platform, keep }: OpenInput): NonNullable<OpenRequest["carrier"]> {
  if (kind === "auto" && platform?.startsWith("windows-") === true) return "windows";
  if (kind === "device" || platform !== undefined) return "device";
  return kind === "exec" ? "exec" : keep;
}

/** What goes before the settings of the target. */
function connectionOf(args: OpenInput): Omit<OpenRequest, "target"> {
  return {
    ...(args.user === undefined ? {} : { user: args.user }),
    ...(args.port === undefined ? {} : { port: args.port }),
    ...(args.key_file === undefined ? {} : { keyFile: args.key_file }),
    ...(args.password === undefined ? {} : { password: args.password }),
    ...(args.passphrase === undefined ? {} : { passphrase: args.passphrase }),
    ...(args.sudo_password === undefined ? {} : { sudoPassword: args.sudo_password }),
    ...(args.enable_password === undefined ? {} : { enablePassword: args.enable_password }),
    ...(args.jump === undefined ? {} : { jump: args.jump.map(checkedTarget) }),
    ...(args.compress === undefined ? {} : { compression: args.compress }),
    ...(args.retries === undefined ? {} : { retries: args.retries }),
    ...(args.connect_timeout_s === undefined ? {} : { connectTimeoutMs: args.connect_timeout_s * 1_000 }),
  };
}

/** `open · web1 · deploy@10.0.0.5:22 · Linux 6.1 x86_64, bash · survives disconnects: yes`, with the reason where it is no. */
function openLine(session: SessionView): string {
  const { disconnects, reason } = session.survives;
  const survives = disconnects ? "survives disconnects: yes" : `survives disconnects: no (${oneLine(reason, 300)})`;
  return ["open", session.name, session.address, oneLine(session.hostFacts, 200), survives].join(" · ");
}
