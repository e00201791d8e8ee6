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
    ["in a URL, in lower case", encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase())],
    ["in double quotes of a shell", `"${secret}"`],
    ["as bash's %q has it", secret.replaceAll(/[^\w=ü]/g, String.raw`\$&`)],
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

  it("finds each secret in every form that stands between other text, wherever it is, and changes nothing else", () => {
    const letters = fc.string({
      unit: fc.constantFrom("a", "B", "7", " ", "'", '"', "$", "%", "ü", "/", "\\"),
      minLength: 6,
    });
    fc.assert(
      fc.property(fc.array(letters, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(50)), (secrets, picks) => {
        const redactor = told(...secrets);
        const forms = secrets.flatMap((one) => [one, Buffer.from(one).toString("hex"), encodeURIComponent(one)]);
        // Line breaks are in none of them: nothing else can be one.
        const text = picks.map((pick) => forms[pick % forms.length]).join("\n-\n");
        expect(redactor.redact(text)).toBe(picks.map(() => "[secret]").join("\n-\n"));
      }),
    );
  });

  it("agrees with a search for one after the other, whatever the text is made of", () => {
    const short = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 6, maxLength: 9 });
    const text = fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 60 });
    fc.assert(
      fc.property(fc.array(short, { minLength: 1, maxLength: 3 }), text, (secrets, shown) => {
        const covered = Array.from(shown, (_, at) =>
          secrets.some((one) =>
            Array.from(one, (_unit, back) => at - back).some((start) => shown.startsWith(one, start)),
          ),
        );
        const rest = Array.from(shown)
          .filter((_, at) => covered[at] !== true)
          .join("");
        expect(
          told(...secrets)
            .redact(shown)
            .replaceAll("[secret]", ""),
        ).toBe(rest);
      }),
    );
  });

  it("hides well-known tokens only where that is wanted", () => {
    const pem = `-----BEGIN OPENSSH PRIVATE KEY-----\n${"b3BlbnNzaC1rZXk\n".repeat(9)}-----END OPENSSH PRIVATE KEY-----`;
    const tokens = [
      `ghp_${"a1B2".repeat(9)}`,
      `AKIA${"ABCD".repeat(4)}`,
      `xoxb-${"1".repeat(12)}`,
      `npm_${"x".repeat(36)}`,
      pem,
    ];
    const text = tokens.map((token) => `key ${token} end`).join("\n");
    expect(new Redactor().redact(text)).toBe(text);
    const hides = new Redactor({ hidesTokens: () => true });
    expect(hides.redact(text)).toBe(tokens.map(() => "key [secret] end").join("\n"));
    expect(hides.redact("git clone https://me:pa55@host/x.git; ssh://host:22/")).toBe(
      "git clone https://me:[secret]@host/x.git; ssh://host:22/",
    );
    const plain = "commit 3b18e512dba79e4c8300dd08aeb37f8e728b8dad, sk-8, eyJ.a.b, user@host:22";
    expect(hides.redact(plain)).toBe(plain);
  });
});
