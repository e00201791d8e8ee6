import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { openConfig, type Config } from "./config.ts";
import type { Environment } from "./environment.ts";

/** Where the settings files of one test file lie; gone after its tests. */
export const settingsDirectory = mkdtempSync(join(tmpdir(), "hf-settings-"));
afterAll(() => rmSync(settingsDirectory, { recursive: true, force: true }));

let files = 0;

interface TestConfig {
  readonly config: Config;
  readonly file: string;
  readonly write: (text: string) => void;
}

/** Settings with a file of their own, an environment and an ssh_config. */
export function testConfig(yaml: string, more: Environment = {}, sshConfig = ""): TestConfig {
  files += 1;
  const file = join(settingsDirectory, `config-${files}.yaml`);
  const ssh = join(settingsDirectory, `ssh-${files}`);
  writeFileSync(ssh, sshConfig);
  const write = (text: string): void => writeFileSync(file, text, { mode: 0o600 });
  write(yaml);
  const env = { PATH: process.env["PATH"], HOLDFAST_SSH_CONFIG: ssh, HOLDFAST_CONFIG: file, ...more };
  return { config: openConfig(env), file, write };
}
