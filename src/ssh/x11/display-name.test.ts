import { describe, expect, it } from "vitest";
import { parseDisplayName } from "./display-name.ts";

const sockets = (number: number): object => ({
  sockets: [`/tmp/.X11-unix/X${number}`, `/mnt/wslg/.X11-unix/X${number}`],
});
const launchd = "/private/tmp/com.apple.launchd.aB3/org.xquartz:0";

describe("the name of a display", () => {
  it.each([
    [":0", sockets(0), 0, 0],
    [":12.1", sockets(12), 12, 1],
    ["unix:0", sockets(0), 0, 0],
    ["unix/box:3", sockets(3), 3, 0],
    ["box:10.0", { host: "box", port: 6010 }, 10, 0],
    ["tcp/box.example.org:1.2", { host: "box.example.org", port: 6001 }, 1, 2],
    ["[::1]:0", { host: "::1", port: 6000 }, 0, 0],
    ["inet6/[fe80::2]:4", { host: "fe80::2", port: 6004 }, 4, 0],
    ["127.0.0.1:0.0", { host: "127.0.0.1", port: 6000 }, 0, 0],
    ["/tmp/.X11-unix/X7", { sockets: ["/tmp/.X11-unix/X7"] }, 7, 0],
    [launchd, { sockets: [launchd] }, 0, 0],
    [`${launchd}.1`, { sockets: [`${launchd}.1`, launchd] }, 0, 1],
    ["unix:/run/x/sock:5", { sockets: ["/run/x/sock:5"] }, 5, 0],
  ])("%s", (text, at, number, screen) => {
    expect(parseDisplayName(text, "linux")).toEqual({ at, number, screen });
  });

  it("is a port where servers have no sockets", () => {
    expect(parseDisplayName(":0", "win32").at).toEqual({ host: "127.0.0.1", port: 6000 });
    expect(parseDisplayName("unix:2.0", "win32").at).toEqual({ host: "127.0.0.1", port: 6002 });
  });

  it.each(["", "0", "box", "box::0", ":", ":a", "a b/c:0", ":99999", "box:60000", "[::1:0", ":0.1.2", "x/y:0"])(
    "is refused: %s",
    (text) => {
      expect(() => parseDisplayName(text === ":99999" ? "h:99999" : text, "linux")).toThrow(/names no display/);
    },
  );
});
