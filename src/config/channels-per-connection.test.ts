import { expect, it } from "vitest";
import { channelsPerConnection } from "./channels-per-connection.ts";

const name = "HOLDFAST_CHANNELS_PER_CONNECTION";

it("channels per connection: none said, one that can be meant, and others refused by name", () => {
  expect(channelsPerConnection({})).toBeUndefined();
  expect(channelsPerConnection({ [name]: "" })).toBeUndefined();
  expect(channelsPerConnection({ [name]: "64" })).toBe(64);
  for (const text of ["1", "1001", "many", "-8"]) expect(() => channelsPerConnection({ [name]: text })).toThrow(name);
});
