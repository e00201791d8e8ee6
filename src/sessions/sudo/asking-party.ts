/** What waits on a host while somebody is asked for a secret that it needs: a command of the session, or a program that works on files for a call. */
export interface AskingParty {
  /** It waits for an answer until the returned function is called. */
  waitsFor(what: string): () => void;
  /** Keeps a remark for whoever looks at what became of it. */
  note(text: string): void;
  /** Resolves when it has ended, or `signal` aborts. Never rejects. */
  ended(signal: AbortSignal): Promise<void>;
}
