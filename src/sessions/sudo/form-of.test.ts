import { expect, it } from "vitest";
import { formOf } from "./form-of.ts";

it.each([
  ["ssh", "The authenticity of host 'db2 (10.0.0.2)' can't be established. (yes/no)?", "yes"],
  ["ssh", "Allow shared connection to db2?", "yes"],
  ["ssh", "(bob@db2) The authenticity of host 'x' (yes/no)?", "secret"],
  ["ssh", "bob@db2's password:", "secret"],
  ["git", "Username for 'https://example.org':", "word"],
  ["git", "Password for 'https://ann@example.org':", "secret"],
  ["gpg", "CONFIRM Take this one?", "yes"],
  ["gpg", "GETPIN CONFIRM this", "secret"],
  ["ssh", "CONFIRM this", "secret"],
  ["sudo", "Username for 'https://example.org':", "secret"],
  ["sudo", "The authenticity of host 'x' (yes/no)?", "secret"],
] as const)("%s that says %s wants a %s", (kind, prompt, form) => {
  expect(formOf(kind, prompt)).toBe(form);
});
