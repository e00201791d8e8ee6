import { z } from "zod";

/** Programs on hosts that may ask a person, beside sudo. */
export const askerNames = ["ssh", "git", "gpg"] as const;

/** Longer than any path, name or command line that is meant. */
const text = z.string().min(1).max(4_096);
const secret = z.string().min(1).max(10_000);
const list = z.union([text, z.array(text).max(32)]);
const command = z.union([text, z.array(text).min(1).max(64)]);
const seconds = z.number().positive().max(31_536_000);

/** An alias is also the name of a session. */
const alias = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/, "an alias has letters, digits, dot, dash and underscore, at most 64");

const name = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/, "use letters, digits, dot, dash and underscore");

const entry = z.strictObject({
  host: text.optional(),
  user: text.optional(),
  port: z.number().int().min(1).max(65_535).optional(),
  key_path: list.optional(),
  certificate: list.optional(),
  identities_only: z.boolean().optional(),
  agent: text.optional(),
  password: secret.optional(),
  password_command: command.optional(),
  passphrase: secret.optional(),
  passphrase_command: command.optional(),
  sudo_password: secret.optional(),
  sudo_password_command: command.optional(),
  enable_password: secret.optional(),
  enable_password_command: command.optional(),
  preferred_authentications: z.array(text).min(1).max(8).optional(),
  jump: list.optional(),
  proxy_command: text.optional(),
  address_family: z.enum(["any", "inet", "inet6"]).optional(),
  bind_address: text.optional(),
  host_keys: z.enum(["ask", "accept-new", "strict"]).optional(),
  host_key_alias: text.optional(),
  known_hosts: list.optional(),
  compression: z.boolean().optional(),
  legacy: z.boolean().optional(),
  engine: z.enum(["auto", "ssh2", "openssh"]).optional(),
  x11: z.enum(["off", "untrusted", "trusted"]).optional(),
  x11_display: text.optional(),
  x11_authority: text.optional(),
  persistent: z.boolean().optional(),
  connect_timeout_s: seconds.max(600).optional(),
  command_timeout_s: seconds.optional(),
  inactivity_timeout_s: seconds.optional(),
  keepalive_s: seconds.max(3_600).optional(),
  retries: z.number().int().min(0).max(10).optional(),
  retry_delay_ms: z.number().int().min(0).max(60_000).optional(),
  description: text.optional(),
  notes: z.string().max(16_384).optional(),
  notes_file: text.optional(),
  info_file: text.optional(),
  directory: text.optional(),
  env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.union([z.string(), z.number(), z.boolean()])).optional(),
  tags: z.array(name).max(64).optional(),
  read_only: z.boolean().optional(),
  sudo_askpass: z.boolean().optional(),
  sudo_key: text.optional(),
  askers: z.array(z.enum(askerNames)).max(8).optional(),
});

const secrets = z.strictObject({
  patterns: z.boolean().optional(),
  keyring: z.union([z.boolean(), text]).optional(),
  in_calls: z.enum(["allow", "refuse"]).optional(),
  remember: z
    .string()
    .regex(/^(session|never|[1-9]\d{0,3}[smh])$/, "say session, never or a time like 90s, 15m or 2h")
    .optional(),
});

const megabytes = z.number().int().min(1).max(1_048_576);

const logs = z.strictObject({
  record: z.boolean().optional(),
  directory: text.optional(),
  file_mb: megabytes.optional(),
  total_mb: megabytes.optional(),
});

const copy = z.strictObject({ direct: z.enum(["allow", "off"]).optional() });

/** The whole file; unknown keys are refused. An empty entry (`web1:`) is one without settings. */
export const configSchema = z.strictObject({
  targets: z.record(alias, entry.nullable()).optional(),
  connections: z.record(alias, entry.nullable()).optional(),
  defaults: entry.omit({ host: true, description: true }).nullable().optional(),
  groups: z.record(name, z.array(text).max(1_000)).optional(),
  only_configured_targets: z.boolean().optional(),
  hide_addresses: z.boolean().optional(),
  secrets: secrets.optional(),
  dialog: text.optional(),
  logs: logs.optional(),
  copy: copy.optional(),
});

export type ConfigDocument = z.output<typeof configSchema>;

/** The settings of one target as they stand in the file. */
export type EntryValues = z.output<typeof entry>;

/** Keys whose values are secrets: a file with one of them belongs to its owner alone. */
export const secretKeys = ["password", "passphrase", "sudo_password", "enable_password"] as const;
