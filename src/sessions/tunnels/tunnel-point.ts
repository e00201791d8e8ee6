import { isAbsolute } from "node:path";
import { isIPv6 } from "node:net";
import { HoldfastError } from "../../base/index.ts";
import type { ForwardPoint } from "../../ssh/index.ts";

/** The longest path of a Unix socket that all systems take (`sun_path` of macOS, with its NUL); longer ones would be cut in silence. */
const longestSocketPath = 103;

/** A name of DNS is not longer. */
const longestHost = 253;

const highestPort = 65_535;

/** `[address]:port`, `host:port`, `*:port` or a port alone. */
const portText = /^(?:(?:\[(?<address>[^\]]*)\]|(?<name>[^:[\]\s]*)):)?(?<port>\d{1,5})$/;

// oxlint-disable-next-line no-control-regex -- control characters are the subject here
const noHost = /[\u0000-\u0020\u007F-\u009F/,]/;

/** Reads what a caller gave as `name`; a port alone is one of `host`. Port 0 is left to the caller to refuse. Throws `bad_input`. */
export function parsePoint(name: string, text: string, host: string): ForwardPoint {
  if (isAbsolute(text)) return { path: checkedPath(name, text) };
  const groups = portText.exec(text)?.groups;
  if (groups === undefined) throw badPoint(name, text);
  const port = Number(groups["port"]);
  const found = groups["address"] ?? groups["name"] ?? host;
  if (port > highestPort || !isHost(found, groups["address"])) throw badPoint(name, text);
  return { host: found, port };
}

/** Brackets hold an IPv6 address and nothing else. */
function isHost(host: string, bracketed: string | undefined): boolean {
  if (bracketed !== undefined) return isIPv6(bracketed);
  return host !== "" && host.length <= longestHost && !noHost.test(host);
}

/** A point as it was given, the port being the real one. */
export function pointText(point: ForwardPoint): string {
  if ("path" in point) return point.path;
  return point.host.includes(":") ? `[${point.host}]:${point.port}` : `${point.host}:${point.port}`;
}

/** Others than the users of the machine that listens may connect there. */
export function isOpenToOthers(point: ForwardPoint): boolean {
  if ("path" in point) return false;
  return point.host !== "localhost" && point.host !== "::1" && !/^127\.\d+\.\d+\.\d+$/.test(point.host);
}

function checkedPath(name: string, path: string): string {
  const size = Buffer.byteLength(path);
  if (size <= longestSocketPath && !path.includes("\u0000")) return path;
  throw new HoldfastError(
    "bad_input",
    `the socket path in ${name} has ${size} bytes; at most ${longestSocketPath} work`,
    {
      hint: "Choose a shorter one",
    },
  );
}

function badPoint(name: string, text: string): HoldfastError {
  return new HoldfastError("bad_input", `${JSON.stringify(text.slice(0, 120))} in ${name} is no place to connect to`, {
    hint: "Write host:port, [IPv6 address]:port, a port alone, or the absolute path of a Unix socket",
  });
}
