/** A JSON object, as it goes over the wire. */
export interface JsonObject {
  [key: string]: unknown;
}

/** Keywords that cost an agent tokens and tell it little: bounds are checked here, and a refusal names them. */
const noise = new Set([
  "$schema",
  "propertyNames",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
]);

/** A JSON Schema reduced to what an agent needs to make a call: names, types, choices, defaults, descriptions. */
export function compactSchema(schema: object): JsonObject {
  const compact: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === "properties" && isObject(value)) compact[key] = mapValues(value);
    else if (!noise.has(key) && !(key === "type" && "enum" in schema)) compact[key] = compactValue(value);
  }
  return compact;
}

/** Property names are the caller's words, not keywords: they are all kept. */
function mapValues(properties: object): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, compactValue(value)]));
}

function compactValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(compactValue);
  return isObject(value) ? compactSchema(value) : value;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
