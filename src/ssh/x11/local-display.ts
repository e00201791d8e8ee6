import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { hostname } from "node:os";
import { HoldfastError, messageOf, timeIsUp, withDeadline } from "../../base/index.ts";
import { parseDisplayName, type DisplayName } from "./display-name.ts";
import { cookieProtocol, findCookie, parseAuthority } from "./x11-authority.ts";
import { X11Client, type UntrustedCookie } from "./x11-client.ts";

/** An X server of this machine answers at once, or it is not there. */
const answerMs = 10_000;

/** Files of cookies are small. */
const longestAuthority = 1024 * 1024;

/** How far programs of a host are trusted: `untrusted` ones see and touch nothing of other programs. */
export type X11Trust = "untrusted" | "trusted";

/** Which display programs of a host may use, and how. */
export interface X11Settings {
  readonly trust: X11Trust;
  /** Its name, as in DISPLAY; undefined: there is none. */
  readonly display: string | undefined;
  /** The Xauthority file that has its cookie. */
  readonly authority: string | undefined;
}

/** The display of this machine, open for programs of one host. */
export interface LocalDisplay {
  readonly screen: number;
  /** What the X server wants to see of them; undefined where it wants nothing. */
  readonly cookie: Buffer | undefined;
  /** One more connection to it. Rejects with `dial_failed`. */
  connect(): Promise<Socket>;
  /** Voids the cookie of untrusted programs. Safe to call twice. */
  close(): void;
}

/**
 * Opens a display, having made sure that it lets us in. Rejects with `config_invalid`, `dial_failed`, `auth_failed`,
 * `timed_out`, or `unsupported` where it cannot hold untrusted programs.
 */
export async function openLocalDisplay(settings: X11Settings): Promise<LocalDisplay> {
  const name = displayName(settings.display);
  const socket = await dial(name);
  const opened = await withDeadline(greeted(name, socket, settings), answerMs).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  if (opened !== timeIsUp) return opened;
  socket.destroy();
  throw new HoldfastError("timed_out", "the X server of this machine did not answer", {
    hint: "Check that DISPLAY (or x11_display in the settings) is that of your screen",
  });
}

function displayName(text = ""): DisplayName {
  if (text !== "") return parseDisplayName(text);
  throw new HoldfastError("config_invalid", "DISPLAY is not set, so there is no display for programs of the host", {
    hint: "Set x11_display in the settings, or start Holdfast from a terminal of your desktop (holdfast stop ends it)",
  });
}

async function greeted(name: DisplayName, socket: Socket, settings: X11Settings): Promise<LocalDisplay> {
  const { trust } = settings;
  const own = await cookieFor(name, socket, settings.authority);
  const client = new X11Client(socket);
  await client.greet(own);
  const untrusted = trust === "untrusted" ? await client.makeUntrusted(cookieProtocol) : undefined;
  // The cookie is taken back over this connection.
  if (untrusted === undefined) socket.destroy();
  return {
    screen: name.screen,
    cookie: untrusted?.cookie ?? own,
    connect: () => dial(name),
    close: () => {
      if (untrusted !== undefined) void takeBack(client, socket, untrusted);
    },
  };
}

async function takeBack(client: X11Client, socket: Socket, cookie: UntrustedCookie): Promise<void> {
  if (socket.destroyed || socket.writableEnded) return;
  await withDeadline(client.revoke(cookie), answerMs).catch(() => undefined);
  socket.end();
  socket.destroySoon();
}

async function cookieFor(name: DisplayName, socket: Socket, file = ""): Promise<Buffer | undefined> {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  const entries = parseAuthority(bytes.subarray(0, longestAuthority));
  const { number } = name;
  return findCookie(entries, { number, address: socket.remoteAddress, hostName: hostname() });
}

/** Connects to the first of its sockets that is there, or to its port. */
async function dial({ at }: DisplayName): Promise<Socket> {
  const ways = "sockets" in at ? at.sockets.map((path) => ({ path })) : [at];
  const failures: string[] = [];
  for (const way of ways) {
    try {
      return await reached(connect(way));
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  throw new HoldfastError("dial_failed", `the X server of the display cannot be reached: ${failures[0] ?? ""}`, {
    hint: "Check that it runs, and that DISPLAY (or x11_display in the settings) is that of your screen",
  });
}

async function reached(socket: Socket): Promise<Socket> {
  const done = await withDeadline(
    new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    }),
    answerMs,
  ).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  socket.on("error", () => undefined);
  if (done !== timeIsUp) return socket;
  socket.destroy();
  throw new Error("no answer");
}
