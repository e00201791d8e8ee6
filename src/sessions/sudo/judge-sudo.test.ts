import { describe, expect, it } from "vitest";
import { faultOfSudo, readKeySudo } from "./judge-sudo.ts";

const lines = (process: string, ...words: readonly string[]): readonly string[] => [
  `process ${process}`,
  `command ${words.map((word) => `${word}\u001F`).join("")}`,
  "of 7",
  "end",
];
const sudo = lines("0 sudo 4711", "sudo", "-A", "id", "-u");
const asked = ["sudo", "-A", "id", "-u"];

describe("a sudo that wants a signature", () => {
  it("is known by its beginning, and by its command", () => {
    expect(readKeySudo(sudo)).toEqual({ began: "4711", of: 7 });
    expect(readKeySudo(["process 1000 sh 4711", "of shell"])).toEqual({ began: "4711", of: "shell" });
    expect(readKeySudo(["end"])).toBeUndefined();
  });

  it("gets it for just what it runs", () => {
    expect(faultOfSudo(sudo, "4711", asked)).toBeUndefined();
    expect(faultOfSudo(sudo, "4711", ["sudo", "-A", "sh"])).toMatch(/another command line/);
    expect(faultOfSudo(sudo, "4711", [...asked, "x"])).toMatch(/another command line/);
    expect(faultOfSudo(sudo, "4711", asked.slice(0, -1))).toMatch(/another command line/);
    expect(faultOfSudo(lines("0 sudo 4711", "sudo", "a\rb?"), "4711", ["sudo", "a\nb\u001F"])).toBeUndefined();
  });

  it("is the same process all along, called sudo, and root's", () => {
    expect(faultOfSudo(sudo, "4712", asked)).toMatch(/has gone/);
    expect(faultOfSudo(["end"], "4711", asked)).toMatch(/has gone/);
    expect(faultOfSudo(lines("1000 sudo 4711", ...asked), "4711", asked)).toMatch(/not sudo/);
    expect(faultOfSudo(lines("0 sudo x 4711", ...asked), "4711", asked)).toMatch(/has gone|not sudo/);
    expect(faultOfSudo(lines("0 su 4711", ...asked), "4711", asked)).toMatch(/not sudo/);
  });

  it("may have words that are cut, and a line that is", () => {
    const long = "x".repeat(1_000);
    const whole = lines("0 sudo 4711", "sudo", long);
    expect(faultOfSudo(whole, "4711", ["sudo", long.slice(0, 255)])).toBeUndefined();
    expect(faultOfSudo(whole, "4711", ["sudo", long.slice(0, 100)])).toMatch(/another/);
    const cut = [`process 0 sudo 4711`, `command sudo\u001F-c\u001F${"y".repeat(4_090)}`];
    expect(faultOfSudo(cut, "4711", ["sudo", "-c", "y".repeat(255)])).toBeUndefined();
    expect(faultOfSudo(cut, "4711", ["sudo", "-x", "y".repeat(255)])).toMatch(/another/);
  });
});
