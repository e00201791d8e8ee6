import { expect, test } from "vitest";
import { HoldfastError, delay } from "../../base/index.ts";
import { HostLink } from "./host-link.ts";

test("attaches once at a time, however many wait for an attempt that fails", async () => {
  let underway = 0;
  let most = 0;
  let made = 0;
  const link = new HostLink(
    {
      id: "0123456789abcdef",
      base: "",
      connect: async () => {
        made += 1;
        underway += 1;
        most = Math.max(most, underway);
        await delay(10);
        underway -= 1;
        throw new HoldfastError("dial_failed", "nothing listens there");
      },
      position: () => undefined,
      given: () => [],
      waitedFor: () => false,
      busy: () => false,
    },
    {
      onAttached: () => undefined,
      onLost: () => undefined,
      onBarrier: () => undefined,
      onBytes: () => undefined,
      onLine: () => undefined,
    },
  );
  const attempts = await Promise.allSettled([1, 2, 3, 4].map(() => link.writer()));
  link.close();
  expect(attempts.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected", "rejected"]);
  expect({ made, most }).toEqual({ made: 2, most: 1 });
});
