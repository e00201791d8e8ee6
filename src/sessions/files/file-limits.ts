/** Larger files are not hashed with every look (64 MiB: a second of work for a small host). */
export const hashedBytes = 67_108_864;

/** Entries of one directory that are told: more are for `ls` with a pattern. */
export const listedEntries = 1_000;

/** Larger files are not compared byte by byte with what goes to their host for that (8 MiB: some seconds over a slow line). */
export const comparedBytes = 8_388_608;
