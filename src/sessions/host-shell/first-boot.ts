import type { FirstExec } from "../../ssh/index.ts";
import { bootCommand } from "./host-scripts.ts";
import type { Riding } from "./riding.ts";

/** What an attachment is sent first, as what may go out with a login. */
export interface FirstBoot {
  readonly exec: FirstExec;
  /** It has gone out with one. */
  isOut(): boolean;
}

/** The first of an attachment: `input`, with which `riding` goes out. */
export function firstBoot(input: string, riding: Riding | undefined): FirstBoot {
  let out = false;
  const sent = (): void => {
    out = true;
    riding?.sent();
  };
  const dropped = (): void => {
    out = false;
    riding?.dropped();
  };
  return { exec: { command: bootCommand, input, sent, dropped }, isOut: () => out };
}
