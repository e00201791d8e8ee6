import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Imports scripts for hosts and descriptions of network CLIs as text, as the build does. */
const textFiles: Plugin = {
  name: "text-files",
  enforce: "pre",
  load(id) {
    return /\.(?:sh|py|pl|yaml)$/.test(id) ? `export default ${JSON.stringify(readFileSync(id, "utf8"))};` : undefined;
  },
};

/** Files that take more than a minute: begun last, one of them would be waited for with nothing beside it. */
const longest =
  /\/(?:torture\/openssh|survival\/dead-link|daemon\/survival|ladder\/ladder-torture|torture\/dropbear)\.test\.ts$/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => longest.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  plugins: [textFiles],
  test: {
    include: ["src/**/*.test.ts", "scripts/**/*.test.ts", "test/**/*.test.ts"],
    setupFiles: process.env["HOLDFAST_VEIL_AUDIT"] === undefined ? [] : ["test/veil/record.ts"],
    // Real servers and shells wait more than they work: two workers keep two processors busy for a third of the time only.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Generous: these limits end what hangs, they judge no speed.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Not by hand: see it red. Where a run decides, a machine that was held up for a moment is no reason; second-attempts.ts names it.
    retry: process.env["CI"] === undefined ? 0 : 1,
  },
});
