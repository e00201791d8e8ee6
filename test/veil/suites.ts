/**
 * Suites that drive the built server; each passes with addresses hidden as without. Left out: chaos and those of survival that put a proxy between,
 * which listens at an address of its own; test/cli, whose commands are for people; test/reach, which has an audit of its own (hidden.test.ts).
 */
export const veiledSuites: readonly string[] = [
  "test/approvals/answer-command.test.ts",
  "test/approvals/second-factor.test.ts",
  "test/approvals/through-daemon.test.ts",
  "test/bad-input",
  "test/cli/through-daemon.test.ts",
  "test/daemon",
  "test/demo",
  "test/http",
  "test/mcp/contract-live.test.ts",
  "test/mcp/contract.test.ts",
  "test/sessions/late-output.test.ts",
  "test/sudo/through-daemon.test.ts",
  "test/survival/clock-jumps.test.ts",
  "test/survival/half-made.test.ts",
  "test/survival/second-server.test.ts",
  "test/survival/time-limit.test.ts",
  "test/tools/cancellation.test.ts",
  "test/tools/progress.test.ts",
  "test/tools/resources.test.ts",
  "test/torture/through-mcp.test.ts",
];

/** What the short audit plays: logins that fail, whose errors name hosts and users. */
export const shortSuites: readonly string[] = ["test/bad-input/logins.test.ts", "-t", "a key"];
