import { describe, expect, it } from "vitest";
import { offeredAlgorithms, unspokenAlgorithms } from "./algorithms.ts";
import { chosenNames } from "./chosen-names.ts";

describe("a list of ssh_config", () => {
  it.each([
    [undefined, ["a", "b1", "b2"]],
    ["c,a", ["c", "a"]],
    ["+c,a", ["a", "b1", "b2", "c"]],
    ["-b*", ["a"]],
    ["^b2,c", ["b2", "c", "a", "b1"]],
  ])("%s", (list, names) => {
    expect(chosenNames(list, ["a", "b1", "b2"])).toEqual(names);
  });

  it("tells what is not spoken here, and refuses to go on where nothing is left", () => {
    const lists = { kexalgorithms: "sntrup761x25519-sha512,curve25519-sha256", macs: "-umac*" };
    expect(unspokenAlgorithms(lists)).toEqual({ kexalgorithms: ["sntrup761x25519-sha512"] });
    expect(unspokenAlgorithms({ casignaturealgorithms: "+ssh-rsa,ssh-ed25519" })).toEqual({
      casignaturealgorithms: ["ssh-rsa"],
    });
    const offer = (algorithms: Record<string, string>): unknown =>
      offeredAlgorithms(
        { alias: "box", algorithms },
        { certificates: ["ssh-ed25519-cert-v01@openssh.com"], plain: ["ssh-ed25519"] },
      );
    expect(offer(lists)).toMatchObject({ algorithms: { kex: ["curve25519-sha256"] } });
    expect(() => offer({ kexalgorithms: "sntrup761x25519-sha512" })).toThrow(
      /box no kexalgorithms that Holdfast speaks/,
    );
    expect(offer({ hostkeyalgorithms: "ssh-ed25519" })).toMatchObject({ certificates: [] });
  });
});
