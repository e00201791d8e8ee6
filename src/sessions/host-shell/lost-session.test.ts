import { expect, it } from "vitest";
import { lostSession } from "./lost-session.ts";

it("names what probably killed a session, and what prevents it", () => {
  const killed = lostSession("dead", "logind");
  expect(killed).toMatchObject({ code: "session_lost", message: "its processes on the host were killed" });
  expect(killed.hint).toContain("KillUserProcesses=yes");
  expect(killed.hint).toContain("loginctl enable-linger");
  expect(lostSession("dead", "all").hint).toContain("container was restarted");
  expect(lostSession("dead", "some").hint).toBe("Open a new session");
  expect(lostSession("dead", "restart").message).toContain("container was restarted");
  expect(lostSession("rebooted", "").message).toBe("the host rebooted");
});
