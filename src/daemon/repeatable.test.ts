import { expect, it } from "vitest";
import { keyedTools, metaNames, readOnlyTools } from "../shim/index.ts";
import { toolTable } from "../tools/index.ts";

it("knows of each tool whether it may be called again: the shim cannot look at the tool table", () => {
  const readOnly = toolTable.filter((tool) => tool.annotations.readOnlyHint === true).map((tool) => tool.name);
  expect([...readOnlyTools].toSorted()).toEqual(readOnly.toSorted());
  const keyed = toolTable.filter((tool) => JSON.stringify(tool.inputSchema).includes('"key":'));
  expect([...keyedTools]).toEqual(keyed.map((tool) => tool.name));
  expect(Object.values(metaNames).every((name) => name.startsWith("holdfast/"))).toBe(true);
});
