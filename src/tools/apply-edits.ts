import { HoldfastError } from "../base/index.ts";

export interface Edit {
  readonly old: string;
  readonly new: string;
  readonly all?: boolean | undefined;
}

/** The text after all edits, one after the other, and how many places were changed. Throws `edit_failed` when a text does not occur exactly once (or at all). */
export function applyEdits(text: string, edits: readonly Edit[]): { readonly text: string; readonly places: number } {
  return edits.reduce(
    (done, edit, at) => {
      const { text: next, places } = applyEdit(
        done.text,
        edit,
        edits.length === 1 ? "`old`" : `\`old\` of edit ${at + 1}`,
      );
      return { text: next, places: done.places + places };
    },
    { text, places: 0 },
  );
}

function applyEdit(text: string, edit: Edit, name: string): { readonly text: string; readonly places: number } {
  // Files with CRLF keep it: agents write \n.
  const crlf = text.includes("\r\n") && !edit.old.includes("\r") && !text.includes(edit.old);
  const [old, replacement] = crlf
    ? [edit.old.replaceAll("\n", "\r\n"), edit.new.replaceAll(/\r?\n/g, "\r\n")]
    : [edit.old, edit.new];
  const parts = text.split(old);
  const places = parts.length - 1;
  if (places === 0) {
    throw new HoldfastError("edit_failed", `${name} does not occur in the file; nothing was written`, {
      hint: "Read the file again and copy the text exactly, with its blanks",
    });
  }
  if (places > 1 && edit.all !== true) {
    throw new HoldfastError("edit_failed", `${name} occurs ${places} times in the file; nothing was written`, {
      hint: "Give more of the text around it, or all: true",
    });
  }
  return { text: parts.join(inStyleOf(text, replacement)), places };
}

/** New lines get the ends that the file has, when it has only those. */
function inStyleOf(text: string, replacement: string): string {
  const onlyCrlf = text.includes("\r\n") && !/(?:^|[^\r])\n/.test(text);
  return onlyCrlf ? replacement.replaceAll(/\r?\n/g, "\r\n") : replacement;
}
