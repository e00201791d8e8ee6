import { execFile, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { monotonicMs } from "../../src/base/index.ts";
import { environmentOf } from "../helpers/daemon.ts";
import { builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";

/** Gives a network of one's own, with nothing in it, what its rows need; then runs what follows there. */
const networks = {
  empty: 'exec "$@"',
  // The router says that the host is not there.
  unreachable: 'ip link set lo up && ip route add unreachable 192.0.2.0/24 && exec "$@"',
  // Packets leave and are thrown away; after two the kernel gives up, long before our own limit.
  silent:
    'ip link set lo up && ip route add 192.0.2.0/24 dev lo && echo 1 >/proc/sys/net/ipv4/tcp_syn_retries && exec "$@"',
  forbidden: 'ip link set lo up && ip route add prohibit 192.0.2.0/24 && exec "$@"',
} as const;

/** The same, with a name server that takes questions and never answers; the first one makes the file `$ASKED`. */
const silentNameServer = [
  'ip link set lo up && mount --bind "$RESOLV_CONF" /etc/resolv.conf',
  '{ "$NODE" -e "$NAME_SERVER" & }',
  'until [ -e "$LISTENS" ]; do sleep 0.05; done',
  'exec "$@"',
].join(" && ");

const nameServer = `
  const { writeFileSync } = require("node:fs");
  const socket = require("node:dgram").createSocket("udp4");
  socket.on("message", () => writeFileSync(process.env.ASKED, ""));
  socket.bind(53, "127.0.0.1", () => writeFileSync(process.env.LISTENS, ""));
`;

/** What runs beside a command in its network ends with it. */
const ownEverything = ["--mount", "--pid", "--fork", "--kill-child"];

function inNetwork(script: string, command: readonly string[]): readonly string[] {
  return ["--net", "sh", "-c", script, "sh", ...command];
}

/** Whether this machine lets us have such networks. */
const canUnshare = Object.values(networks).every(
  (script) => spawnSync("unshare", inNetwork(script, ["true"])).status === 0,
);

/** The pause before the second attempt; a third of it may be missing. */
const retryDelayMs = 4_000;
const leastPauseMs = retryDelayMs * (2 / 3);

interface Row {
  readonly what: string;
  readonly network: string;
  readonly target: string;
  readonly says: RegExp;
  readonly again: boolean;
}

// Rows of the table in docs/connecting.md that need a network which leads nowhere.
const rows: readonly Row[] = [
  {
    what: "no route to the network",
    network: networks.empty,
    target: "me@192.0.2.1",
    says: /dial_failed: 192\.0\.2\.1 cannot be reached: there is no route\. Check the network or the VPN/,
    again: true,
  },
  {
    what: "a host that cannot be reached",
    network: networks.unreachable,
    target: "me@192.0.2.1",
    says: /dial_failed: 192\.0\.2\.1 cannot be reached\. Check the address, the network or the VPN/,
    again: true,
  },
  {
    what: "a host that does not answer until the system gives up",
    network: networks.silent,
    target: "me@192.0.2.1",
    says: /dial_failed: 192\.0\.2\.1 did not answer\. Check the address, a firewall or the VPN/,
    again: true,
  },
  {
    what: "a name server that cannot be reached",
    network: networks.empty,
    target: "me@host.example",
    says: /dial_failed: host\.example could not be looked up: the name server does not answer\. Check the network/,
    again: true,
  },
  {
    what: "a network that this machine keeps us from",
    network: networks.forbidden,
    target: "me@192.0.2.1",
    says: /dial_failed: 192\.0\.2\.1 must not be connected to from here\. A local firewall or sandbox/,
    again: false,
  },
];

describe.runIf(canUnshare)("without a network", () => {
  let place: PrivatePlace;
  beforeAll(async () => {
    place = await createPrivatePlace("/dev/null");
  });
  afterAll(() => place.remove());

  /** What `ssh_open` says in a network, with one more attempt than the first. */
  function open(target: string, options: readonly string[], env: Record<string, string> = {}): Promise<string> {
    const call = ["call", "ssh_open", JSON.stringify({ target, retries: 1 })];
    const ours = { ...environmentOf(place), HOLDFAST_NO_DAEMON: "1", SSH_RETRY_DELAY_MS: String(retryDelayMs), ...env };
    return new Promise((resolve) => {
      const command = [...options, process.execPath, builtServer, ...call];
      execFile("unshare", command, { env: ours, timeout: 100_000 }, (_error, out, err) => resolve(out + err));
    });
  }

  it.concurrent("a name server that takes the question and is silent", async () => {
    const file = (name: string): string => join(place.root, name);
    const env = {
      NODE: process.execPath,
      NAME_SERVER: nameServer,
      RESOLV_CONF: file("resolv.conf"),
      LISTENS: file("listens"),
      ASKED: file("asked"),
    };
    writeFileSync(env.RESOLV_CONF, "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
    const startedMs = monotonicMs();
    const text = await open("me@host.example", [...ownEverything, ...inNetwork(silentNameServer, [])], env);
    expect(text).toMatch(/dial_failed: host\.example could not be looked up: the name server does not answer\./);
    expect(existsSync(env.ASKED)).toBe(true);
    expect(monotonicMs() - startedMs).toBeGreaterThan(leastPauseMs);
  });

  it.concurrent.each(rows)("$what", async ({ network, target, says, again }) => {
    const startedMs = monotonicMs();
    const text = await open(target, inNetwork(network, []));
    expect(text).toMatch(says);
    // Who tries again has waited before: no other trace of it can be seen from outside.
    if (again) expect(monotonicMs() - startedMs).toBeGreaterThan(leastPauseMs);
  });
});
