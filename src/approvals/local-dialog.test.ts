import { expect, test } from "vitest";
import { showLocally } from "./local-dialog.ts";

test("a dialog that cannot be started is one that failed, whatever the system says of it", async () => {
  const { signal } = new AbortController();
  for (const program of ["/etc/passwd/askpass", "/nonexistent/askpass", "/etc", "/etc/passwd/pinentry"]) {
    expect(await showLocally(program, "Password", signal)).toBe("failed");
  }
});
