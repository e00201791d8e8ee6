/** One ssh_config and what is asked about it. `{dir}` in texts stands for a directory with the other files. */
export interface Configuration {
  readonly about: string;
  readonly lines: readonly string[];
  /** Further files, by name below the directory. */
  readonly files?: Readonly<Record<string, string>>;
  /** Default: `web1`. */
  readonly target?: string;
}

function one(about: string, lines: readonly string[], more: Partial<Configuration> = {}): Configuration {
  return { about, lines, ...more };
}

const hosts: readonly Configuration[] = [
  one("nothing at all", []),
  one("settings before any Host line", ["Port 23", "Host other", "Port 24"]),
  one("a Host with several names", ["Host web0 web1 web2", "Port 24"]),
  one("the first value wins", ["Host web1", "User a", "Host *", "User b", "Port 26"]),
  one("wildcards * and ?", ["Host we?1", "User q", "Host w*1", "Port 27"]),
  one("a wildcard that needs a character", ["Host web1?", "Port 28", "Host *", "Port 29"]),
  one("negation beside a match", ["Host web* !web1", "Port 30", "Host *", "User n"]),
  one("negation alone matches nothing", ["Host !web2", "Port 31"]),
  one("negation before the match", ["Host !web1 *", "Port 32", "Host *", "Port 33"]),
  one("names in another case", ["Host WEB1", "Port 34", "Host web1", "User lower"]),
  one("a target in another case", ["Host web1", "Port 35"], { target: "Web1" }),
  one("keywords in any case", ["hOsT web1", "pORT 36", "USER u"]),
  one("= with and without blanks", ["Host=web1", "Port=37", "User = u", "HostName =h.example"]),
  one("tabs, indents and empty lines", ["", "\tHost\tweb1", "\t\tPort\t\t38", "   ", "  User u  "]),
  one("comments, whole and at the end", ["# Host x", "Host web1 # comment", "Port 39 # more", "User u"]),
  one("quoted values", ['Host "web1"', 'User "me"', 'IdentityFile "~/my keys/k"']),
  one("single quotes and a backslash", ["Host 'web1'", "IdentityFile ~/a\\ b", "IdentityFile 'c d'"]),
  one("user and port in the target", ["Host web1", "User a", "Port 40"], { target: "me@web1:41" }),
  one("an IPv6 address", ["Host ::1", "Port 42"], { target: "[::1]" }),
  one("an IPv6 address in another spelling", ["Port 43"], { target: "[0:0:0:0:0:0:0:1]" }),
  one("an IPv4 address with few parts", [], { target: "127.1" }),
  one("the rest of a line after Port", ["Host *", "Port 44"]),
];

const names: readonly Configuration[] = [
  one("HostName", ["Host web1", "HostName 10.0.0.5"]),
  one("HostName with %h", ["Host web1", "HostName %h.Example.ORG"]),
  one("HostName with %%", ["Host web1", "HostName a%%b"]),
  one("the first HostName wins", ["Host web1", "HostName one", "Host *", "HostName two"]),
  one("HostKeyAlias", ["Host web1", "HostKeyAlias the-web", "IdentityFile ~/.ssh/%k"]),
  one("a HostName that is IPv6", ["Host web1", "HostName 2001:DB8:0:0::1"]),
];

const included: readonly Configuration[] = [
  one("Include by absolute path", ["Include {dir}/a", "Port 50"], { files: { a: "Host web1\nPort 51\n" } }),
  one("Include with a glob, in order", ["Include {dir}/d/*.conf"], {
    files: { "d/2.conf": "Port 52\n", "d/1.conf": "Port 53\nUser one\n", "d/x.off": "User off\n" },
  }),
  one("Include with ? and a set", ["Include {dir}/e/[ab]?.conf"], {
    files: { "e/a1.conf": "Port 54\n", "e/c1.conf": "User c\n", "e/b2.conf": "User b\n" },
  }),
  one("Include with a glob in a directory's name", ["Include {dir}/g*/c"], {
    files: { "g1/c": "Port 55\n", "g2/c": "User g2\n" },
  }),
  one("hidden files are not in a glob", ["Include {dir}/h/*"], { files: { "h/.a": "Port 56\n", "h/b": "User h\n" } }),
  one("several on one line", ["Include {dir}/a {dir}/b"], { files: { a: "Port 57\n", b: "Port 58\nUser b\n" } }),
  one("one that is not there", ["Include {dir}/none {dir}/none*", "Port 59"]),
  one("nested", ["Include {dir}/a"], { files: { a: "Include {dir}/b\nPort 60\n", b: "Host web1\nUser deep\n" } }),
  one("under a Host that applies", ["Host web1", "Include {dir}/a", "User after"], {
    files: { a: "Port 61\nHost other\nUser wrong\n" },
  }),
  one("under a Host that does not apply", ["Host other", "Include {dir}/a", "Host *", "User u"], {
    files: { a: "Host web1\nPort 62\nMatch all\nUser wrong\n" },
  }),
  one("a Host in an included file ends with it", ["Include {dir}/a", "Port 63"], {
    files: { a: "Host other\nUser x\n" },
  }),
  one("after an Include its Host goes on", ["Host other", "Include {dir}/a", "Port 64"], {
    files: { a: "Host web1\n" },
  }),
];

const matches: readonly Configuration[] = [
  one("Match all", ["Host other", "Port 70", "Match all", "Port 71"]),
  one("Match host", ["Match host web1", "Port 72"]),
  one("Match host sees HostName", [
    "Host web1",
    "HostName real",
    "Match host real",
    "Port 73",
    "Match host web1",
    "User u",
  ]),
  one("Match originalhost", ["Host web1", "HostName real", "Match originalhost web1", "Port 74"]),
  one("Match host with a list and negation", ["Match host web*,!web1", "Port 75", "Match host x,web1", "Port 76"]),
  one("Match host in another case", ["Match host WEB1", "Port 77"]),
  one("Match !host", ["Match !host web1", "Port 78", "Match !host other", "Port 79"]),
  one("Match user", ["Match user me", "Port 80", "Match user a,b", "Port 81"], { target: "me@web1" }),
  one("Match user that an earlier line set", ["Host web1", "User deploy", "Match user deploy", "Port 82"]),
  one("Match user that a later line sets", ["Match user later", "Port 83", "Host *", "User later"]),
  one("Match localuser", ["Match localuser nobody-here", "Port 84", "Match localuser *", "Port 85"]),
  one("several criteria", ["Match host web1 user me", "Port 86", "Match host web1 user you", "Port 87"], {
    target: "me@web1",
  }),
  one("Match with =", ["Match host=web1", "Port 88"]),
  one("Match final", ["Match final host real", "Port 89", "Host web1", "HostName real"]),
  one("Match final and Host sees the new name", [
    "Host real",
    "Port 90",
    "Host web1",
    "HostName real",
    "Match final all",
  ]),
  one("Match !final", ["Match !final", "Port 91", "Match final", "User last"]),
  one("Match canonical without canonicalizing", ["Match canonical", "Port 92", "Host *", "Port 93"]),
  one("Match canonical", ["CanonicalizeHostname yes", "Match canonical host web1", "Port 94"]),
  one("Match originalhost in the final pass", ["Match final originalhost web1", "Port 95", "Host web1", "HostName x"]),
  one("a quoted list", ['Match host "web1,web2"', "Port 96"]),
];

const canonical: readonly Configuration[] = [
  one("no domain has it", ["CanonicalizeHostname yes", "CanonicalDomains nowhere.invalid", "Port 100"]),
  one("enough dots", ["CanonicalizeHostname yes", "CanonicalDomains nowhere.invalid", "CanonicalizeMaxDots 0"], {
    target: "a.b",
  }),
  one("behind a proxy", ["CanonicalizeHostname yes", "CanonicalDomains x.invalid", "ProxyCommand nc %h %p"]),
  one("always, behind a proxy", ["CanonicalizeHostname always", "CanonicalDomains x.invalid", "ProxyJump gate"]),
  one("no", ["CanonicalizeHostname no", "CanonicalDomains x.invalid", "Match canonical", "Port 101"]),
  one("none among the domains", ["CanonicalizeHostname yes", "CanonicalDomains none", "Match final", "Port 102"]),
  one("the second pass adds", ["CanonicalizeHostname yes", "Host web1", "HostName real", "Host real", "Port 103"]),
];

const values: readonly Configuration[] = [
  one("odd blanks in a value", ["IdentityFile a\u00A0b\u000Bc"]),
  one("several IdentityFile", ["IdentityFile ~/.ssh/a", "Host web1", "IdentityFile ~/.ssh/b", "IdentityFile ~/.ssh/a"]),
  one("IdentityFile none", ["IdentityFile none"]),
  one("IdentityFile with tokens", [
    "Host web1",
    "HostName h",
    "User u",
    "Port 5",
    "IdentityFile ~/%r@%h:%p-%n-%%-%u-%i-%d-%L-%l-%C",
  ]),
  one("IdentityFile with a variable", ["IdentityFile ${HF_CONFORMANCE}/k"]),
  one("several CertificateFile", [
    "CertificateFile ~/a-cert.pub",
    "CertificateFile ~/b-cert.pub",
    "IdentitiesOnly yes",
  ]),
  one("IdentityAgent", ["IdentityAgent ~/agent-%r"]),
  one("IdentityAgent none", ["IdentityAgent none"]),
  one("IdentityAgent SSH_AUTH_SOCK", ["IdentityAgent SSH_AUTH_SOCK"]),
  one("IdentityAgent from a variable", ["IdentityAgent $HF_CONFORMANCE"]),
  one("several UserKnownHostsFile", ["UserKnownHostsFile ~/k1 {dir}/k2 ~/k-%h", "GlobalKnownHostsFile /g1 /g2"]),
  one("known hosts none", ["UserKnownHostsFile none", "GlobalKnownHostsFile none"]),
  one("StrictHostKeyChecking no", ["StrictHostKeyChecking no"]),
  one("StrictHostKeyChecking accept-new", [
    "Host web1",
    "StrictHostKeyChecking accept-new",
    "Host *",
    "StrictHostKeyChecking yes",
  ]),
  one("StrictHostKeyChecking yes", ["StrictHostKeyChecking yes"]),
  one("times", ["ConnectTimeout 1m30s", "ServerAliveInterval 2m"]),
  one("plain times", ["ConnectTimeout 7", "ServerAliveInterval 0"]),
  one("ProxyJump", ["ProxyJump me@gate:23"]),
  one("a chain with IPv6 and ssh://", ["ProxyJump ssh://a@b:1,[::1]:24,c"]),
  one("ProxyJump none before another", ["Host web1", "ProxyJump none", "Host *", "ProxyJump gate"]),
  one("ProxyJump none before a command", ["ProxyJump none", "ProxyCommand nc %h %p"]),
  one("ProxyCommand before ProxyJump", ["ProxyCommand nc -x 'a b' %h %p", "ProxyJump gate"]),
  one("ProxyJump before ProxyCommand", ["ProxyJump gate", "ProxyCommand nc %h %p"]),
  one("ProxyCommand none before both", ["ProxyCommand none", "ProxyJump gate", "ProxyCommand nc x"]),
  one("ProxyCommand with = and tokens", ["ProxyCommand=nc --port=%p --host=%h --user=%r %n %%"]),
  one("addresses", ["AddressFamily INET6", "BindAddress 127.0.0.1"]),
  one("compression and login methods", [
    "Compression yes",
    "PreferredAuthentications publickey,password",
    "PasswordAuthentication no",
    "PubkeyAuthentication no",
    "ChallengeResponseAuthentication no",
  ]),
  one("forwards", [
    "LocalForward 8080 db:5432",
    "LocalForward [::1]:8081 [fe80::1]:80",
    // ssh -G reports local ones to sockets a second time, as dynamic ones.
    "RemoteForward /tmp/r.sock /tmp/l.sock",
    "RemoteForward 9000 localhost:9",
    "RemoteForward *:9001 b:9",
    "DynamicForward 1080",
    "DynamicForward 127.0.0.1:1081",
  ]),
  one("the same forward twice", ["LocalForward 1 a:1", "LocalForward 1 a:1"]),
  one("ForwardAgent", ["ForwardAgent yes"]),
  one("HostKeyAlgorithms", ["HostKeyAlgorithms ssh-ed25519,rsa-sha2-512"]),
];

/** Configurations that ssh and our own reader must take the same way. */
export const configurations: readonly Configuration[] = [
  ...hosts,
  ...names,
  ...included,
  ...matches,
  ...canonical,
  ...values,
];
