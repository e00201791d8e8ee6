import { describe, expect, it } from "vitest";
import { toolTable } from "./tool-table.ts";

const contract: Readonly<Record<string, readonly string[]>> = {
  ssh_run: [
    "on",
    "command",
    "wait_s",
    "timeout_s",
    "background",
    "cwd",
    "env",
    "stdin",
    "sudo",
    "pty",
    "cols",
    "rows",
    "max_output",
    "key",
  ],
  ssh_read: ["command", "from", "wait_s", "until", "stream", "tail", "grep", "context", "max_output", "raw"],
  ssh_input: ["command", "text", "keys", "eof", "wait_s"],
  ssh_stop: ["command", "signal", "escalate"],
  ssh_open:
    "target name kind user port key_file password passphrase sudo_password enable_password jump platform cwd env keep owner compress connect_timeout_s retries".split(
      " ",
    ),
  ssh_close: ["session", "tunnel", "all", "owner", "force"],
  ssh_list: ["what", "session", "state", "owner", "limit"],
  ssh_file_read: ["on", "path", "from", "max_bytes", "tail", "encoding", "sudo"],
  ssh_file_write: "on path content mode permissions owner make_dirs encoding sudo expect_sha256".split(" "),
  ssh_file_edit: ["on", "path", "edits", "sudo"],
  ssh_copy: ["from", "to", "recursive", "resume", "verify", "delete", "exclude", "sudo", "wait_s"],
  ssh_tunnel: ["action", "on", "kind", "listen", "to", "id"],
};

describe("the tool table", () => {
  it("has the tools of the contract in their order", () => {
    expect(toolTable.map((tool) => tool.name)).toEqual(Object.keys(contract));
  });

  it.each(toolTable.map((tool) => [tool.name, tool] as const))("%s keeps to the contract", (name, tool) => {
    const { inputSchema, description } = tool;
    expect(Object.keys(inputSchema["properties"] ?? {})).toEqual(expect.arrayContaining([...(contract[name] ?? [])]));
    expect(inputSchema).toMatchObject({ type: "object", additionalProperties: false });
    expect(inputSchema).not.toHaveProperty("$schema");
    expect(description.length).toBeLessThanOrEqual(600);
    const json = JSON.stringify(inputSchema);
    expect(json).not.toContain(String(Number.MAX_SAFE_INTEGER));
    expect(name).toMatch(/^[a-z_]{1,32}$/);
  });

  it("fits into 8 KB", () => {
    const { length } = JSON.stringify(
      toolTable.map(({ name, title, description, inputSchema, annotations }) => ({
        name,
        title,
        description,
        inputSchema,
        annotations,
      })),
    );
    expect(length).toBeLessThanOrEqual(8_192);
  });
});
