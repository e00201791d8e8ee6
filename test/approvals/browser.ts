import { ask, type Answer } from "../http/serve.ts";

/** A page as a browser has it open: with its cookie and the hidden part of its form. */
export interface OpenPage {
  readonly first: Answer;
  /** What a browser sends with the form. */
  readonly headers: Readonly<Record<string, string>>;
  readonly csrf: string;
  /** Presses a button after filling in the fields; `changed` headers and form parts replace the honest ones. */
  submit(form: Readonly<Record<string, string>>, changed?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** Opens the page as a browser does. */
export async function browse(address: string): Promise<OpenPage> {
  const url = new URL(address);
  const first = await ask(url);
  const cookie = /^[^;]*/.exec(first.headers["set-cookie"]?.[0] ?? "")?.[0] ?? "";
  const csrf = /name=csrf value="(?<csrf>[^"]*)"/.exec(first.body)?.groups?.["csrf"] ?? "";
  const headers = {
    cookie,
    origin: url.origin,
    "sec-fetch-site": "same-origin",
    "content-type": "application/x-www-form-urlencoded",
  };
  return {
    first,
    headers,
    csrf,
    submit: (form, changed = {}) =>
      ask(url, {
        body: new URLSearchParams({ csrf, ...form }).toString(),
        headers: Object.fromEntries(Object.entries({ ...headers, ...changed }).filter(([, value]) => value !== "")),
      }),
  };
}
