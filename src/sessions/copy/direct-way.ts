import { asHoldfastError, messageOf, oneLine } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import { bootCommand } from "../host-shell/host-scripts.ts";
import { copyScriptLine, runCopyScript } from "./copy-script.ts";
import { stagedPath, type BytePath, type StagedFile } from "./copy-side.ts";
import type { CopyTally } from "./copy-tally.ts";

/** Smaller files are through here before the hosts have shaken hands. */
const fewestBytes = 1_048_576;

/** Where a host is for others. */
export interface DirectPlace {
  readonly user: string;
  readonly host: string;
  readonly port: number;
}

interface DirectParts {
  readonly source: SshConnection;
  readonly target: DirectPlace;
  /** Of the target's host key that was accepted here: `SHA256:...`. */
  readonly fingerprint: string;
  readonly tally: CopyTally;
  readonly signal: AbortSignal;
}

interface DirectFile {
  readonly from: BytePath;
  readonly to: BytePath;
  readonly mark: string;
  readonly sizeBytes: number;
}

/** From one host to another without passing here: the source's own ssh carries it, with what that can log in with and no agent of ours. */
export class DirectWay {
  readonly #parts: DirectParts;
  #failed = false;

  constructor(parts: DirectParts) {
    this.#parts = parts;
  }

  /** It is worth a try. */
  mayGo(sizeBytes: number): boolean {
    return sizeBytes >= fewestBytes && !this.#failed;
  }

  /** Whether the staged file holds what the source has, by size and SHA-256 of both; else it is noted why, and not tried again. Rejects with `connection_lost`. */
  async fill(file: DirectFile, staged: StagedFile, sha256: (lengthBytes: number) => Promise<string>): Promise<boolean> {
    const { tally, signal } = this.#parts;
    try {
      await this.#send(file);
      const [mine, theirs] = await Promise.all([staged.sha256(file.sizeBytes), sha256(file.sizeBytes)]);
      if (mine !== theirs) throw new Error("what came was not what its source is");
    } catch (error) {
      if (asHoldfastError(error).code === "connection_lost" || signal.aborted) throw error;
      this.#failed = true;
      tally.note(`through this machine, for the hosts could not do it directly: ${oneLine(messageOf(error), 300)}`);
      return false;
    }
    tally.note("directly from host to host");
    return true;
  }

  async #send({ from, to, mark }: DirectFile): Promise<void> {
    const { source, target, fingerprint, signal } = this.#parts;
    const receive = { script: "receive", path: to, variables: { T: stagedPath(to, mark) } };
    const variables = {
      P: from,
      HOST: target.host,
      PORT: target.port,
      LOGIN: target.user,
      FP: fingerprint,
      BOOT: bootCommand,
      LINE: copyScriptLine(receive, "").trimEnd(),
    };
    const why = await runCopyScript(source, { script: "send", path: from, variables, signal });
    if (why.length > 0) throw new Error(oneLine(why.toString("utf8"), 200));
  }
}
