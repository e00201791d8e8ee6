import type { Duplex } from "node:stream";
import type { SftpSession } from "./sftp-session.ts";
import type { X11Greeting } from "./x11/x11-greeting.ts";

/**
 * The seam between Holdfast and whatever speaks SSH. Two rules hold for every implementation:
 * bytes are handed over as they come (never decoded), and an end that was not told by the server is `lost`, never exit 0.
 */

/** How a channel ended. `lost`: the connection or channel went away without an exit status (RFC 4254 §6.10). */
export type ChannelEnd =
  | { readonly kind: "exit"; readonly status: number }
  | { readonly kind: "signal"; readonly signal: string }
  | { readonly kind: "lost" };

export interface ChannelListener {
  onStdout(bytes: Uint8Array): void;
  onStderr(bytes: Uint8Array): void;
  /** Called once, after the last byte. */
  onEnd(end: ChannelEnd): void;
}

/** One session channel: a command or a shell. */
export interface SshChannel {
  /** Queues bytes for the remote stdin. `false` when the queue is long: wait for `drained()` before writing more. */
  write(bytes: Uint8Array | string): boolean;
  /** Resolves when the write queue is short again, or the channel has ended. */
  drained(): Promise<void>;
  /** End of file on the remote stdin. */
  eof(): void;
  /** Stops and restarts reading of both output streams together (they share one window). A paused channel tells its end after `resume`. */
  pause(): void;
  resume(): void;
  resize(columns: number, rows: number): void;
  /** Asks the server to signal the remote process (`INT`, `KILL`, ...). Servers may ignore it: OpenSSH does for root. */
  signal(name: string): void;
  /** Closes the channel; the remote process is not signalled. Safe to call twice. */
  close(): void;
}

export interface PseudoTerminal {
  readonly term: string;
  readonly columns: number;
  readonly rows: number;
}

/** A display of this machine for what runs on one channel (RFC 4254 §6.3). It is there until the channel ends. */
export interface X11Access {
  readonly screen: number;
  /** What programs must show (16 bytes); it is for whoever runs them to give it to them. */
  readonly cookie: Buffer;
  /** A program has shown the cookie: its connection, behind what it said first. The stream is closed with the display. */
  carry(stream: Duplex, greeting: X11Greeting): void;
  /** Told, before `exec` resolves, when there will be no display; the command runs all the same. */
  refused(why: string): void;
}

export interface ExecOptions {
  readonly pty?: PseudoTerminal;
  /** Programs of the command may show windows here. */
  readonly x11?: X11Access;
  /** What the command's stdin begins with: it goes out with the request, without waiting for its answer. */
  readonly input?: string;
  /**
   * Must not run twice. Some servers close a channel without a word and run its command all the same: others are asked again, and get no input before
   * the server has answered; this one is rejected with `connection_lost`.
   */
  readonly once?: boolean;
}

/** What speaks SFTP in the place of the server's own subsystem. */
export interface SftpProgram {
  /** Nothing but SFTP may come on its stdout. */
  readonly command: string;
  onStderr(bytes: Uint8Array): void;
}

/** Where a forwarded stream begins or ends: a TCP port, or a Unix socket by its absolute path. */
export type ForwardPoint = { readonly host: string; readonly port: number } | { readonly path: string };

/** A connection that came in at a forwarded point of the host. It waits until one of the two is called; both are safe to call late. */
export interface RemoteStreamOffer {
  /** Who connected, as the host tells: `10.0.0.7:51234`, or empty where it does not. */
  readonly from: string;
  /** Throws `connection_lost` when the connection is gone. */
  accept(): Duplex;
  /** The host closes the connection. */
  refuse(): void;
}

/** A point of the host at which the server listens for us, until `close` or the end of the connection. */
export interface RemoteForward {
  /** The port that the server listens on; 0 for a Unix socket. */
  readonly port: number;
  /**
   * Asks the server to stop; streams that are open stay so. False when it goes on listening until the connection ends, as dropbear does;
   * what comes in is refused. Never rejects; resolves within 10 s. Safe to call twice.
   */
  close(): Promise<boolean>;
}

/** A connection that is authenticated and whose host key was accepted. */
export interface SshConnection {
  /** The server's identification string (RFC 4253 §4.2), for example `SSH-2.0-OpenSSH_9.2p1 Debian-2`. */
  readonly serverIdentification: string;
  /** The host key that was accepted, of a certificate the key in it: `SHA256:<base64>`. */
  readonly hostKey: string;
  /** It is down or going down: nothing can be begun on it any more. */
  readonly closed: boolean;
  /** Session channels that could be opened now without waiting (bounded by the server's MaxSessions). */
  readonly freeChannels: number;
  /** Session channels that the server is thought to allow at once; it may show to be fewer. */
  readonly channelLimit: number;
  /** Whether `x11` of `exec` can be had at all. */
  readonly carriesX11: boolean;
  /** Nothing runs, nothing is forwarded, nothing listens. */
  readonly idle: boolean;
  /**
   * Runs `command` (at most 100 KB on OpenSSH, 8.9 KB on dropbear, else `too_large`) on a channel of its own. Rejects with `connection_lost` or
   * `unsupported`. The listener may be called before the promise resolves. A background process of the command that
   * holds the output open does not delay the end: it comes when the server told an exit and then nothing more.
   */
  exec(command: string, listener: ChannelListener, options?: ExecOptions): Promise<SshChannel>;
  shell(terminal: PseudoTerminal, listener: ChannelListener): Promise<SshChannel>;
  /** File transfer on a channel of its own, until it is closed. Rejects with `unsupported` where the server has none, or `connection_lost`. */
  sftp(program?: SftpProgram): Promise<SftpSession>;
  /**
   * A stream to `to` as seen from the host (direct-tcpip, RFC 4254 §7.2, or OpenSSH's direct-streamlocal). It takes none of the session
   * channels. Its two directions end apart from one another; it fails with `connection_lost` where the other side did not end it. Rejects
   * with `forward_refused`, `dial_failed`, `limit_reached` or `connection_lost`, as late as the server tells.
   */
  forwardOut(to: ForwardPoint): Promise<Duplex>;
  /**
   * Has the server listen at `at` (port 0: any) and offer what comes in (tcpip-forward, or OpenSSH's streamlocal-forward). Rejects with
   * `forward_refused`, `timed_out` or `connection_lost`.
   */
  forwardIn(at: ForwardPoint, offered: (offer: RemoteStreamOffer) => void): Promise<RemoteForward>;
  /**
   * Asks the server for a sign of life: false when nothing at all came within `limitMs`. True also for servers that are not known to
   * answer such a question, as long as the connection is open.
   */
  alive(limitMs: number): Promise<boolean>;
  /** Tells once that the connection is gone, and why. Called at once if it already is. */
  onClosed(listener: (reason: string) => void): void;
  /** Ends the connection; resolves when it is down, after at most 2 s. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * What to do with a host key that no known_hosts file names. `ask`: the engine refuses it, and whoever called may ask a person and connect again;
 * `strict`: refused, and nobody is asked; `accept-new`: kept in Holdfast's own file. A changed or revoked key is always refused.
 */
export type UnknownHostKey = "ask" | "accept-new" | "strict";

/** A secret that stays the same: the account's password as the server asks for it, or the passphrase of a key file that `what` names. */
export interface LastingSecret {
  readonly kind: "password" | "passphrase";
  readonly what: string;
}

/** Whom to ask what only a person knows. Every answer may take minutes; nobody there is an answer of its own. */
export interface PersonQuestions {
  /** True only if a person has compared the fingerprint and said yes; "nobody" when nobody can be asked. */
  confirmHostKey(
    question: {
      readonly alias: string;
      readonly address: string;
      readonly keyType: string;
      readonly fingerprint: string;
    },
    signal?: AbortSignal,
  ): Promise<"yes" | "no" | "nobody">;
  /** One answer per prompt, or undefined when nobody could be asked or would answer. */
  answerPrompts(
    question: {
      readonly alias: string;
      readonly address: string;
      /** The account that is logged in to. */
      readonly user: string;
      /** One for each login. */
      readonly login: string;
      /** The answer is the same for every login with it: it may be asked for once. Undefined: it is for this login only. */
      readonly lasting: LastingSecret | undefined;
      readonly name: string;
      readonly instructions: string;
      readonly prompts: readonly { readonly text: string; readonly echo: boolean }[];
    },
    signal?: AbortSignal,
  ): Promise<readonly string[] | undefined>;
  /** Told when a login is over in which somebody was asked: whether it succeeded, was refused, or ended in another way. */
  loginOver?(login: string, outcome: "accepted" | "refused" | "broken"): void;
}

/** All that is needed to connect, resolved: nothing is looked up by the engine but the files named here. */
export interface ConnectPlan {
  /** The name the caller used; for messages. */
  readonly alias: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Looked up in known_hosts instead of `host` (ssh_config HostKeyAlias). */
  readonly hostKeyAlias?: string;
  readonly knownHostsFiles: readonly string[];
  /** Holdfast's own known_hosts file: read after the others, and the only one that `accept-new` writes to. */
  readonly ownKnownHostsFile?: string;
  /** Keys of hosts and authorities that are refused everywhere: one on each line, or a list of `ssh-keygen -k` (ssh_config RevokedHostKeys). */
  readonly revokedHostKeysFile?: string;
  readonly unknownHostKey: UnknownHostKey;
  /** Private key files in the order in which to try them; missing ones are skipped unless `explicit`. */
  readonly identityFiles: readonly { readonly path: string; readonly explicit: boolean }[];
  /** Certificates for keys that are in `identityFiles` or in the agent; `<key>-cert.pub` beside a key file is found without being named. */
  readonly certificateFiles?: readonly string[];
  /** Only keys named here are offered: those of the agent beside them are not. */
  readonly identitiesOnly: boolean;
  /** Methods to use, in this order (ssh_config PreferredAuthentications); others are not used. Default: keys, questions, password. */
  readonly preferredAuthentications?: readonly string[];
  /** Path of the agent's socket (on Windows: of its named pipe), if one is to be used. */
  readonly agentSocket?: string;
  readonly password?: string;
  readonly passphrase?: string;
  /** Hosts to go through, the first one first. Whoever connects goes there and gives the engine a stream from the last of them. */
  readonly via?: readonly ConnectPlan[];
  /** Shell text whose stdin and stdout are the connection, in the place of TCP. It runs as this process's child and is ended with the connection. */
  readonly proxyCommand?: string;
  /** Only addresses of this family are dialled. */
  readonly addressFamily?: 4 | 6;
  /** The address of this machine to dial from. */
  readonly bindAddress?: string;
  readonly compression?: boolean;
  /** Algorithms that are no longer safe may be used where the server has no others: SHA-1, ssh-rsa, CBC. */
  readonly legacy?: boolean;
  /** KexAlgorithms, Ciphers, MACs, HostKeyAlgorithms, PubkeyAcceptedAlgorithms and CASignatureAlgorithms of ssh_config by lower-case keyword; what is not spoken is left out. */
  readonly algorithms?: Readonly<Record<string, string>>;
  /** For whoever connects: attempts after the first for what is transient, the pause before the first of them, and the time without use after which the connection is closed. */
  readonly retries?: number;
  readonly retryDelayMs?: number;
  readonly idleMs?: number;
  /** What speaks SSH: our own engine, the system's ssh, or (default) our own unless only the other can do what the plan needs. */
  readonly engine?: "auto" | "ssh2" | "openssh";
  /** Settings that only the system's ssh knows, by their names in ssh_config. */
  readonly sshOptions?: Readonly<Record<string, string>>;
  readonly connectTimeoutMs: number;
  /** Keepalive period; a connection from which nothing came for three periods is dead. */
  readonly keepaliveMs: number;
  /** Keep one session channel open ahead of need, so that a command costs one round trip. Default: with servers known to bear it. */
  readonly spareChannel?: boolean;
}

/** A command that will be run on a connection as the first, by `exec` with just this command and input. */
export interface FirstExec {
  readonly command: string;
  readonly input: string;
  /** Told when it goes out before `exec` is called: from then on it may run, whatever becomes of the connection. */
  sent(): void;
  /** Told when a server has refused the login after that: it has not run and will not. */
  dropped(): void;
}

export interface SshEngine {
  /**
   * Connects, checks the host key and authenticates: one attempt, no retries. Rejects with `dial_failed`,
   * `host_key_unknown`, `host_key_changed`, `host_key_revoked`, `auth_failed`, `key_unreadable`, `config_invalid`
   * (known_hosts), `unsupported` (no common algorithm), `cancelled` or `timed_out`. `host_key_unknown` has the key in its
   * details (`hostKey`, base64) beside `fingerprint` and `keyType`.
   * Where the server bears it, `first` goes out together
   * with the login; a server that refuses the login does not run it.
   * Failures that may pass soon have `transient` 1 in their details; `crowded` 1 beside it: the server said that others are logging in. `stream` opens what takes the place of the TCP connection; it is destroyed with
   * the connection.
   */
  connect(
    plan: ConnectPlan,
    signal?: AbortSignal,
    first?: FirstExec,
    stream?: () => Promise<Duplex>,
  ): Promise<SshConnection>;
}
