import type { Random } from "./random.ts";
import type { Act } from "./workload.ts";

/** One kind of workload, drawn: its command without the note in the log. */
export interface DrawnKind {
  readonly kind: string;
  readonly command: string;
  readonly more?: Readonly<Record<string, unknown>>;
  readonly states: readonly string[];
  readonly stdout?: string | Uint8Array;
  readonly stderr?: string | Uint8Array;
  readonly late?: string;
  readonly act?: Act;
}

/** All bytes there are: the record separator of our own framing and NUL among them, and no valid UTF-8. */
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const everyByteOctal = [...everyByte].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");

/** Draws a kind with `part` in its name: slow lines and bursts most often. */
export function drawKind(random: Random, mark: string, part: string): DrawnKind {
  const draw = random.pick([lines, lines, lines, binary, large, fed, typed, interrupted, limited, leavesJob]);
  const drawn = draw(random, mark);
  return drawn.kind.includes(part) ? drawn : drawKind(random, mark, part);
}

const statuses: readonly [number, ...number[]] = [0, 0, 1, 3, 42, 255];

/** Lines on both streams, slowly; perhaps a burst; a last line without its newline. */
function lines(random: Random, mark: string): DrawnKind {
  const amount = random.between(0, 120);
  const sleepS = random.pick(["0.01", "0.02", "0.04"]);
  const burst = random.pick([0, 0, 0, 2000, 30_000]);
  const status = random.pick(statuses);
  const numbers = countTo(amount);
  return {
    kind: "lines",
    command: [
      `i=0; while [ $i -lt ${amount} ]; do i=$((i+1)); echo "${mark} out $i"; [ $((i % 3)) -ne 0 ] || echo "${mark} err $i" >&2; sleep ${sleepS}; done`,
      burst === 0 ? ":" : `seq 1 ${burst}`,
      `printf '${mark} last, without a newline'`,
      `(exit ${status})`,
    ].join("\n"),
    states: [`exit ${status}`],
    stdout: `${numbers.map((n) => `${mark} out ${n}\n`).join("")}${sequence(burst)}${mark} last, without a newline`,
    stderr: numbers.flatMap((n) => (n % 3 === 0 ? [`${mark} err ${n}\n`] : [])).join(""),
  };
}

/** Every byte there is, many times, on both streams. */
function binary(random: Random): DrawnKind {
  const amount = random.between(1, 200);
  const status = random.pick(statuses);
  return {
    kind: "binary",
    command: [
      `b='${everyByteOctal}'`,
      `i=0; while [ $i -lt ${amount} ]; do i=$((i+1)); printf "$b"; printf "$b" >&2; [ $((i % 20)) -ne 0 ] || sleep 0.05; done`,
      "unset b",
      `(exit ${status})`,
    ].join("\n"),
    states: [`exit ${status}`],
    stdout: Buffer.concat(countTo(amount).map(() => everyByte)),
    stderr: Buffer.concat(countTo(amount).map(() => everyByte)),
  };
}

/** Megabytes on both streams at once, in pieces. */
function large(random: Random): DrawnKind {
  const pieces = random.between(1, 4);
  const status = random.pick(statuses);
  return {
    kind: "large",
    command: [
      `i=0; while [ $i -lt ${pieces} ]; do i=$((i+1)); seq 1 150000; seq 1 40000 >&2; sleep 0.3; done`,
      `(exit ${status})`,
    ].join("\n"),
    states: [`exit ${status}`],
    stdout: sequence(150_000).repeat(pieces),
    stderr: sequence(40_000).repeat(pieces),
  };
}

/** Its standard input comes with the call, and it prints that. */
function fed(random: Random, mark: string): DrawnKind {
  const text = `${mark} \u00E4\u20AC\u{1F680}\n`.repeat(random.pick([0, 1, 100, 6000]));
  const status = random.pick(statuses);
  return {
    kind: "stdin",
    command: `sleep 0.${random.between(0, 9)}; cat; (exit ${status})`,
    more: { stdin: text },
    states: [`exit ${status}`],
    stdout: text,
  };
}

/** Lines are typed into it while it runs. */
function typed(random: Random, mark: string): DrawnKind {
  return {
    kind: "typed",
    command: "echo ready; while IFS= read -r l; do printf 'got %s\\n' \"$l\"; done; echo 'end of input'",
    states: ["exit 0"],
    stdout: "ready\n",
    act: { kind: "lines", lines: countTo(random.between(1, 6)).map((n) => `${mark} line ${n}`) },
  };
}

/** C-c ends it. A server that did not send it cannot tell the signal from a status. */
function interrupted(): DrawnKind {
  return {
    kind: "interrupted",
    command: "echo up; sleep 300",
    states: ["signal INT", "exit 130"],
    stdout: "up\n",
    act: { kind: "interrupt" },
  };
}

/** Its time limit ends it. */
function limited(random: Random): DrawnKind {
  return {
    kind: "limited",
    command: "echo up; sleep 300; echo never",
    more: { timeout_s: random.between(1, 4) },
    states: ["timed out"],
    stdout: "up\n",
  };
}

/** A background job holds its streams beyond its end. */
function leavesJob(random: Random, mark: string): DrawnKind {
  const status = random.pick(statuses);
  return {
    kind: "leaves a job",
    command: `(sleep 1; echo "${mark} late") & echo "${mark} now"; (exit ${status})`,
    states: [`exit ${status}`],
    stdout: `${mark} now\n`,
    late: `${mark} late\n`,
  };
}

function countTo(most: number): readonly number[] {
  return Array.from({ length: most }, (_, index) => index + 1);
}

function sequence(most: number): string {
  return countTo(most)
    .map((n) => `${n}\n`)
    .join("");
}
