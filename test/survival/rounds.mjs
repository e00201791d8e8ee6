// Plays the survival rounds as often as asked: `npm run test:survival -- --rounds 20`.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "2" } } });
if (/^[1-9]\d{0,3}$/.test(values.rounds)) {
  const env = { ...process.env, HOLDFAST_SURVIVAL_ROUNDS: values.rounds };
  process.exitCode =
    spawnSync("npx", ["vitest", "run", "test/survival/survival.test.ts"], { stdio: "inherit", env }).status ?? 1;
} else {
  process.stderr.write(`--rounds is a number from 1 to 9999, not ${values.rounds}\n`);
  process.exitCode = 2;
}
