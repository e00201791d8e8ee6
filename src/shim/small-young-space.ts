import { setFlagsFromString } from "node:v8";

/**
 * How fast V8 enlarges the room for new objects, which begins with 1 MiB: by itself twofold up to 16 MiB. Where it stays small, what a fast stream leaves
 * behind is freed sooner, which keeps tens of megabytes from piling up.
 */
const option = "--semi-space-growth-factor";
const none = 1;
const usual = 2;

/** From now on the room for new objects does not grow. An option at the start of the process would do the same, but with one V8 refuses the compiled code that Node brings along, and everything starts later. */
export function keepYoungSpaceSmall(): void {
  setFlagsFromString(`${option}=${none}`);
}

/** Does something with V8 as it is when a process starts: it refuses code that was compiled under other options. Afterwards the room for new objects does not grow. */
export function withUsualYoungSpace(action: () => void): void {
  setFlagsFromString(`${option}=${usual}`);
  try {
    action();
  } finally {
    keepYoungSpaceSmall();
  }
}
