// Plays chaos as often as asked: npm run chaos -- --rounds 500; --help says what else there is
import { parseArgs } from "node:util";
import { monotonicMs } from "../../src/base/index.ts";
import { playChaos } from "./play-chaos.ts";

const usage = `npm run chaos -- [options]
  --rounds <n>     rounds in all (100)
  --seed <n>       of what is played: the same seed plays the same (1)
  --lanes <n>      sessions that play at the same time (4)
  --shell <name>   bash, dash, zsh, fish or busybox (bash)
  --kind <text>    only workloads with this in their name
  --fault <text>   only faults with this in their name, such as "black hole"
  --no-daemon      each server is a process of its own
  --help           this
Ends with 0 when nothing was wrong, with 1 when something was.
`;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    lanes: { type: "string", default: "4" },
    shell: { type: "string", default: "bash" },
    kind: { type: "string", default: "" },
    fault: { type: "string", default: "" },
    "no-daemon": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const [rounds = 0, seed = -1, lanes = 0] = [values.rounds, values.seed, values.lanes].map(Number);
const shell = (["bash", "dash", "zsh", "fish", "busybox"] as const).find((name) => name === values.shell);
if (values.help) process.stdout.write(usage);
else if (rounds > 0 && lanes > 0 && seed >= 0 && shell !== undefined) {
  const since = monotonicMs();
  const problems = await playChaos({
    rounds,
    seed,
    lanes,
    shell,
    only: { kind: values.kind, fault: values.fault },
    daemon: !values["no-daemon"],
    report: (line) => {
      process.stdout.write(`${line}\n`);
    },
  });
  const seconds = ((monotonicMs() - since) / 1000).toFixed(0);
  process.stdout.write(
    `\n${rounds} rounds, seed ${seed}, ${lanes} lanes, ${shell}, ${seconds} s: ${problems.length} wrong\n`,
  );
  for (const problem of problems) process.stdout.write(`  ${problem}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} else {
  process.stderr.write(usage);
  process.exitCode = 2;
}
