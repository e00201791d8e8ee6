import { expect, test } from "vitest";
import type { OutputStream } from "../session-api.ts";
import { FreshStreams } from "./fresh-streams.ts";
import { HostNumbers } from "./host-numbers.ts";
import { SpoolFollower } from "./spool-follower.ts";

const streams: readonly OutputStream[] = ["stdout", "stderr"];

/** A session whose shell has run command 1, which left a job that holds its streams. */
function afterJob(): {
  readonly fresh: FreshStreams;
  readonly numbers: HostNumbers;
  readonly sent: string[];
  readonly begins: (epoch: number) => void;
} {
  const sent: string[] = [];
  const numbers = new HostNumbers();
  const follower = new SpoolFollower({
    key: "k",
    commandAt: () => {
      throw new Error("nothing was printed");
    },
    onEnd: () => undefined,
  });
  const begins = (epoch: number): void => {
    for (const stream of streams) follower.barrier(stream, { epoch, offset: 0 });
  };
  const fresh = new FreshStreams({
    follower,
    numbers,
    send: (line) => sent.push(line) > 0,
    ask: (line) => sent.push(line) > 0,
    changed: () => undefined,
  });
  Object.assign(numbers, { epoch: 1, next: 2, front: 1 });
  begins(1);
  fresh.held();
  return { fresh, numbers, sent, begins };
}

test("a command beside the shell that takes the number of a new epoch while that begins: the next one waits for another epoch", () => {
  const { fresh, numbers, sent, begins } = afterJob();
  fresh.refresh();
  expect(sent).toEqual(["N 2 u"]);
  numbers.next = 3;
  fresh.epochCame(2);
  expect(sent).toEqual(["N 2 u", "F 2 0 0"]);
  expect(fresh.ready).toBe(false);
  begins(2);
  expect(fresh.ready).toBe(false);
  fresh.refresh();
  fresh.epochCame(3);
  begins(3);
  expect(sent).toEqual(["N 2 u", "F 2 0 0", "N 3 c", "F 3 0 0"]);
  expect(fresh.ready).toBe(true);
});

test("a new epoch is ready as soon as the host has begun it", () => {
  const { fresh } = afterJob();
  fresh.refresh();
  expect(fresh.ready).toBe(false);
  fresh.epochCame(2);
  expect(fresh.ready).toBe(true);
});
