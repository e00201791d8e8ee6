import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Cleanup } from "../helpers/cleanup.ts";
import { environmentOf } from "../helpers/daemon.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { createLoginUser, startOpenSsh, type LoginUser, type TestServer } from "../helpers/servers/index.ts";
import { Screen } from "./screen.ts";

interface PlaceOptions {
  /** The value of `x11` of the target; left out where there is none. */
  readonly x11?: "untrusted" | "trusted" | "off";
  /** The settings name the display, not the environment. */
  readonly named?: boolean;
  readonly more?: readonly string[];
  readonly server?: readonly string[];
  readonly screen?: readonly string[];
}

/** A screen, and a client that may use it for a host where sudo wants a password each time. */
export interface X11Place {
  readonly cleanup: Cleanup;
  readonly screen: Screen;
  readonly user: LoginUser;
  readonly client: Holdfast;
  readonly server: TestServer;
  /** The environment of its server. */
  readonly env: Record<string, string>;
}

/** The target is called `box`. */
export async function openX11Place(options: PlaceOptions): Promise<X11Place> {
  const { x11, named = false, more = [], server: lines, screen: words } = options;
  const cleanup = new Cleanup();
  const screen = await Screen.open(...(words ?? ["+extension", "SECURITY"]));
  cleanup.add(() => screen.close());
  const user = await createLoginUser();
  cleanup.add(() => user.remove());
  const rules = `/etc/sudoers.d/${user.name}`;
  const text = `Defaults:${user.name} timestamp_timeout=0\n${user.name} ALL=(ALL:ALL) ALL\n`;
  writeFileSync(rules, text, { mode: 0o440 });
  cleanup.add(() => rmSync(rules, { force: true }));
  const server = await startOpenSsh({ loginUser: user, config: lines ?? ["X11Forwarding yes"] });
  cleanup.add(() => server.stop());
  const place = await createPrivatePlace(server.sshConfigFile);
  cleanup.add(() => place.remove());
  const settings = join(place.root, "settings.yaml");
  const keys = [...(x11 === undefined ? [] : [`x11: ${x11}`]), ...more, ...(named ? nameOf(screen) : [])];
  writeFileSync(settings, `targets: { box: { ${keys.join(", ")} } }\n`, { mode: 0o600 });
  const env = { ...place.env, ...(named ? {} : screen.env), HOLDFAST_CONFIG: settings, HOLDFAST_ASK_WAIT_S: "5" };
  const client = await Holdfast.start({ ...place, env });
  cleanup.add(() => client.stop());
  cleanup.add(() => client.call("ssh_close", { all: true }));
  return { cleanup, screen, user, client, server, env: environmentOf({ ...place, env }) };
}

function nameOf({ env }: Screen): readonly string[] {
  return [`x11_display: "${env["DISPLAY"] ?? ""}"`, `x11_authority: "${env["XAUTHORITY"] ?? ""}"`];
}
