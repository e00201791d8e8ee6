import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir } from "../helpers/servers/index.ts";

/** A wall clock that processes see instead of the machine's, and that can be made to jump while they run. Their monotonic clock is the real one. */
export interface JumpingClock {
  /** Environment that shows a process this clock. */
  readonly env: Readonly<Record<string, string>>;
  /** Sets it to so many hours from the real time. */
  jump(hours: number): void;
  remove(): void;
}

/** The library of Debian's package `faketime`; undefined where it is not installed. */
export function findFakeTime(): string | undefined {
  const libraries = "/usr/lib";
  return readdirSync(libraries)
    .map((name) => join(libraries, name, "faketime", "libfaketimeMT.so.1"))
    .find((path) => existsSync(path));
}

/** Makes one that shows the real time. */
export function makeJumpingClock(library: string): JumpingClock {
  const directory = makeTempDir();
  const file = join(directory.path, "clock");
  const jump = (hours: number): void => {
    // Whoever reads it meanwhile must not find it empty.
    writeFileSync(`${file}.new`, `${hours < 0 ? "-" : "+"}${Math.abs(hours)}h\n`);
    renameSync(`${file}.new`, file);
  };
  jump(0);
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DISABLE_SHM: "1",
      DONT_FAKE_MONOTONIC: "1",
    },
    jump,
    remove: () => {
      directory.remove();
      removeSharedFiles();
    },
  };
}

/** A process that was killed could not remove its shared memory; its number is in the name. */
function removeSharedFiles(): void {
  const place = "/dev/shm";
  if (!existsSync(place)) return;
  for (const name of readdirSync(place)) {
    const pid = /^(?:sem\.)?faketime_(?:shm|sem)_(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(place, name), { force: true });
  }
}
