import type { OpenQuestion, Question, QuestionFact, QuestionField } from "../approvals/index.ts";
import { pageStyle } from "./page-style.ts";

/** The names of the form's parts. */
export const formNames = {
  csrf: "csrf",
  action: "action",
  answer: "answer",
  refuse: "refuse",
  field: (at: number) => `field${at}`,
} as const;

/** What a page of a few words says, and whether all is well. */
export interface Message {
  readonly title: string;
  readonly text: string;
  readonly isGood?: boolean;
}

/** A page with nothing but a few words. */
export function messageHtml({ title, text, isGood = false }: Message, nonce: string): string {
  const sign = isGood ? '<path d="m7.5 12.5 3 3 6-7"/>' : '<path d="M12 7.5v6m0 2.5v.5"/>';
  const body = `<div class="done${isGood ? " good" : ""}">${drawing(`<circle cx=12 cy=12 r=9.5 />${sign}`)}<div><h1>${escaped(title)}</h1><p>${escaped(text)}</p></div></div>`;
  return html({ title, body, nonce, leftS: 0 });
}

interface FormParts {
  readonly csrf: string;
  readonly nonce: string;
  /** What was wrong with what was sent before. */
  readonly problem?: string | undefined;
}

/** The page of a question: what is asked, what is known about it, and the form. Works without JavaScript, which it may not run. */
export function questionHtml(open: OpenQuestion, { csrf, nonce, problem }: FormParts): string {
  const { question, code } = open;
  const warnings = question.facts.filter(({ tone }) => tone === "warning");
  const facts = question.facts.filter(({ tone }) => tone !== "warning");
  const said = problem === undefined ? "" : `<p class=bad id=problem role=alert>${escaped(problem)}</p>`;
  const fields = question.kind === "fields" ? question.fields.map((field, at) => fieldHtml(field, at, problem)) : [];
  const body = `<h1>${escaped(question.title)}</h1>
${warnings.map(({ label, value }) => `<p class=warn><strong>${escaped(label)}:</strong> ${escaped(value)}</p>`).join("")}
<div class=code><strong>${code}</strong><span>Does the program that sent you here show the same code? If not, refuse.</span></div>
<dl>${facts.map(factHtml).join("")}</dl>
<div class=until><p class="bad late">The time is up. Nothing was sent: call again from the program that sent you here.</p>
<form method=post autocomplete=off><input type=hidden name=${formNames.csrf} value="${csrf}">${said}${fields.join("")}
<div class=actions>${buttonsHtml(question)}</div></form></div>
<div class=bar><i></i></div>
<p class=soft>Your answer goes to Holdfast on this machine, not to the agent. This page can be used once, within five minutes.</p>`;
  return html({ title: question.title, body, nonce, leftS: Math.ceil(open.leftMs / 1_000) });
}

function buttonsHtml(question: Question): string {
  const isConfirm = question.kind === "confirm";
  const buttons = [
    `<button class=strong name=${formNames.action} value=${formNames.answer}>${escaped(isConfirm ? question.yes : "Send")}</button>`,
    `<button name=${formNames.action} value=${formNames.refuse} formnovalidate>${isConfirm ? "No" : "Refuse"}</button>`,
  ];
  // In a question about trust the safe way comes first: Enter presses the first button.
  return (isConfirm ? buttons.toReversed() : buttons).join("");
}

function factHtml({ label, value, tone }: QuestionFact): string {
  return `<div><dt>${escaped(label)}<dd${tone === "advice" ? " class=prose" : ""}>${escaped(value)}</div>`;
}

function fieldHtml({ label, hidden, required, fromHost }: QuestionField, at: number, problem?: string): string {
  const name = formNames.field(at);
  const words = [
    `type=${hidden ? "password" : "text"}`,
    "maxlength=4096 autocomplete=off autocapitalize=off autocorrect=off spellcheck=false",
    ...(required === true ? ["required"] : []),
    ...(problem === undefined ? [] : ["aria-invalid=true aria-describedby=problem"]),
    ...(at === 0 ? ["autofocus"] : []),
  ];
  const whose = fromHost === true ? "<span class=soft>The host asks</span>" : "";
  return `<label for=${name}>${whose}${escaped(label)}</label><input id=${name} name=${name} ${words.join(" ")}>`;
}

interface PageParts {
  readonly title: string;
  readonly body: string;
  readonly nonce: string;
  readonly leftS: number;
}

/** An anchor. */
const mark = drawing('<circle cx=12 cy=5 r=2.5 /><path d="M12 8v13M8.5 11h7M4.500 13.500a7.500 7.500 0 0 0 15 0"/>');

function html({ title, body, nonce, leftS }: PageParts): string {
  return `<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content="width=device-width,initial-scale=1"><title>${escaped(title)} · Holdfast</title><style nonce="${nonce}">${pageStyle(leftS)}</style></head><body><main><p class=brand>${mark}Holdfast</p>${body}</main></body></html>`;
}

function drawing(lines: string): string {
  return `<svg viewBox="0 0 24 24" fill=none stroke=currentColor stroke-width=2 stroke-linecap=round stroke-linejoin=round aria-hidden=true>${lines}</svg>`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"'`=]/g, (character) => `&#${character.charCodeAt(0)};`);
}
