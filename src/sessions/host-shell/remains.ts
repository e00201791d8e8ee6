import { shellWord } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import { patiently } from "../patiently.ts";
import { look } from "./host-files.ts";
import type { DistantProcess } from "./out-of-reach.ts";

/** What is there of a session after its end. */
export interface Remains {
  /** Whether its directory has gone. */
  readonly gone: boolean;
  /** Those of its processes that its user could not signal, and that go on. */
  readonly pids: readonly number[];
}

/** What root runs is ended in 4 s as far as that can be done, its shell is asked to end for 1.5 s, then killed: 10 s are enough. */
const wait =
  'n=0; while [ -d "$1" ] && [ $n -lt 100 ]; do n=$((n+1)); sleep 0.1 2>/dev/null || { sleep 1; n=$((n+9)); }; done; [ ! -d "$1" ]; r=$?; shift';

/** A process is the same when it began then; one that has ended and that nobody has asked for is none. */
const still =
  'for w; do read -r x <"/proc/${w%.*}/stat" || continue; x=${x##*) }; set -- $x; [ "$1" = Z ] || [ "${20}" != "${w#*.}" ] || echo "${w%.*}"; done 2>/dev/null; exit $r';

/** Waits, at most 10 s, for a session that is told to end to have done so. Rejects as connecting does. */
export async function remainsOf(
  connect: () => Promise<SshConnection>,
  directory: string,
  distant: readonly DistantProcess[],
): Promise<Remains> {
  const words = distant.map(({ pid, began }) => `${pid}.${began}`);
  const script = `set -- ${[directory, ...words].map(shellWord).join(" ")}; ${wait}; ${still}`;
  const { status, stdout } = await patiently(async () => look(await connect(), script));
  return { gone: status === 0, pids: (stdout.toString().match(/^\d+$/gm) ?? []).map(Number) };
}
