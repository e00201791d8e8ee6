import { argumentLayer } from "./argument-layer.ts";
import { defaultLayer } from "./default-layer.ts";
import type { Environment } from "./environment.ts";
import { ownKnownHostsFile } from "./paths.ts";
import { mergeLayers, targetOf } from "./settings-layer.ts";
import { sshAddress, sshLayer } from "./ssh-layer.ts";
import { sshSettings } from "./ssh-settings.ts";
import { parseTargetText } from "./target-text.ts";
import type { Target, TargetOverrides } from "./target.ts";

/**
 * Resolves `user@host:port` or an alias to a frozen target: what the call says, then ssh_config, then defaults.
 * Rejects with `bad_input` or `config_invalid`.
 */
export async function resolveTarget(
  text: string,
  overrides: TargetOverrides = {},
  env: Environment = process.env,
): Promise<Target> {
  const parsed = parseTargetText(text);
  const upper = [argumentLayer(overrides, parsed)];
  const asked = mergeLayers(upper, defaultLayer(parsed.host, env));
  const settings = await sshSettings(
    {
      host: parsed.host,
      user: asked.user.origin === "default" ? undefined : asked.user.value,
      port: asked.port.origin === "default" ? undefined : asked.port.value,
    },
    env,
  );
  const base = mergeLayers([...upper, sshAddress(settings, parsed.host)], defaultLayer(parsed.host, env));
  const tokens = {
    original: parsed.host,
    host: base.host.value,
    port: base.port.value,
    user: base.user.value,
    hostKeyAlias: settings.get("hostkeyalias")?.[0],
  };
  const table = mergeLayers([...upper, sshLayer({ settings, tokens, env })], base);
  return targetOf(table, { alias: text, ownKnownHostsFile: ownKnownHostsFile(env) });
}
