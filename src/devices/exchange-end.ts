import type { PlatformAsk } from "./platform.ts";
import type { Prompt } from "./prompt.ts";

/** How one line that was typed came to its end. */
export type ExchangeEnd =
  | {
      readonly kind: "prompt";
      readonly prompt: Prompt;
      /** The line that says that it failed. */
      readonly error: string | undefined;
      /** False where only the prompt, standing still, tells that it is over. */
      readonly sure: boolean;
    }
  /** The device asks for the enable password once more: what it was given was wrong. */
  | { readonly kind: "secret refused" }
  | { readonly kind: "time is up" }
  | { readonly kind: "closed"; readonly error: string | undefined };

export interface ExchangeRequest {
  /** Empty: only the prompt is confirmed. */
  readonly command: string;
  /** More lines, which are typed once the device has taken the command and shows no prompt; then the keys, in the place of the last of them. */
  readonly rest?: readonly string[];
  readonly keys?: string | undefined;
  /** The device's name in the prompt may be another than before. */
  readonly renamed?: boolean;
  /** It is one of those that prepare the terminal: it asks nothing and prints no pages. */
  readonly prepares?: boolean;
  /** What it will ask and who answers. */
  readonly asks?: readonly PlatformAsk[];
  /** Lines that say that it was refused, beside the platform's errors. */
  readonly refusals?: readonly RegExp[];
}

export interface ExchangeListener {
  /** Output, in order: lines with their ends. */
  onOutput(text: string): void;
  /** It asks something and stands still; undefined: not any more. */
  onQuestion(question: string | undefined): void;
  /** It asks for what only `asks` names; the answer is typed by whoever is called, with `answer`. */
  onAsk(ask: PlatformAsk, line: string): void;
}
