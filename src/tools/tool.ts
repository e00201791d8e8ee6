import { z } from "zod";
import type { Config } from "../config/index.ts";
import type { SessionBook } from "../sessions/index.ts";
import type { Redact } from "./gate.ts";
import type { KeyBook } from "./key-book.ts";
import type { ScreenBook } from "./screen-book.ts";
import type { Recorder } from "./recording/recorder.ts";
import type { FloorBook } from "./watching/floor-book.ts";
import type { CallerGround, ClientRoots } from "./local-ground.ts";
import { explainInput } from "./explain-input.ts";
import { compactSchema, type JsonObject } from "./compact-schema.ts";
import type { Reply } from "./reply.ts";

/** Hints to clients about what a tool may do (MCP tool annotations); those that are left out have the protocol's default: destructive, open world. */
export interface ToolAnnotations {
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** All that a tool may reach. */
export interface ToolContext {
  readonly sessions: SessionBook;
  readonly keys: KeyBook;
  /** The screens of commands on terminals. */
  readonly screens: ScreenBook;
  /** Which commands people type into now. */
  readonly floors: FloorBook;
  /** Writes logs of what commands print. */
  readonly recorder: Recorder;
  /** What the settings say about targets and calls. */
  readonly config: Config;
  /** Replaces the secrets known to the server by `[secret]`. */
  readonly redact: Redact;
  /** Aborts when the caller cancels or goes away; `cancelIntent` tells which. */
  readonly signal: AbortSignal;
  /** Tells a waiting caller what is going on; undefined when it did not ask. */
  readonly progress: ((message: string) => void) | undefined;
  readonly occasion: CallOccasion | undefined;
  /** Where the caller works on this machine; default: where this process does. */
  readonly local?: CallerGround | undefined;
  /** Which directories of this machine the caller's client says it may use; undefined where it cannot be asked. */
  readonly roots?: ClientRoots | undefined;
}

/** A call that its client's side knows again: made once more, it must not run a command twice. */
export interface CallOccasion {
  /** The same for the same call only; undefined where making it twice does no harm. */
  readonly key: string | undefined;
  /** How long ago it was made first, when this is not the first time. */
  readonly sentBeforeMs: number | undefined;
}

/** A call whose arguments have been checked. */
export interface ReadyCall {
  readonly args: Readonly<Record<string, unknown>>;
  run(context: ToolContext): Promise<Reply>;
}

/** One entry of the tool table. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: ToolAnnotations;
  /** JSON Schema of the arguments, as small as it can be. */
  readonly inputSchema: JsonObject;
  /** Makes what the first call would make otherwise. */
  prepare(): void;
  /** Throws `bad_input` that names the wrong argument and what is known. */
  parse(args: unknown): ReadyCall;
}

interface ToolDefinition<Shape extends z.core.$ZodLooseShape> {
  readonly name: string;
  readonly title: string;
  /** At most 600 characters, the point in the first 200. */
  readonly description: string;
  readonly annotations: ToolAnnotations;
  /** Makes the schema of the arguments: called once, when it is first needed. */
  readonly input: () => z.ZodObject<Shape, z.core.$strict>;
  run(input: z.output<z.ZodObject<Shape, z.core.$strict>>, context: ToolContext): Promise<Reply>;
}

/** Makes a tool out of its definition; the argument type of `run` follows from the schema. A client is answered before any schema is made. */
export function defineTool<Shape extends z.core.$ZodLooseShape>(definition: ToolDefinition<Shape>): Tool {
  const { name, title, description, annotations } = definition;
  let schema: z.ZodObject<Shape, z.core.$strict> | undefined;
  let inputSchema: JsonObject | undefined;
  const input = (): z.ZodObject<Shape, z.core.$strict> => (schema ??= definition.input());
  return {
    name,
    title,
    description,
    annotations,
    /** Made when it is asked for first: a client is answered before it asks for the tools. */
    get inputSchema() {
      inputSchema ??= compactSchema(z.toJSONSchema(input(), { io: "input" }));
      return inputSchema;
    },
    prepare() {
      input();
    },
    parse(args) {
      const parsed = input().safeParse(args ?? {});
      if (!parsed.success) throw explainInput(name, input().shape, parsed.error);
      return { args: { ...parsed.data }, run: (context) => definition.run(parsed.data, context) };
    },
  };
}
