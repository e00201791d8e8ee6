import { describe, expect, it } from "vitest";
import { commandText } from "./command-text.ts";
import { sudoText } from "./sudo-text.ts";

const asRoot = { user: "root", asks: false };

describe("a command with sudo", () => {
  it("is a plain program where it is one, and a shell's text where it is not", () => {
    expect(sudoText(" systemctl restart nginx.service ", asRoot)).toBe("sudo -- systemctl restart nginx.service");
    for (const text of ["cd /root", "a; b", "A=1 make", "ls *", "echo $HOME", "echo a", "a\nb", "~/x", ". /etc/x"]) {
      expect(sudoText(text, asRoot)).toBe(`sudo -- sh -c '${text}'`);
    }
  });

  it("quotes all of it, and asks where it can", () => {
    expect(sudoText("it's", { user: "bob", asks: false })).toBe(String.raw`sudo -u 'bob' -- sh -c 'it'\''s'`);
    expect(sudoText("id", { user: "#12", asks: true })).toBe("sudo ${SUDO_ASKPASS:+-A} -u '#12' -- id");
  });

  it("takes no user that is none, and no text that fits no argument", () => {
    for (const user of ["", "-i", "a b", "a;b", "#x", "a\n", "$(id)"]) {
      expect(() => sudoText("id", { user, asks: false })).toThrow(/is no user/);
    }
    expect(() => sudoText(`echo ${"x".repeat(130_000)}`, asRoot)).toThrow(/at most 120 KiB/);
  });

  it("has directory and variables on the other side, but for one's own home", () => {
    expect(commandText({ command: "id", sudo: "root", cwd: "/root", env: { A: "b c" } })).toBe(
      `sudo -- sh -c 'cd -- '\\''/root'\\'' || exit\nexport A='\\''b c'\\''\nid'`,
    );
    expect(commandText({ command: "id", sudo: "root", cwd: "~/x" })).toBe("(\ncd -- ~'/x' || exit\nsudo -- id\n)");
  });
});
