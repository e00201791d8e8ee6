import { z } from "zod";
import type { Tool } from "../src/tools/index.ts";

const typeName = z.union([z.string(), z.array(z.string()).transform((names) => names.join(" or "))]);
const property = z.looseObject({
  type: typeName.optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  items: z.looseObject({ type: typeName.optional() }).optional(),
  anyOf: z.array(z.looseObject({})).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});
const schema = z.looseObject({
  properties: z.record(z.string(), property).default({}),
  required: z.array(z.string()).default([]),
});

/** `docs/tools.md`, made from what clients are told about the tools, so that both say the same. */
export function toolsDocument(tools: readonly Tool[]): string {
  const intro = [
    "# The tools",
    "",
    "Written by `npm run docs` from the tool table: change the descriptions there. A star marks what must be given. What",
    "this version cannot do yet (a parameter or a value) is refused as `unsupported`, never ignored.",
  ];
  return `${[...intro, ...tools.flatMap(section)].join("\n")}\n`;
}

function section(tool: Tool): string[] {
  const { properties, required } = schema.parse(tool.inputSchema);
  const kind = tool.annotations.readOnlyHint ? "reads only" : "acts";
  const head = ["", `## ${tool.name}`, "", `*${tool.title}* (${kind})`, "", tool.description];
  const rows = Object.entries(properties).map(([name, facts]) => {
    const star = required.includes(name) ? "\\*" : "";
    return `| \`${name}\`${star} | ${typeOf(facts)} | ${defaultOf(facts)} | ${cell(facts.description ?? "")} |`;
  });
  return rows.length === 0
    ? head
    : [...head, "", "| parameter | type | default | meaning |", "|---|---|---|---|", ...rows];
}

function typeOf(facts: z.output<typeof property>): string {
  if (facts.enum !== undefined) return facts.enum.map((value) => `\`${value}\``).join(", ");
  if (facts.anyOf !== undefined) return facts.anyOf.map((one) => typeOf(property.parse(one))).join(" or ");
  if (facts.type === "array") return `list of ${facts.items?.type ?? "values"}`;
  const from = facts.minimum === undefined ? "" : ` from ${facts.minimum}`;
  const to = facts.maximum === undefined ? "" : ` to ${facts.maximum}`;
  return `${facts.type ?? "any"}${from}${to}`;
}

function defaultOf(facts: z.output<typeof property>): string {
  return facts.default === undefined ? "" : `\`${JSON.stringify(facts.default)}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ");
}
