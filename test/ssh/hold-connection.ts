import { readFileSync } from "node:fs";
import { createOpenSshEngine, type ConnectPlan } from "../../src/ssh/index.ts";
import { delay } from "../../src/base/index.ts";

// Connects by the plan on standard input, says its process id, and stays until it is killed.
const plan: ConnectPlan = JSON.parse(readFileSync(0, "utf8"));
const connection = await createOpenSshEngine().connect(plan);
process.stdout.write(`${process.pid}\n`);
await delay(600_000);
await connection.close();
