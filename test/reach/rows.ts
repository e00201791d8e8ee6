import type { Agent } from "./agent.ts";
import { transferThrough } from "./rekey.ts";

/** One host of the table: what is special about it, and what must come of a call. */
export interface Row {
  readonly alias: string;
  readonly what: string;
  /** What the reply must say, the next step of an error included. */
  readonly expected: RegExp;
  /** When it must have come, on a machine that does nothing else. */
  readonly limitMs: number;
  reach(agent: Agent): Promise<string>;
}

const reached = /^exit 0 · .*\nreached\n$/;

/** As long as a connection may take where nothing else is said; what is tried again takes half of it. */
const usualLimitMs = 10_000;

/** A transfer has no limit of its own: it takes as long as the machine is busy. What hangs is told from it. */
const transferLimitMs = 600_000;

function runs(alias: string, what: string, expected: RegExp = reached, limitMs = usualLimitMs): Row {
  const reach = (agent: Agent): Promise<string> => agent.call("ssh_run", { on: alias, command: "echo reached" });
  return { alias, what, expected, limitMs, reach };
}

/** The table; `megabytes` are moved while keys are exchanged anew every 256 KB. */
export function reachRows(megabytes: number): readonly Row[] {
  return [...loginRows, ...wayRows, ...systemSshRows, ...limitRows(megabytes), ...refusalRows, ...strangerRows];
}

const loginRows: readonly Row[] = [
  runs("plain", "a key"),
  runs("password", "password only"),
  runs("code", "keyboard-interactive: password, and a code that a person types"),
  runs("user-ca", "user certificate"),
  runs("host-ca", "host certificate"),
  runs("two-steps", "publickey, then password"),
  runs("agent", "a key that only the agent has"),
  runs("impatient-key", "LoginGraceTime 2, a key"),
  runs("dropbear", "dropbear"),
];

const wayRows: readonly Row[] = [
  {
    ...runs("chained", "two bastions"),
    reach: async (agent) => {
      const reply = await agent.call("ssh_run", { on: "chained", command: "echo reached" });
      const through = agent.servers.log("inner").includes("direct-tcpip");
      return through ? reply : `not through the bastions: ${reply}`;
    },
  },
  runs(
    "behind-fenced",
    "a bastion with DisableForwarding",
    /^forward_refused: fenced .*does not forward to .*AllowTcpForwarding/,
  ),
  runs("commanded", "ProxyCommand"),
  runs("v6", "IPv6"),
];

const systemSshRows: readonly Row[] = [
  {
    ...runs("ssh-password", "password only, engine: openssh"),
    reach: async (agent) => {
      const reply = await agent.call("ssh_run", { on: "ssh-password", command: "echo reached" });
      const bySsh = agent.servers.log("password").includes("remote software version OpenSSH");
      return bySsh ? reply : `not by the system's ssh: ${reply}`;
    },
  },
  runs("ssh-code", "keyboard-interactive with a code, engine: openssh"),
  runs("ssh-user-ca", "user certificate, engine: openssh"),
  runs("ssh-host-ca", "host certificate, engine: openssh"),
  runs("ssh-two-steps", "publickey, then password, engine: openssh"),
  runs("ssh-agent", "a key that only the agent has, engine: openssh"),
  runs("ssh-chained", "two bastions, engine: openssh"),
  runs("ssh-dropbear", "dropbear, engine: openssh"),
  runs("ssh-changed", "another host key than the known one, engine: openssh", /^host_key_changed: ssh-changed .*trust/),
  runs(
    "ssh-wrong-ca",
    "a host certificate of another authority, engine: openssh",
    /^host_key_unknown: ssh-wrong-ca .*certificate/,
  ),
  runs(
    "ssh-refused",
    "a key that the server does not take, engine: openssh",
    /^auth_failed: ssh-refused .*the server takes publickey, ?password/,
  ),
];

function limitRows(megabytes: number): readonly Row[] {
  return [
    runs("one-session", "MaxSessions 1"),
    runs("fenced", "DisableForwarding, a session"),
    {
      alias: "fenced",
      what: "DisableForwarding, a tunnel",
      expected: /^forward_refused: .*fenced/,
      limitMs: usualLimitMs,
      reach: (agent) =>
        agent.call("ssh_tunnel", { action: "open", on: "fenced", kind: "remote", listen: "0", to: "127.0.0.1:9" }),
    },
    {
      alias: "@crowd",
      what: "MaxStartups 2, four logins at once",
      expected: /4 targets: 4 exit 0$/,
      limitMs: 2 * usualLimitMs,
      reach: (agent) => agent.call("ssh_run", { on: "@crowd", command: "echo reached" }),
    },
    runs(
      "full",
      "MaxStartups 2, as many about to log in (ConnectTimeout 4)",
      /^dial_failed: full .*MaxStartups.*Try again/,
    ),
    {
      alias: "rekeying",
      what: `RekeyLimit 256K during ${megabytes} MB`,
      expected: new RegExp(`^exact · ${megabytes}000000 bytes$`),
      limitMs: transferLimitMs,
      reach: (agent) => transferThrough(agent, "rekeying", megabytes),
    },
    runs("old", "legacy algorithms, not allowed", /^unsupported: old .* in common.*`legacy: true`/),
    runs("old-allowed", "legacy algorithms, allowed"),
  ];
}

const refusalRows: readonly Row[] = [
  runs("changed", "another host key than the known one", /^host_key_changed: changed .*holdfast trust changed/),
  runs("revoked", "a revoked host key", /^host_key_revoked: revoked /),
  runs("stranger", "an unknown host key, strict", /^host_key_unknown: stranger .*holdfast trust stranger/),
  runs("wrong-ca", "a host certificate of another authority", /^host_key_unknown: wrong-ca .*certificate/),
  runs(
    "refused",
    "a key that the server does not take",
    /^auth_failed: refused .*the server takes publickey, password/,
  ),
  runs("expired", "a user certificate that has expired", /^auth_failed: expired .*has expired/),
  runs("locked", "a key whose passphrase nobody knows", /^auth_failed: locked .*nobody gave its passphrase.*ssh-add/),
  runs("impatient", "LoginGraceTime 2, a person takes 4 s", /^auth_failed: impatient .*LoginGraceTime/, 4_000),
];

const strangerRows: readonly Row[] = [
  runs("silent", "accepts and says nothing (ConnectTimeout 2)", /^timed_out: silent .*within 2 s/, 3_000),
  runs("dropping", "hangs up at once", /^dial_failed: dropping .*closed the connection before.*wait half a minute/),
  runs("web", "not SSH", /^dial_failed: web .*not as an SSH server: HTTP\/1\.1 400.*Check the port/),
  runs("closed", "nothing listens", /^dial_failed: closed .*refused the connection\. .*check the port/),
  runs(
    "nowhere",
    "a name that does not exist",
    /^dial_failed: nowhere .*(not a known host name|could not be looked up)/,
  ),
  runs("no-alias", "an alias that does not exist", /^(target_unknown|dial_failed): .*no-alias/),
];
