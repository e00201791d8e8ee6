import { join } from "node:path";
import { HoldfastError, fileExists } from "../base/index.ts";
import type { ConnectPlan, PersonQuestions, SshEngine } from "./engine.ts";
import { createOpenSshEngine } from "./openssh-engine.ts";
import { createSsh2Engine } from "./ssh2-engine.ts";

interface EngineOptions {
  readonly channelLimit?: number | undefined;
  readonly people?: PersonQuestions | undefined;
}

/** Servers that are remembered as needing the system's ssh; the oldest are forgotten first. */
const rememberedPlaces = 1000;

/** Whether there is a Kerberos ticket, as far as can be seen: systems turn GSSAPI on for everybody, and few use it. */
async function hasTicket(): Promise<boolean> {
  const named = process.env["KRB5CCNAME"];
  return named !== undefined || fileExists(join("/tmp", `krb5cc_${process.getuid?.() ?? 0}`));
}

/** Whether the plan can log in with nothing but what only the system's ssh has: keys on a PKCS#11 token, or a Kerberos ticket. */
async function needsSystemSsh({ sshOptions = {}, ...plan }: ConnectPlan): Promise<boolean> {
  if (sshOptions["PKCS11Provider"] !== undefined) return true;
  if (sshOptions["GSSAPIAuthentication"] !== "yes") return false;
  if (plan.password !== undefined || plan.agentSocket !== undefined || !(await hasTicket())) return false;
  const files = await Promise.all(plan.identityFiles.map(({ path }) => fileExists(path)));
  return !files.includes(true);
}

/** No key exchange is known to both: nothing was sent, and the other engine may know one. */
function sharesNoKeyExchange(error: unknown): boolean {
  return error instanceof HoldfastError && error.details["noKeyExchange"] === 1;
}

/**
 * The engine that takes for each connection what its plan names. `auto` is our own, but the system's ssh where only that can log in or agree
 * with the server on a key exchange; it does not exist on Windows.
 */
export function createEngine(options: EngineOptions = {}): SshEngine {
  const ssh2 = createSsh2Engine(options);
  const openSsh = createOpenSshEngine(options);
  const needy = new Set<string>();
  const remember = (place: string): void => {
    needy.add(place);
    const [oldest] = needy;
    if (needy.size > rememberedPlaces && oldest !== undefined) needy.delete(oldest);
  };
  const choose: SshEngine["connect"] = async (plan, signal, first, stream) => {
    const place = `${plan.host}:${plan.port}`;
    if (needy.has(place) || (await needsSystemSsh(plan))) return openSsh.connect(plan, signal, first, stream);
    try {
      return await ssh2.connect(plan, signal, first, stream);
    } catch (error) {
      if (!sharesNoKeyExchange(error)) throw error;
      const connection = await openSsh.connect(plan, signal, first, stream).catch((other: unknown) => {
        // It knows no better, or is not there: the first error says more.
        throw other instanceof HoldfastError && other.code === "unsupported" ? error : other;
      });
      remember(place);
      return connection;
    }
  };
  const connect: SshEngine["connect"] = async (plan, signal, first, stream) => {
    if (plan.engine === "openssh") return openSsh.connect(plan, signal, first, stream);
    const alone = plan.engine === "ssh2" || process.platform === "win32";
    return alone ? ssh2.connect(plan, signal, first, stream) : choose(plan, signal, first, stream);
  };
  return { connect };
}
