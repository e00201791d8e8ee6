import { afterAll, beforeAll, expect, it } from "vitest";
import { openLiveBench, type LiveBench } from "./live-bench.ts";

let bench: LiveBench;

beforeAll(async () => {
  bench = await openLiveBench();
});
afterAll(() => bench.remove());

it("an open session is given again for the same target and user, and for no others", async () => {
  const open = (more: Record<string, unknown>) => bench.call("ssh_open", { target: "box", ...more });
  await open({ name: "mine" });
  await bench.run("mark=here", { on: "mine" });
  expect((await open({ name: "mine" })).isError).toBe(false);
  expect((await bench.run("echo $mark", { on: "mine" })).stdout).toBe("here\n");
  for (const other of [{ user: "somebody-else" }, { port: 1 }, { target: "elsewhere.invalid" }]) {
    expect((await open({ name: "mine", ...other })).text).toMatch(
      /^bad_input: the name mine is in use for \S+\. Choose another name/,
    );
  }
  expect((await bench.run("echo $mark", { on: "mine" })).stdout).toBe("here\n");
  // Without a name the target's own session is not given to another user either.
  expect((await open({ user: "somebody-else" })).text).toMatch(/^auth_failed: /);
});
