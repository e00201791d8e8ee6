import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Redactor } from "./redactor.ts";

const secret = "tr0ub4 d'or&3=ü";

function told(...secrets: readonly string[]): Redactor {
  const redactor = new Redactor();
  for (const one of secrets) redactor.learn(one);
  return redactor;
}

describe("redactor", () => {
  it.each([
    ["as it is", secret],
    ["in JSON", JSON.stringify({ p: `"${secret}` })],
    ["quoted for a shell", `'${secret.replaceAll("'", String.raw`'\''`)}'`],
    ["in a URL", `https://x/?p=${encodeURIComponent(secret)}`],
    ["in a form", new URLSearchParams({ p: secret }).toString().replace("%27", "'")],
    ["in hex", Buffer.from(secret).toString("hex")],
  ])("replaces a secret %s", (_name, text) => {
    const redacted = told(secret).redact(text);
    expect(redacted).toContain("[secret]");
    expect(redacted).not.toContain("tr0ub4");
    expect(redacted).not.toContain(Buffer.from("ub4 d").toString("hex"));
  });

  it("finds it in base64, whatever stands around it", () => {
    const redactor = told(secret);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 20 }), (before, after) => {
        const bytes = Buffer.concat([before, Buffer.from(secret), after]);
        for (const alphabet of ["base64", "base64url"] as const) {
          expect(redactor.redact(bytes.toString(alphabet))).toContain("[secret]");
        }
      }),
    );
  });

  it("leaves what is no secret, and takes nothing that is too short for one", () => {
    const redactor = told("root", secret, "$(a.b)*[c]");
    expect(redactor.learn("12345")).toBe(false);
    const text = "drwx root root /root $(aXb) tr0ub4";
    expect(redactor.redact(text)).toBe(text);
    expect(redactor.redact("x$(a.b)*[c]x")).toBe("x[secret]x");
  });

  it("prefers the longer of two secrets, and remembers a bounded number", () => {
    expect(told("passphrase", "passphrase-2").redact("passphrase-2")).toBe("[secret]");
    const redactor = told(...Array.from({ length: 150 }, (_, n) => `secret-number-${n}-`));
    expect(redactor.redact("secret-number-0-")).toBe("secret-number-0-");
    expect(redactor.redact("secret-number-149-")).toBe("[secret]");
  });
});
