import type { Environment } from "../config/index.ts";

/** What the C library of Linux (glibc) reads when a process starts; others do not know it. */
const settings = {
  // How many heaps it makes: by itself up to eight for each processor, and each thread would keep what it once took in its own.
  MALLOC_ARENA_MAX: "1",
  // As many free bytes at the end of a heap go back to the system, which is the usual number; but set, it stays, and so does the size from which on
  // memory is taken from the system and given back piece by piece. By itself that grows to 32 MiB as soon as large buffers are let go of.
  MALLOC_TRIM_THRESHOLD_: "131072",
};

/** The environment for a process whose threads keep little of what they no longer use; what whoever started us has set stays. */
export function leanMemory(env: Environment): Environment {
  return { ...settings, ...env };
}

/** Takes out of `env` again what was only for this process, before it starts others. */
export function forgetLeanMemory(env: Record<string, string | undefined> = process.env): void {
  for (const [name, ours] of Object.entries(settings)) {
    if (env[name] === ours) Reflect.deleteProperty(env, name);
  }
}
