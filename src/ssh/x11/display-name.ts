import { HoldfastError, oneLine } from "../../base/index.ts";

/** Where an X server listens. */
export interface DisplayName {
  /** Sockets to try, in this order; or a TCP port. */
  readonly at: { readonly sockets: readonly string[] } | { readonly host: string; readonly port: number };
  /** Its number, as cookies are filed by. */
  readonly number: number;
  readonly screen: number;
}

/** X servers listen at this port and their number. */
const firstPort = 6000;

const lastPort = 65_535;

/** Where X servers have their sockets. The second is WSLg's own, for distributions that put something else over the first. */
const socketDirectories = ["/tmp/.X11-unix", "/mnt/wslg/.X11-unix"];

/** More of a broken value is not shown. */
const shownName = 100;

/**
 * Reads a value of DISPLAY: `:0`, `:0.1`, `unix:0`, `host:10.0`, `tcp/host:0`, `[::1]:0`, and sockets by their paths, as macOS has them. Servers of
 * Windows are reached by TCP. Throws `config_invalid`.
 */
export function parseDisplayName(text: string, platform: string = process.platform): DisplayName {
  const path = /^(?:unix:)?(\/.*)$/.exec(text)?.[1];
  if (path !== undefined) return socketName(path);
  const match = /^(?:(unix|local|tcp|inet6?)\/)?(\[[0-9a-fA-F:.]+\]|[^:/[\]]*):(\d{1,5})(?:\.(\d{1,3}))?$/.exec(text);
  if (match === null) throw broken(text);
  const [, protocol, name = "", digits, screenDigits = "0"] = match;
  const number = Number(digits);
  const at = placeOf({ protocol, host: name.replaceAll(/[[\]]/g, ""), number, platform });
  if (at === undefined) throw broken(text);
  return { at, number, screen: Number(screenDigits) };
}

interface DisplayWords {
  readonly protocol: string | undefined;
  readonly host: string;
  readonly number: number;
  readonly platform: string;
}

/** Undefined for a number that no port has. */
function placeOf({ protocol, host, number, platform }: DisplayWords): DisplayName["at"] | undefined {
  const isHere = protocol === undefined ? ["", "unix"].includes(host) : ["unix", "local"].includes(protocol);
  if (isHere && platform !== "win32") {
    return { sockets: socketDirectories.map((directory) => `${directory}/X${number}`) };
  }
  const port = firstPort + number;
  return port > lastPort ? undefined : { host: isHere || host === "" ? "127.0.0.1" : host, port };
}

/** The whole text is the socket's name, with its number; a screen may stand behind it. */
function socketName(path: string): DisplayName {
  const [, withoutScreen = path, screen = "0"] = /^(.*:\d+)\.(\d{1,3})$/.exec(path) ?? [];
  const number = /(?::|\/X)(\d{1,5})$/.exec(withoutScreen)?.[1] ?? "0";
  const sockets = withoutScreen === path ? [path] : [path, withoutScreen];
  return { at: { sockets }, number: Number(number), screen: Number(screen) };
}

function broken(text: string): HoldfastError {
  return new HoldfastError("config_invalid", `${oneLine(text, shownName)} names no display`, {
    hint: "Set DISPLAY, or x11_display in the settings, to what the X server of this machine says, such as :0",
  });
}
