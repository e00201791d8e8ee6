import { Mutex } from "../../base/index.ts";
import type { CommandView, TerminalSize } from "../../sessions/index.ts";
import type { Typist } from "./floor-book.ts";

interface Sized {
  /** As it was when nobody watched. */
  readonly before: TerminalSize;
  /** Windows of those who watch, the one that counts last. */
  readonly windows: Map<Typist, TerminalSize>;
  readonly lock: Mutex;
}

/**
 * How large terminals are that people watch: as the window of whoever came, typed or changed it last; and as before when the last of them
 * has gone, so that the agent finds what it has asked for.
 */
export class WindowSizes {
  readonly #sized = new Map<string, Sized>();

  /** The window of somebody who watches counts from now on. Rejects as resizing does. */
  async count(command: CommandView, watcher: Typist, window: TerminalSize): Promise<void> {
    const { id, terminal } = command;
    if (terminal === undefined) return;
    const sized = this.#sized.get(id) ?? { before: terminal, windows: new Map(), lock: new Mutex() };
    this.#sized.set(id, sized);
    sized.windows.delete(watcher);
    sized.windows.set(watcher, window);
    await this.#settle(command, sized);
  }

  /** Somebody does not watch any more. Rejects as resizing does. */
  async leave(command: CommandView, watcher: Typist): Promise<void> {
    const sized = this.#sized.get(command.id);
    if (sized?.windows.delete(watcher) !== true) return;
    try {
      await this.#settle(command, sized);
    } finally {
      if (sized.windows.size === 0) this.#sized.delete(command.id);
    }
  }

  async #settle(command: CommandView, sized: Sized): Promise<void> {
    await sized.lock.run(async () => {
      const wanted = [...sized.windows.values()].at(-1) ?? sized.before;
      const { terminal, state } = command;
      if (terminal === undefined || state.kind !== "running") return;
      if (wanted.columns !== terminal.columns || wanted.rows !== terminal.rows) await command.resize(wanted);
    });
  }
}
