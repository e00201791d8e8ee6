import { randomBytes } from "node:crypto";
import { monotonicMs } from "../../src/base/index.ts";
import { Redactor } from "../../src/secrets/index.ts";
import type { Section } from "./section.ts";
import { printTable, type Row } from "./table.ts";

/** Promised with three secrets, in megabytes a second. */
const promisedRate = 200;

const megabyte = 1_000_000;
const secrets = ["correct horse battery", "tr0ub4 d'or&3=", "hunter2-hunter2"];

/** Ordinary text of 8 MB: paths and words, as logs have them; with a secret in every tenth part. */
function sample(withSecrets: boolean): string {
  const words = ["/usr/lib/x86_64-linux-gnu/", "error: ", "2026-01-01T00:00:00Z ", "connection from 10.0.0.5 ", "\n"];
  const line = Array.from(randomBytes(2_000), (byte) => words[byte % words.length] ?? "").join("");
  const parts = Array.from({ length: (8 * megabyte) / line.length }, (_, at) =>
    withSecrets && at % 10 === 0 ? line + (secrets[(at / 10) % secrets.length] ?? "") : line,
  );
  return parts.join("");
}

/** How fast known secrets are kept out of what leaves. */
export const redact: Section = async (_cleanup, { rounds }) => {
  const times = Math.max(3, Math.ceil(rounds / 20));
  const rows = [1, 3, 20].flatMap((count): Row[] => {
    const redactor = new Redactor();
    for (let at = 0; at < count; at += 1) redactor.learn(secrets[at] ?? randomBytes(9).toString("base64url"));
    return [false, true].map((withSecrets) => {
      const text = sample(withSecrets);
      const rates = Array.from({ length: times }, () => {
        const before = monotonicMs();
        redactor.redact(text);
        return text.length / megabyte / ((monotonicMs() - before) / 1_000);
      }).toSorted((one, other) => one - other);
      const rate = rates[Math.floor(rates.length / 2)] ?? 0;
      const name = `${count} secrets${withSecrets ? ", some of them there" : ""}`;
      const goal = { text: `≥ ${promisedRate} MB/s`, holds: rate >= promisedRate };
      return { name, figures: [rate.toFixed(0)], ...(count === 3 ? { goal } : {}) };
    });
  });
  return printTable("redact: known secrets in text of 8 MB", ["MB/s"], rows);
};
