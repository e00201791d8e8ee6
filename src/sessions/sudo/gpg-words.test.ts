import { expect, it } from "vitest";
import { gpgAnswer, gpgPrompt } from "./gpg-words.ts";

it("what gpg-agent asks is told without its escapes, on one line, and without what could deceive", () => {
  expect(gpgPrompt("GETPIN  Unlock:%0A%22Ann %C3%A9%22, 100%25%0A")).toBe('Unlock: "Ann é", 100%');
  expect(gpgPrompt("GETPIN Bad Passphrase Unlock")).toBe("Bad Passphrase Unlock");
  const hostile = gpgPrompt("CONFIRM x%1B[2J%E2%80%AEy %0");
  for (const character of ["\u001B", "\u202E"]) expect(hostile).not.toContain(character);
});

it("an answer has the escapes of its protocol", () => {
  expect(gpgAnswer("100%41")).toBe("100%2541");
});
