import { createHash, timingSafeEqual } from "node:crypto";
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { HoldfastError, messageOf } from "../base/index.ts";

/** 16 characters of base64 are 96 bits: nobody guesses that over a network. */
const shortestToken = 16;

/** Longer than any token; a file beyond this is something else. */
const longestFileBytes = 4_096;

/** Decides about the `Authorization` header of a request. */
export type TokenCheck = (authorization: string | undefined) => boolean;

/** Reads the token of a file that only its owner can read. Rejects with `config_invalid`; no message shows any of its content. */
export async function readTokenFile(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((thrown: unknown) => {
    throw unfit(path, `cannot be read: ${messageOf(thrown)}`, "Name a file with the token in it");
  });
  try {
    await judgeFile(path, file);
    const token = (await file.readFile("utf8")).trim();
    if (!/^[\x21-\x7e]*$/.test(token)) throw unfit(path, "holds more than one word", "Write the token alone into it");
    if (token.length < shortestToken) {
      throw unfit(
        path,
        `holds fewer than ${shortestToken} characters`,
        `Make a token: (umask 077; head -c 32 /dev/urandom | base64 > ${path})`,
      );
    }
    return token;
  } finally {
    await file.close();
  }
}

/** A check that takes the same time whatever the difference is. */
export function tokenCheck(token: string): TokenCheck {
  const wanted = digest(token);
  return (authorization) => {
    const given = /^bearer +(?<token>[\x21-\x7e]+) *$/i.exec(authorization ?? "")?.groups?.["token"];
    return given !== undefined && timingSafeEqual(digest(given), wanted);
  };
}

async function judgeFile(path: string, file: FileHandle): Promise<void> {
  const facts = await file.stat();
  if (!facts.isFile()) throw unfit(path, "is no file", "Name a file with the token in it");
  if ((facts.mode & 0o077) !== 0) throw unfit(path, "can be read by others", `Run: chmod 600 ${path}`);
  if (process.getuid !== undefined && ![0, process.getuid()].includes(facts.uid)) {
    throw unfit(path, "belongs to another user", "Name one of your own");
  }
  if (facts.size > longestFileBytes) throw unfit(path, "is too large for a token", "Write the token alone into it");
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function unfit(path: string, why: string, hint: string): HoldfastError {
  return new HoldfastError("config_invalid", `the token file ${path} ${why}`, { hint });
}
