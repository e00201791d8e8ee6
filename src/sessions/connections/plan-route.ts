import { HoldfastError } from "../../base/index.ts";
import type { Config, Target } from "../../config/index.ts";
import type { ConnectPlan } from "../../ssh/index.ts";
import { connectPlan } from "./connect-plan.ts";

/** More hosts to go through than anybody has; a chain that leads back to itself would never end. */
const longestChain = 8;

/**
 * The plan of a resolved target, with the secrets that commands print, and with the hosts to go through, each resolved as a target of its own.
 * As in OpenSSH only the first of them is reached in its own way; the others are reached through the ones before. Rejects with
 * `config_invalid` when a chain does not end, and as resolving a target does.
 */
export async function planRoute(target: Target, config: Config): Promise<ConnectPlan> {
  return planRouteToDoor(await config.reveal(target), config);
}

/** The same for who does not log in: no command is run for the secrets of the target itself, only for those of the hosts to go through. */
export async function planRouteToDoor(target: Target, config: Config): Promise<ConnectPlan> {
  const plan = connectPlan(target);
  const via = await hopsOf(target, config, longestChain);
  return via.length === 0 ? plan : { ...plan, via };
}

async function hopsOf(target: Target, config: Config, room: number): Promise<readonly ConnectPlan[]> {
  if (target.jump.length > room) {
    throw new HoldfastError(
      "config_invalid",
      `the way to ${target.alias} leads through more than ${longestChain} hosts`,
      {
        hint: "Look for a ProxyJump that leads back to the host itself",
      },
    );
  }
  const hops = await Promise.all(target.jump.map(async (name) => config.reveal(await config.resolve(name, {}, true))));
  const [first] = hops;
  if (first === undefined) return [];
  return [...(await hopsOf(first, config, room - hops.length)), ...hops.map(connectPlan)];
}
