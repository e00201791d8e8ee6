import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { takeConfigOption } from "./config-option.ts";

describe("--config", () => {
  it.each([
    [["--config", "/a/c.yaml"], [], "/a/c.yaml"],
    [["doctor", "--config=/a/c.yaml", "web1"], ["doctor", "web1"], "/a/c.yaml"],
    [["call", "ssh_list", "{}", "--config", "c.yaml"], ["call", "ssh_list", "{}"], resolve("c.yaml")],
    [["call", "--", "--config", "x"], ["call", "--", "--config", "x"], undefined],
    [["ls"], ["ls"], undefined],
  ])("%j", (words, left, file) => {
    expect(takeConfigOption(words)).toEqual({ words: left, file });
  });

  it.each([[["--config"]], [["ls", "--config="]]])("%j names no file", (words) => {
    expect(() => takeConfigOption(words)).toThrow("--config needs the name of a file");
  });
});
