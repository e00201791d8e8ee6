/** `npm run files` plays every case on every host in full; everything else plays what takes seconds. */
export const playsInFull = process.env["HOLDFAST_FILES"] === "full";
