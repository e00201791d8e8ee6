import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { AuthOrder } from "./auth-order.ts";
import type { Credentials, KeyOffer } from "./credentials.ts";
import { fileSigner, identityOf } from "./identity.ts";
import { publicBlobOf } from "./public-key.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const keyOffer = (label: string): KeyOffer => ({
  label,
  identity: identityOf(publicBlobOf(publicKey), fileSigner(privateKey)),
});
const credentials = (keys: readonly string[], password?: string): Credentials => ({
  keys: keys.map(keyOffer),
  sealed: [],
  password,
  leftOut: [],
});

/** The kinds of attempts against a server that refuses them with the given methods, one after the other; the last answer stands. */
function attempts(order: AuthOrder, answers: readonly (readonly [methods: string, partial?: boolean])[]): string[] {
  const kinds: string[] = [];
  for (let at = 0; kinds.length < 20; at += 1) {
    const attempt = order.next();
    if (attempt === undefined) return kinds;
    kinds.push(attempt.kind);
    const [methods, partial = false] = answers[Math.min(at, answers.length - 1)] ?? ["", false];
    order.refused(methods.split(","), partial);
  }
  return kinds;
}

describe("the order of a login", () => {
  const everything = "publickey,password,keyboard-interactive";

  it.each<[string, { credentials: Credentials; people: boolean }, readonly (readonly [string, boolean?])[], string[]]>([
    [
      "nothing known: asks once what is taken",
      { credentials: credentials([]), people: false },
      [[everything]],
      ["none"],
    ],
    [
      "nothing known, but people",
      { credentials: credentials([]), people: true },
      [["publickey,keyboard-interactive"]],
      ["none", "keyboard"],
    ],
    [
      "a password that only a person knows, once",
      { credentials: credentials(["a"]), people: true },
      [["publickey,password"]],
      ["key", "password"],
    ],
    [
      "nothing known but people, and a server that takes a password",
      { credentials: credentials([]), people: true },
      [["password"]],
      ["none", "password"],
    ],
    [
      "a known password that was wrong: nobody is asked for another",
      { credentials: credentials([], "p"), people: true },
      [["password"]],
      ["keyboard", "password"],
    ],
    [
      "keys, then the password",
      { credentials: credentials(["a", "b"], "p"), people: false },
      [["publickey,password"]],
      ["key", "key", "password"],
    ],
    [
      "people are asked once, after the keys",
      { credentials: credentials(["a"]), people: true },
      [["publickey,keyboard-interactive"]],
      ["key", "keyboard"],
    ],
    ["nobody to ask", { credentials: credentials(["a"]), people: false }, [[everything]], ["key"]],
    [
      "a server that takes no keys",
      { credentials: credentials(["a", "b"], "p"), people: false },
      [["password"]],
      ["key", "password"],
    ],
    [
      "a password that the server asks for in its own way",
      { credentials: credentials([], "p"), people: false },
      [["keyboard-interactive"]],
      ["password", "keyboard"],
    ],
    [
      "a wrong password goes no other way",
      { credentials: credentials([], "p"), people: false },
      [["password,keyboard-interactive"]],
      ["password"],
    ],
    [
      "key and then password",
      { credentials: credentials(["a", "b"], "p"), people: false },
      [["password", true], ["password"]],
      ["key", "password"],
    ],
    [
      "two rounds of questions, as steps of one login",
      { credentials: credentials(["a"]), people: true },
      [["keyboard-interactive", true], ["keyboard-interactive", true], ["keyboard-interactive"]],
      ["key", "keyboard", "keyboard"],
    ],
  ])("%s", (_what, parts, answers, kinds) => {
    expect(attempts(new AuthOrder(parts), answers)).toEqual(kinds);
  });

  it("follows what is preferred, and uses nothing else", () => {
    const order = (preferred: readonly string[]): AuthOrder =>
      new AuthOrder({ credentials: credentials(["a"], "p"), people: true, preferred });
    expect(attempts(order(["password", "publickey"]), [[everything]])).toEqual(["password", "key"]);
    expect(attempts(order(["hostbased", "publickey"]), [[everything]])).toEqual(["key"]);
    expect(order(["password", "publickey"]).firstKey).toBeUndefined();
  });

  it("asks nobody for a password who may have typed it already, or who is not there", () => {
    const asked = (told: (order: AuthOrder) => void): string[] => {
      const order = new AuthOrder({ credentials: credentials(["a"]), people: true });
      order.next();
      order.refused([everything], false);
      order.refused(everything.split(","), false);
      expect(order.next()?.kind).toBe("keyboard");
      told(order);
      order.refused(everything.split(","), false);
      return attempts(order, [[everything]]);
    };
    expect(asked((order) => order.personAnswered())).toEqual([]);
    expect(asked((order) => order.nobodyThere())).toEqual([]);
  });

  it("gives the password away once", () => {
    const order = new AuthOrder({ credentials: credentials([], "p") });
    expect([order.takePassword(), order.takePassword(), order.next()?.kind]).toEqual(["p", undefined, "none"]);
  });

  it("tells what was tried and how far it got", () => {
    const order = new AuthOrder({ credentials: credentials(["a", "b", "c"]) });
    order.next();
    order.refused(["publickey"], true);
    order.next();
    order.couldNotTry("the agent refused to sign\u001B[2J");
    order.next();
    order.refused(["publickey", `x${"y".repeat(500)}`, "\u001B[31mred"], false);
    expect(order.tried).toEqual(["a (accepted, but not enough)", "b (the agent refused to sign)", "c"]);
    expect(order.accepted[1]?.length).toBeLessThanOrEqual(40);
    expect(order.accepted[2]).toBe("red");
  });
});
