import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { after } from "./clock.ts";

interface HeapOption {
  readonly name: string;
  readonly ours: number;
  /** V8's own value. */
  readonly usual: number;
}

const options: readonly HeapOption[] = [
  // How fast V8 enlarges the room for new objects, which begins with 1 MiB: by itself twofold up to 16 MiB. Where it stays small, what a fast
  // stream leaves behind is freed sooner, which keeps tens of megabytes from piling up.
  { name: "--semi-space-growth-factor", ours: 1, usual: 2 },
  // By how many per cent the heap may grow until all of it is collected: by itself V8 chooses anew each time, at most 300. Buffers count from the
  // moment they are made, and a fast stream makes 20 to 35 MiB of them before the new objects are collected: V8 chose less then, and collected all
  // that is there some 30 times a second.
  { name: "--heap-growing-percent", ours: 300, usual: 0 },
];

/** The heap may grow by so many per cent while much small comes and goes: with more, most of what it grows to is garbage. */
const savingPercent = 50;

/** So much room for new objects, both halves together, is enough for many small files: with less, most of them grow old before they are left. It may come to twice as much, as it is looked at now and then. */
const savingNewBytes = 4 * 1024 * 1024;

/** So long it stays so afterwards: the next copy mostly follows soon. */
const savingMs = 60_000;

let savers = 0;
let stopWaiting = (): void => undefined;
let isSaving = false;

/**
 * From now on, until a thread with a heap of its own is started, the room for new objects does not grow, and the heap may grow fourfold. Options at the
 * start of the process would do the same, but with one V8 refuses the compiled code that Node brings along, and everything starts later.
 */
export function tuneHeap(): void {
  for (const { name, ours } of options) setFlagsFromString(`${name}=${ours}`);
  if (!isSaving) return;
  setFlagsFromString(`--heap-growing-percent=${savingPercent}`);
  const room = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space")?.space_size ?? 0;
  if (room < savingNewBytes) setFlagsFromString("--semi-space-growth-factor=2");
}

/**
 * Lets the heap grow by no more than half, and the room for new objects to 4 MiB or a little more, until what it gives is called, and for a minute after that. `tuneHeap`,
 * called now and then, keeps it to that.
 */
export function saveHeap(): () => void {
  savers += 1;
  stopWaiting();
  const isNew = !isSaving;
  isSaving = true;
  tuneHeap();
  // How far the heap may grow is decided when all of it is collected.
  if (isNew) collect();
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    savers -= 1;
    if (savers > 0) return;
    stopWaiting = after(savingMs, () => {
      isSaving = false;
      tuneHeap();
    });
  };
}

/** Does something with V8 as it is when a process starts: it refuses code that was compiled under other options. Afterwards the heap is tuned. */
export function withUsualHeap(action: () => void): void {
  for (const { name, usual } of options) setFlagsFromString(`${name}=${usual}`);
  try {
    action();
  } finally {
    tuneHeap();
  }
}

/** Collects the whole heap, which takes some 15 ms where little is in use. */
function collect(): void {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  if (typeof gc === "function") Reflect.apply(gc, undefined, []);
}
