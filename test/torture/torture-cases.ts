import { deathCases } from "./death-cases.ts";
import { heavyCases } from "./heavy-cases.ts";
import { manyCases } from "./many-cases.ts";
import { processCases } from "./process-cases.ts";
import { stateCases } from "./state-cases.ts";
import { streamCases } from "./stream-cases.ts";
import { syntaxCases } from "./syntax-cases.ts";
import type { TortureCase } from "./torture-case.ts";

/** Every case, in the order in which one session has to bear them. */
export const tortureCases: readonly TortureCase[] = [
  ...streamCases,
  ...syntaxCases,
  ...stateCases,
  ...processCases,
  ...heavyCases,
  ...manyCases,
  ...deathCases,
];
