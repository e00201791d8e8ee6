import { faultOfSudo } from "./judge-sudo.ts";

/** What is known of the one sudo that may be signed for. */
interface SignOnce {
  /** When it began, as the host tells it. */
  readonly began: string;
  /** What the host tells of it now (`key` of `answer.sh`). */
  readonly look: () => Promise<readonly string[]>;
  /** Told why there is no signature, or undefined when there will be one. */
  readonly tell: (fault: string | undefined) => void;
}

/** Judges what a key is asked to sign for one sudo, whoever asks and over however many connections: says yes at most once. Rejects as `look`. */
export function signOnce({ began, look, tell }: SignOnce): (words: readonly string[]) => Promise<boolean> {
  let signed = false;
  return async (words) => {
    const fault = signed ? undefined : faultOfSudo(await look(), began, words);
    // While the host was asked, another connection may have got it.
    const why = fault ?? (signed ? "it has signed already" : undefined);
    if (why === undefined) signed = true;
    tell(why);
    return why === undefined;
  };
}
