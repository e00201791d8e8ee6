import type { Client, createAgent, utils } from "ssh2";

/** The parts of ssh2 that are used. */
export interface Ssh2Library {
  readonly Client: typeof Client;
  readonly createAgent: typeof createAgent;
  readonly utils: typeof utils;
}

/** Loads ssh2 when the first connection is made: it is the heaviest module there is, and most starts never need it. */
export async function loadSsh2(): Promise<Ssh2Library> {
  const { default: library } = await import("ssh2");
  return library;
}
