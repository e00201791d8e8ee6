import type { Terminal } from "@xterm/headless";
import { HoldfastError } from "../base/index.ts";

/** Sequences whose number says how often something is done: lines inserted, deleted, scrolled; tabs forward and back, a character repeated. */
const lineFinals = ["L", "M", "S", "T"] as const;
const columnFinals = ["I", "Z", "b"] as const;

/** The numbers of a sequence as the parser has them; what is changed is what the next that handles it sees. */
interface SequenceNumbers {
  readonly params: Int32Array;
}

type Register = (id: { readonly final: string }, handle: (numbers: SequenceNumbers) => boolean) => void;

/**
 * Bounds how often a sequence has something done to what a screen has of it. Without, `CSI 2147483647 S` alone would take hours: each time
 * is a step of its own. Throws `internal` when xterm.js is another than we know.
 */
export function boundRepeats(terminal: Terminal): void {
  const register = registerOf(terminal);
  const bound = (final: string, most: () => number): void => {
    register({ final }, ({ params }) => {
      if ((params[0] ?? 0) > most()) params[0] = most();
      // The sequence is still to be done.
      return false;
    });
  };
  for (const final of lineFinals) bound(final, () => terminal.rows);
  for (const final of columnFinals) bound(final, () => terminal.cols);
}

/** The public way hands out copies of the numbers. */
function registerOf(terminal: Terminal): Register {
  const core: unknown = Reflect.get(terminal, "_core");
  const register: unknown = typeof core === "object" && core !== null && Reflect.get(core, "registerCsiHandler");
  if (typeof register === "function") return (...args) => void Reflect.apply(register, core, args);
  throw new HoldfastError("internal", "xterm.js has no registerCsiHandler as version 6.0 has", {
    hint: "Install the version of Holdfast again, unchanged",
  });
}
