import { expect, test } from "vitest";
import { HoldfastError } from "../../base/index.ts";
import { ladderReason } from "./ladder-reason.ts";

function lacking(lacks: string, why: string): HoldfastError {
  return new HoldfastError("unsupported", "it cannot", { details: { lacks, why } });
}

test("places are told with what is wrong with them", () => {
  const readOnly = "mkdir: cannot create directory: Read-only file system";
  const why = ` /var/tmp: ${readOnly}; /tmp: ${readOnly}; /home/u: mkdir: Permission denied;`;
  expect(ladderReason(lacking("place", why))).toBe("read-only /var/tmp and /tmp, not writable home");
  expect(ladderReason(lacking("place", " /tmp: sh: write error: No space left on device;"))).toBe("full /tmp");
  expect(ladderReason(lacking("place", ""))).toBe("no directory can be written");
});

test("a login without a shell is told with what it says", () => {
  expect(ladderReason(lacking("tools", "mkfifo"))).toBe("the host lacks mkfifo");
  expect(ladderReason(lacking("shell", "what?"))).toBe("its login starts no /bin/sh, it says: what?");
  expect(ladderReason(lacking("shell", ""))).toBe("its login starts no /bin/sh");
});
