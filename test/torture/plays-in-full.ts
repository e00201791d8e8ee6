/** `npm run torture` plays the heavy cases in full; everything else plays them in a size that takes seconds. */
export const playsInFull = process.env["HOLDFAST_TORTURE"] === "full";
