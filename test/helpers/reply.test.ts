import { expect, test } from "vitest";
import { parseReply } from "./reply.ts";

test("an ended command", () => {
  const reply = parseReply("exit 3 · 0.1 s · web1:/srv/app · web1/8\nout\n--- stderr\nbad\n", false);
  expect(reply).toMatchObject({
    state: "exit 3",
    duration: "0.1 s",
    place: "web1:/srv/app",
    id: "web1/8",
    notes: [],
    stdout: "out\n",
    stderr: "bad\n",
  });
});

test("a running command with its next call", () => {
  const reply = parseReply(
    'running · 30 s · web1:/srv/app · web1/9 · next: ssh_read {"command":"web1/9","from":18342}',
    false,
  );
  expect(reply.next).toEqual({ tool: "ssh_read", args: { command: "web1/9", from: 18_342 } });
  expect(reply.id).toBe("web1/9");
});

test("a note, and stderr alone", () => {
  const reply = parseReply(
    "lost · 12 s · web1:? · web1/13 · the host rebooted; the outcome is unknown\n--- stderr\nE",
    false,
  );
  expect(reply).toMatchObject({
    place: "web1:?",
    notes: ["the host rebooted; the outcome is unknown"],
    stdout: "",
    stderr: "E",
  });
});

test("an error", () => {
  expect(parseReply("dial_failed: web1 refused. Check the port.", true)).toMatchObject({
    isError: true,
    state: "dial_failed",
  });
});
