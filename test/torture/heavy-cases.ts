import { createHash } from "node:crypto";
import type { OutputStream } from "../../src/sessions/index.ts";
import { playsInFull } from "./plays-in-full.ts";
import type { Digest, Step, TortureCase } from "./torture-case.ts";

/** Numbers in one block, which makes 938,895 bytes. */
const numbersInBlock = 150_000;

/** For what takes seconds on an idle machine, played beside everything else that tests do. */
const limitMs = playsInFull ? 300_000 : 60_000;

/** Blocks of text, each with its number before it, so that a block that is missing, doubled or out of order is seen. */
interface Blocks {
  readonly count: number;
  /** What stands behind each number and each heading: a newline, or a blank for one long line. */
  readonly separator: "\n" | " ";
}

function digestOf({ count, separator }: Blocks): Digest {
  const block = Array.from({ length: numbersInBlock }, (_, index) => `${String(index + 1)}${separator}`).join("");
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for (let number = 0; number < count; number += 1) {
    const piece = `block ${String(number)}${separator}${block}`;
    hash.update(piece);
    sizeBytes += piece.length;
  }
  return { sizeBytes, sha256: hash.digest("hex") };
}

/** Digests are made when they are first needed, and once. */
function once(blocks: Blocks): () => Digest {
  let made: Digest | undefined;
  return () => (made ??= digestOf(blocks));
}

/** Shell text that prints blocks: one small process and one write of a file for each, so that the host is as fast as it can be. */
function printing({ count, separator }: Blocks): string {
  const heading = separator === "\n" ? String.raw`block %s\n` : "block %s ";
  return `i=0; while [ $i -lt ${String(count)} ]; do printf '${heading}' $i; cat "$f"; i=$((i+1)); done`;
}

function heavy(name: string, streams: Readonly<Partial<Record<OutputStream, Blocks>>>): TortureCase {
  const { stdout, stderr } = streams;
  const separator = stdout?.separator ?? "\n";
  const loops = [
    ...(stdout === undefined ? [] : [`( ${printing(stdout)} )`]),
    ...(stderr === undefined ? [] : [`( ${printing(stderr)} ) >&2`]),
  ];
  const lines = separator === "\n" ? "" : String.raw` | tr '\n' ' '`;
  const made = `f=$(mktemp); seq 1 ${String(numbersInBlock)}${lines} >"$f"`;
  const step: Step = {
    run: `${made}; ${loops.join(" & ")}${loops.length > 1 ? "; wait" : ""}; rm "$f"; unset f; (exit 5)`,
    status: 5,
    ...(stdout === undefined ? { stdout: "" } : {}),
    ...(stderr === undefined ? { stderr: "" } : {}),
    digests: {
      ...(stdout === undefined ? {} : { stdout: once(stdout) }),
      ...(stderr === undefined ? {} : { stderr: once(stderr) }),
    },
  };
  return { name, limitMs, steps: [step] };
}

/** Blocks that make about `megabytes`, or about `short` where the cases are not played in full. */
function about(megabytes: number, short: number, separator: "\n" | " " = "\n"): Blocks {
  return { count: Math.ceil(((playsInFull ? megabytes : short) * 1_000_000) / 938_900), separator };
}

/** More output than fits any buffer on its way, compared by digest: nothing added, missing, mixed or out of order. */
export const heavyCases: readonly TortureCase[] = [
  heavy("megabytes in one line", { stdout: about(50, 5, " ") }),
  heavy("a lot of stdout", { stdout: about(200, 20) }),
  heavy("a lot of stderr only", { stderr: about(200, 5) }),
  heavy("a lot on both streams at once", { stdout: about(100, 3), stderr: about(100, 3) }),
];
