import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { daemonFacts, environmentOf, stopDaemon } from "../helpers/daemon.ts";
import { builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const openings: Record<string, unknown> = JSON.parse(
  readFileSync(join(builtServer, "..", "holdfast-opening.json"), "utf8"),
);

async function emptyPlace(): Promise<PrivatePlace> {
  const place = await createPrivatePlace("/dev/null");
  cleanup.add(() => place.remove());
  cleanup.add(() => stopDaemon(place));
  return place;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A client's own words to the small program, in pieces, and what comes back until request `until` is answered. */
async function talk(place: PrivatePlace, pieces: readonly string[], until: number, args: readonly string[] = []) {
  const child = spawn(process.execPath, [builtServer, ...args], {
    env: environmentOf(place),
    stdio: ["pipe", "pipe", "ignore"],
  });
  cleanup.add(() => void child.kill("SIGKILL"));
  for (const piece of pieces) {
    child.stdin.write(piece);
    // Each piece is read alone.
    await new Promise((resolve) => setTimeout(resolve, pieces.length > 1 ? 300 : 0));
  }
  const answers: Answer[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const answer: Answer = JSON.parse(line);
    answers.push(answer);
    if (answer.id === until) child.stdin.end();
  }
  return answers;
}

function opening(protocolVersion: string, capabilities: unknown = {}): string {
  const params = { protocolVersion, capabilities, clientInfo: { name: "words", version: "1" } };
  return `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params })}\n`;
}

const rest = [
  { jsonrpc: "2.0", method: "notifications/initialized" },
  { jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "ssh_list", arguments: {} } },
]
  .map((message) => `${JSON.stringify(message)}\n`)
  .join("");

describe("the answer to a client's first request", () => {
  it.each(Object.keys(openings))("is what the server itself says to revision %s", async (revision) => {
    const place = await emptyPlace();
    const [own] = await talk(place, [opening(revision)], 1, ["--no-daemon"]);
    expect(own).toEqual({ jsonrpc: "2.0", id: 1, result: openings[revision] });
    const answers = await talk(place, [opening(revision, { roots: { listChanged: true } }) + rest], 2);
    expect(answers).toEqual([
      own,
      expect.objectContaining({ id: 2, result: expect.objectContaining({ isError: false }) }),
    ]);
  });

  it.each([
    ["in pieces", [opening("2025-11-25").slice(0, 30), opening("2025-11-25").slice(30), rest]],
    ["an unknown revision", [opening("1999-01-01") + rest]],
    ["an ability that is not known here", [opening("2025-11-25", { experimental: { more: {} } }) + rest]],
    ["an empty line first", [`\n${opening("2025-11-25")}${rest}`]],
  ])("comes from the server, once: %s", async (_what, pieces) => {
    const answers = await talk(await emptyPlace(), pieces, 2);
    expect(answers.map(({ id }) => id)).toEqual([1, 2]);
    expect(answers[0]).toMatchObject({ result: openings["2025-11-25"] });
  });

  it("is a refusal where the request is wrong", async () => {
    const answers = await talk(await emptyPlace(), [opening("2025-11-25", { roots: "all" })], 1);
    expect(answers).toEqual([expect.objectContaining({ id: 1, error: expect.anything() })]);
  });

  it("is given once, too, where no daemon can be had and the process serves alone", async () => {
    const place = await createPrivatePlace("/dev/null");
    cleanup.add(() => place.remove());
    // A file where the directory should be.
    writeFileSync(join(place.root, "run"), "");
    const answers = await talk(place, [opening("2025-11-25") + rest], 2);
    expect(answers.map(({ id }) => id)).toEqual([1, 2]);
    expect(await daemonFacts(place)).toBeUndefined();
  });

  it("is not waited for by a client that says nothing at all", async () => {
    const place = await emptyPlace();
    const child = spawn(process.execPath, [builtServer], {
      env: environmentOf(place),
      stdio: ["ignore", "ignore", "ignore"],
    });
    const code = await new Promise((resolve) => child.once("exit", resolve));
    expect(code).toBe(0);
  });
});
