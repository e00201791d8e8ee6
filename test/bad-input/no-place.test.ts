import { afterEach, expect, test } from "vitest";
import { monotonicMs } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";
import { canUnshare, readOnlyHost } from "../ladder/odd-hosts.ts";

/** It takes one second; a machine under load may take many. What hangs takes for ever. */
const answersWithinMs = 30_000;

const cleanup = new Cleanup();

afterEach(() => cleanup.run());

test.runIf(canUnshare)(
  "a host where nothing can be written: ssh_open says what it offers or why not, and does not hang",
  async () => {
    const sshd = await startOpenSsh({ config: [`ForceCommand ${readOnlyHost(cleanup)}`] });
    cleanup.add(() => sshd.stop());
    const place = await createPrivatePlace(sshd.sshConfigFile);
    cleanup.add(() => place.remove());
    const holdfast = await Holdfast.start(place);
    cleanup.add(() => holdfast.stop());

    const startedAt = monotonicMs();
    const reply = await holdfast.call("ssh_open", { target: "box" });
    const tookMs = monotonicMs() - startedAt;

    const whyNot = /^(?:unsupported|session_lost): .*(?:writable|read-only|written).*\. .*\.$/i;
    expect(reply.text).toMatch(reply.isError ? whyNot : /^open · .*survives disconnects: no/);
    expect(tookMs).toBeLessThan(answersWithinMs);
    expect((await holdfast.call("ssh_list", {})).isError).toBe(false);
  },
);
