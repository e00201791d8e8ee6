export { HoldfastError, asHoldfastError, errorCodes, messageOf, renderError, type ErrorCode } from "./errors.ts";
export { after, delay, every, monotonicMs, timeIsUp, wallMs, withDeadline } from "./clock.ts";
export { jitter, keyedHex, randomHex, sha256Hex } from "./ids.ts";
export { Mutex, Semaphore } from "./lock.ts";
export { Pulse } from "./pulse.ts";
export { shellWord } from "./quote.ts";
export { oneLine, plainText } from "./text.ts";
export { version } from "./version.ts";
export { matchesWildcard } from "./wildcard.ts";
