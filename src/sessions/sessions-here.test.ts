import { expect, it } from "vitest";
import { SessionsHere } from "./sessions-here.ts";

it("reads the records again where a session was removed while they were read", async () => {
  const sessions = new SessionsHere();
  const answers = ["before", "after"];
  const found = await sessions.read(async () => {
    const answer = answers.shift();
    if (answer === "before") sessions.remove("web1");
    return answer;
  });
  expect(found).toBe("after");
});

it("lets nobody take up a session that is being made, and ends that also when it cannot be made", async () => {
  const sessions = new SessionsHere();
  const open = (): never => {
    throw new Error("it was taken up");
  };
  const making = sessions.making("web1", async () => {
    expect(sessions.adopt("web1", open)).toBeUndefined();
    throw new Error("no room");
  });
  await expect(making).rejects.toThrow("no room");
  expect(() => sessions.adopt("web1", open)).toThrow("it was taken up");
});
