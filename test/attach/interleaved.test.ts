import { spawn } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { delay } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { environmentOf } from "../helpers/daemon.ts";
import { eventually } from "../helpers/eventually.ts";
import { builtServer } from "../helpers/holdfast.ts";
import { attachScene } from "./attach-scene.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** How often the keyboard changes hands: the same in full by `npm run attach`. */
const rounds = process.env["HOLDFAST_ATTACH"] === "full" ? 1_000 : 50;

describe("a person and an agent who type into one terminal", () => {
  it(
    "are never mixed within a line",
    async () => {
      const { agent, on, place } = await attachScene(cleanup);
      const command = "stty -echo; while IFS= read -r line; do printf '<%s>\\n' \"$line\"; done";
      const { id = "" } = await agent.run(on, command, { pty: true, wait_s: 1 });
      const line = `'${process.execPath}' '${builtServer}' attach '${id}'`;
      const person = spawn("script", ["-qec", line, "/dev/null"], { env: environmentOf(place) });
      cleanup.add(() => {
        person.kill("SIGKILL");
      });
      let seen = "";
      person.stdout.setEncoding("latin1").on("data", (text: string) => (seen = (seen + text).slice(-10_000)));
      await eventually("the person to see it", 60_000, () => (seen.includes("typing takes") ? true : undefined));

      const accepted: string[] = [];
      let refused = 0;
      let goesOn = true;
      const typing = (async () => {
        for (let turn = 0; goesOn; turn += 1) {
          const text = `agent ${turn} types this`;
          const reply = await agent.call("ssh_input", { command: id, text: `${text}\n`, wait_s: 0 });
          if (!reply.isError) accepted.push(text);
          else if (!reply.text.startsWith("taken_over: ")) throw new Error(reply.text);
          else {
            refused += 1;
            // An agent that is refused does not call again at once.
            await delay(10);
          }
        }
      })();
      for (let round = 0; round < rounds; round += 1) {
        const before = refused;
        person.stdin.write(`person ${round} beg`);
        await eventually(`the agent to be refused, ${round}`, 60_000, () => (refused > before ? true : undefined));
        person.stdin.write("ins and ends\r");
        const done = accepted.length;
        person.stdin.write("\u001Dg");
        await eventually(`the agent to go on, ${round}`, 60_000, () => (accepted.length > done ? true : undefined));
      }
      goesOn = false;
      await typing;
      await agent.call("ssh_input", { command: id, keys: ["C-d"], wait_s: 60 });
      const output = await agent.call("ssh_read", { command: id, from: 0, wait_s: 60, max_output: 1_000_000 });
      const lines = output.stdout.split(/\r?\n/).filter((one) => one.startsWith("<"));
      const persons = Array.from({ length: rounds }, (_, round) => `<person ${round} begins and ends>`);
      expect(lines.filter((one) => one.startsWith("<person"))).toEqual(persons);
      expect(lines.filter((one) => !one.startsWith("<person"))).toEqual(accepted.map((text) => `<${text}>`));
      expect(refused).toBeGreaterThanOrEqual(rounds);
    },
    rounds * 10_000 + 120_000,
  );
});
