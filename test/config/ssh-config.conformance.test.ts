import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openConfig, type Target } from "../../src/config/index.ts";
import { sshSettings } from "../../src/config/ssh-settings.ts";
import { parseTargetText } from "../../src/config/target-text.ts";
import { configurations, type Configuration } from "./ssh-configurations.ts";

const root = mkdtempSync(join(tmpdir(), "hf-conformance-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What is compared as it is reported; files, agents and ways are compared as they end up in a target. */
const keywords = [
  "hostname",
  "port",
  "user",
  "identityfile",
  "certificatefile",
  "identitiesonly",
  "hostkeyalias",
  "stricthostkeychecking",
  "connecttimeout",
  "serveraliveinterval",
  "compression",
  "addressfamily",
  "bindaddress",
  "preferredauthentications",
  "passwordauthentication",
  "pubkeyauthentication",
  "kbdinteractiveauthentication",
  "forwardagent",
  "localforward",
  "remoteforward",
  "dynamicforward",
] as const;

let places = 0;

function write({ lines, files = {} }: Configuration): string {
  places += 1;
  const directory = join(root, String(places));
  mkdirSync(directory);
  const put = (name: string, text: string): string => {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text.replaceAll("{dir}", directory), { mode: 0o600 });
    return path;
  };
  for (const [name, text] of Object.entries(files)) put(name, text);
  return put("ssh_config", `${lines.join("\n")}\n`);
}

interface Outcome {
  readonly target: Target;
  readonly settings: Readonly<Record<string, readonly string[]>>;
}

async function outcome(file: string, text: string, path: string | undefined): Promise<Outcome> {
  const env = {
    PATH: path,
    HOLDFAST_SSH_CONFIG: file,
    HOLDFAST_CONFIG_DIR: join(root, "own"),
    HF_CONFORMANCE: "/tmp/hf-conformance",
    SSH_AUTH_SOCK: "/tmp/hf-agent",
  };
  const { host, user, port } = parseTargetText(text);
  const all = await sshSettings({ name: host, hostName: undefined, user, port }, env);
  const settings = Object.fromEntries(keywords.map((keyword) => [keyword, all.get(keyword) ?? []]));
  return { target: await openConfig(env).resolve(text), settings };
}

describe("ssh_config read by ourselves is what ssh reads", () => {
  it("has enough to say", () => {
    expect(configurations.length).toBeGreaterThanOrEqual(60);
  });

  it.each(configurations.map((configuration) => [configuration.about, configuration] as const))(
    "%s",
    async (_about, configuration) => {
      const file = write(configuration);
      const { target = "web1" } = configuration;
      const ours = await outcome(file, target, join(root, "no-programs-here"));
      const theirs = await outcome(file, target, process.env["PATH"]);
      expect(ours.settings).toEqual(theirs.settings);
      expect(ours.target).toEqual(theirs.target);
    },
  );

  it("HostKeyAlgorithms", async () => {
    const file = write({ about: "", lines: ["HostKeyAlgorithms ssh-ed25519,rsa-sha2-512"] });
    for (const path of [join(root, "no-programs-here"), process.env["PATH"]]) {
      const question = { name: "web1", hostName: undefined, user: undefined, port: undefined };
      const settings = await sshSettings(question, { PATH: path, HOLDFAST_SSH_CONFIG: file });
      expect(settings.get("hostkeyalgorithms")).toEqual(["ssh-ed25519,rsa-sha2-512"]);
    }
  });

  it.each([
    ["a quote that is not closed", ['User "me']],
    ["a port that is none", ["Port 99999"]],
    ["Match all with more", ["Match host a all user b"]],
    ["a time that is none", ["ConnectTimeout soon"]],
    ["a flag that is none", ["IdentitiesOnly maybe"]],
    ["a criterion without a value", ["Match host"]],
  ])("both refuse %s", async (_about, lines) => {
    const file = write({ about: "", lines });
    for (const path of [join(root, "no-programs-here"), process.env["PATH"]]) {
      await expect(outcome(file, "web1", path)).rejects.toMatchObject({
        code: "config_invalid",
        message: expect.stringContaining("line 1"),
      });
    }
  });

  it("a block with Match exec counts as not matching, negated or not", async () => {
    const file = write({
      about: "",
      lines: ["Match exec true", "Port 1", "Match !exec false", "Port 2", "Match host web1 exec true", "Port 3"],
    });
    const ours = await outcome(file, "web1", join(root, "no-programs-here"));
    expect(ours.target.port).toBe(22);
    expect((await outcome(file, "web1", process.env["PATH"])).target.port).toBe(1);
  });
});
