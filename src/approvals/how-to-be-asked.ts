/**
 * What can be done where nobody could be asked or nobody answered, as a hint. `typed`: whether the question wants something that is typed and
 * not shown, as dialogs do; a yes, or what anybody may see, is asked in none.
 */
export function howToBeAsked(typed: "hidden" | "shown"): string {
  const elsewhere =
    typed === "hidden" ? "a client that can ask its person, or a dialog" : "a client that can ask its person";
  return `Have a person open "holdfast answer" in a terminal and call again, or use ${elsewhere} (docs/approvals.md)`;
}
