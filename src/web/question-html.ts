import type { OpenQuestion, QuestionField } from "../approvals/index.ts";

/** The names of the form's parts. */
export const formNames = {
  csrf: "csrf",
  action: "action",
  answer: "answer",
  refuse: "refuse",
  field: (at: number) => `field${at}`,
} as const;

const style = `
:root{color-scheme:light dark;--ink:#1c2024;--soft:#60646c;--paper:#fff;--ground:#f4f5f7;--line:#d9dce1;--strong:#1f5fbf;--onstrong:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#edeef0;--soft:#a7abb3;--paper:#1b1d21;--ground:#111315;--line:#3a3e45;--strong:#7db4ff;--onstrong:#0b1524}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{width:100%;max-width:34rem;padding:1.5rem;background:var(--paper);border:1px solid var(--line);border-radius:12px}
h1{margin:0 0 1rem;font-size:1.3rem;line-height:1.3;overflow-wrap:anywhere}
p{margin:.75rem 0}
.soft{color:var(--soft);font-size:.9rem}
.code{font:700 1.4rem ui-monospace,monospace;letter-spacing:.15em}
dl{margin:1rem 0;display:grid;gap:.75rem}
dt{color:var(--soft);font-size:.85rem}
dd{margin:0;font-family:ui-monospace,monospace;font-size:.95rem;white-space:pre-wrap;overflow-wrap:anywhere}
label{display:block;margin:1rem 0;font-weight:600;overflow-wrap:anywhere}
input{display:block;width:100%;margin-top:.25rem;padding:.6rem .7rem;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--soft);border-radius:8px}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.25rem}
button{padding:.6rem 1.1rem;font:inherit;font-weight:600;color:var(--ink);background:transparent;border:1px solid var(--soft);border-radius:8px;cursor:pointer}
button.strong{color:var(--onstrong);background:var(--strong);border-color:var(--strong)}
:focus-visible{outline:3px solid var(--strong);outline-offset:2px}
`;

/** A page with nothing but a few words. */
export function messageHtml(title: string, text: string, nonce: string): string {
  return html(title, `<h1>${escaped(title)}</h1><p class=soft>${escaped(text)}</p>`, nonce);
}

/** The page of a question: what is asked, what is known about it, and the form. Works without JavaScript, which it may not run. */
export function questionHtml(open: OpenQuestion, csrf: string, nonce: string): string {
  const { question, code } = open;
  const facts = question.facts.map(({ label, value }) => `<div><dt>${escaped(label)}<dd>${escaped(value)}</div>`);
  const fields = question.kind === "fields" ? question.fields.map(fieldHtml) : [];
  const yes = question.kind === "confirm" ? question.yes : "Send";
  // In a question about trust the safe way comes first: Enter presses the first button.
  const buttons = [
    `<button class=strong name=${formNames.action} value=${formNames.answer}>${escaped(yes)}</button>`,
    `<button name=${formNames.action} value=${formNames.refuse} formnovalidate>${question.kind === "confirm" ? "No" : "Refuse"}</button>`,
  ];
  if (question.kind === "confirm") buttons.reverse();
  return html(
    question.title,
    `<h1>${escaped(question.title)}</h1>
<p>Code <span class=code>${code}</span> <span class=soft>Go on only if the program that sent you here shows the same.</span></p>
<dl>${facts.join("")}</dl>
<form method=post autocomplete=off><input type=hidden name=${formNames.csrf} value="${csrf}">${fields.join("")}
<div class=actions>${buttons.join("")}</div></form>
<p class=soft>Your answer goes to Holdfast on this machine, not to the agent. This page can be used once, within five minutes.</p>`,
    nonce,
  );
}

function fieldHtml({ label, hidden }: QuestionField, at: number): string {
  const kind = hidden ? "password" : "text";
  const focus = at === 0 ? " autofocus" : "";
  return `<label>${escaped(label)}<input type=${kind} name=${formNames.field(at)} maxlength=4096 autocomplete=off autocapitalize=off spellcheck=false${focus}></label>`;
}

function html(title: string, body: string, nonce: string): string {
  return `<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content="width=device-width,initial-scale=1"><title>${escaped(title)} · Holdfast</title><style nonce="${nonce}">${style}</style></head><body><main>${body}</main></body></html>`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"'`=]/g, (character) => `&#${character.charCodeAt(0)};`);
}
