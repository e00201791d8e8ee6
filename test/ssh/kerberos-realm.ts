import { execFileSync, spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort, makeTempDir, onExit, waitUntil } from "../helpers/servers/index.ts";

const realm = "HOLDFAST.TEST";

/** Debian puts the programs of the server where only root looks. */
const path = `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin`;

/** Whether there is a Kerberos server to start. */
export const hasKerberos = ["krb5kdc", "kdb5_util", "kadmin.local", "kinit"].every((program) =>
  path.split(":").some((directory) => existsSync(join(directory, program))),
);

export interface KerberosRealm {
  /** Environment for the server (its key) and for the user (the ticket). */
  readonly env: Readonly<Record<string, string>>;
  /** Gets the user a ticket. */
  logIn(): void;
  stop(): void;
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Settings of the clients and of the server. Names are taken as they are: nobody is asked about 127.0.0.1. */
function writeSettings(directory: string, port: number): void {
  writeFileSync(
    join(directory, "krb5.conf"),
    `[libdefaults]
  default_realm = ${realm}
  dns_lookup_realm = false
  dns_lookup_kdc = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
[realms]
  ${realm} = {
    kdc = 127.0.0.1:${port}
  }
[domain_realm]
  127.0.0.1 = ${realm}
`,
  );
  writeFileSync(
    join(directory, "kdc.conf"),
    `[kdcdefaults]
  kdc_listen = ""
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${realm} = {
    database_name = ${join(directory, "principal")}
    key_stash_file = ${join(directory, "stash")}
    acl_file = ${join(directory, "acl")}
  }
[logging]
  kdc = FILE:${join(directory, "kdc.log")}
`,
  );
}

/** Starts a Kerberos server of its own that knows `user` and the host 127.0.0.1. */
export async function startRealm(user: string): Promise<KerberosRealm> {
  const directory = makeTempDir();
  const port = await freePort();
  writeSettings(directory.path, port);
  const file = (name: string): string => join(directory.path, name);
  const env = {
    KRB5_CONFIG: file("krb5.conf"),
    KRB5_KDC_PROFILE: file("kdc.conf"),
    KRB5_KTNAME: file("keytab"),
    KRB5CCNAME: `FILE:${file("ticket")}`,
  };
  const run = (program: string, args: readonly string[], input = ""): void => {
    execFileSync(program, args, {
      env: { ...process.env, ...env, PATH: path },
      input,
      stdio: ["pipe", "ignore", "pipe"],
    });
  };
  run("kdb5_util", ["create", "-r", realm, "-s", "-P", "master"]);
  run("kadmin.local", ["-r", realm, "-q", `addprinc -pw secret ${user}`]);
  run("kadmin.local", ["-r", realm, "-q", "addprinc -randkey host/127.0.0.1"]);
  run("kadmin.local", ["-r", realm, "-q", `ktadd -k ${env.KRB5_KTNAME} host/127.0.0.1`]);
  const server = spawn("krb5kdc", ["-n", "-r", realm], {
    env: { ...process.env, ...env, PATH: path },
    stdio: "ignore",
  });
  const kill = onExit(() => {
    server.kill("SIGKILL");
  });
  await waitUntil("the Kerberos server listens", () => canConnect(port));
  return {
    env,
    logIn: () => run("kinit", [user], "secret\n"),
    stop: () => {
      kill();
      directory.remove();
    },
  };
}
