import { stagedPath, type BytePath, type StagedFile, type StageOptions } from "./copy-side.ts";
import type { Extras, FileExtras } from "./extras.ts";

interface KeepingParts {
  readonly path: BytePath;
  readonly options: StageOptions;
  readonly extras: FileExtras;
  /** What is known already of the file that is there; else it is asked while the new one is filled. */
  readonly known?: Extras;
}

/** A staged file that takes over access list and extended attributes of the one whose place it takes, or gets those that it is given. */
export function keepingExtras(staged: StagedFile, { path, options, extras, known }: KeepingParts): StagedFile {
  const { mark, replaces, gives, note = () => undefined } = options;
  if (replaces === undefined && gives === undefined) return staged;
  const asked =
    known === undefined && replaces !== undefined ? extras.of(path, replaces.many) : Promise.resolve(known ?? "none");
  asked.catch(() => undefined);
  return {
    heldBytes: staged.heldBytes,
    sha256: (lengthBytes) => staged.sha256(lengthBytes),
    fill: (from, chunks, done) => staged.fill(from, chunks, done),
    finish: async (facts) => {
      const there = await asked;
      if (there === "some" || gives !== undefined) {
        await staged.leave();
        const finishing = { path, staged: stagedPath(path, mark), keep: there === "some", give: gives };
        for (const one of await extras.finish(finishing, facts)) note(one);
        return;
      }
      await staged.finish(facts);
      if (there !== "none") note(notes[there]);
    },
    leave: () => staged.leave(),
    discard: () => staged.discard(),
  };
}

const notes = {
  unsure: "an access list or extended attributes, if it had any, were not kept",
  "attributes unsure": "extended attributes, if it had any, were not kept: there is no getfattr",
};
