import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

const documents = [".", "docs"].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .map((name) => path.join(folder, name)),
);

describe("what the documents point to exists", () => {
  test.each(documents)("%s", (document) => {
    const text = readFileSync(document, "utf8");
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = ""]) =>
      path.join(path.dirname(document), link),
    );
    const paths = [...text.matchAll(/`((?:src|test|scripts|docs)\/[^`<>* ]+)`/g)].map(([, one = ""]) => one);
    expect([...links, ...paths].filter((one) => !existsSync(one))).toEqual([]);
  });

  test("every command that they name is a script of package.json", () => {
    const scripts = /"scripts": \{(.*?)\}/s.exec(readFileSync("package.json", "utf8"))?.[1] ?? "";
    const named = documents.flatMap((document) => [
      ...readFileSync(document, "utf8").matchAll(/npm run (?:-s )?([a-z:-]+)/g),
    ]);
    expect(named.map(([, name = ""]) => name).filter((name) => !scripts.includes(`"${name}":`))).toEqual([]);
  });
});
