import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Names at the end of a run each test that passed at its second attempt only, with what the first one said. */
export default class SecondAttempts implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lucky = modules.flatMap((module) => [...module.children.allTests("passed")].filter(wasRepeated));
    for (const test of lucky) {
      console.log(`second attempt: ${test.module.relativeModuleId} > ${test.fullName}`);
      for (const error of test.result().errors ?? []) console.log(`  ${error.message}`);
    }
    if (lucky.length > 0) console.log("Each of these is a defect, of the test or of what it tests: see why.");
  }
}

function wasRepeated(test: TestCase): boolean {
  return (test.diagnostic()?.retryCount ?? 0) > 0;
}
