import { expect, it } from "vitest";
import { signOnce } from "./sign-once.ts";

const sudo = ["process 0 sudo 4711", "command sudo\u001Fid\u001F"];

it("lets a key sign once, also when two connections ask at the same time", async () => {
  const told: (string | undefined)[] = [];
  const judge = signOnce({ began: "4711", look: () => Promise.resolve(sudo), tell: (fault) => void told.push(fault) });
  expect(await judge(["sudo", "reboot"])).toBe(false);
  expect(await Promise.all([judge(["sudo", "id"]), judge(["sudo", "id"])])).toEqual([true, false]);
  expect(await judge(["sudo", "id"])).toBe(false);
  expect(told).toEqual([
    "it is for another command line than sudo has",
    undefined,
    "it has signed already",
    "it has signed already",
  ]);
});
