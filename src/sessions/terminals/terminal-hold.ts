import type { CommandLife } from "../commands/command-life.ts";

/** What becomes of a terminal that is a connection's. */
const connections = "gone with the connection";

/** Who holds a command's terminal, as far as that is known. */
export class TerminalHold {
  #lent: "here" | "elsewhere" | undefined;
  #words: string | undefined;
  #endedOnHost: (status: number) => void = () => undefined;

  /** A channel holds it, of this process or of another; undefined: the host or its keeper does, or nobody knows. */
  get lent(): "here" | "elsewhere" | undefined {
    return this.#lent;
  }

  /** What becomes of it with the connection, for the first line. */
  get words(): string | undefined {
    return this.#words;
  }

  /** The session's own terminals do, or do not. The first word counts. */
  survives(disconnects: boolean): void {
    this.#words ??= disconnects ? "survives disconnects" : connections;
  }

  /** A channel of this process holds it, which is told what the host says of the command's end. */
  here(endedOnHost: (status: number) => void): void {
    this.#lent = "here";
    this.#endedOnHost = endedOnHost;
    this.#words = connections;
  }

  /** The host says that the command has ended. True: it is a channel of this process that tells what it showed, and then how it ended. */
  endedOnHost(status: number): boolean {
    this.#endedOnHost(status);
    return this.#lent === "here";
  }

  /** The host's log says that a channel holds it; whose is known where that is ours. */
  somewhere(life: CommandLife): void {
    if (this.#lent !== undefined) return;
    this.#lent = "elsewhere";
    this.#words = connections;
    life.note("what it showed is known to the server that began it alone");
  }
}
