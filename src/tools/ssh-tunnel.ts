import { z } from "zod";
import { HoldfastError } from "../base/index.ts";
import type { TunnelRequest } from "../sessions/index.ts";
import { checkedTarget } from "./checked-text.ts";
import { listTunnels } from "./list-tunnels.ts";
import { renderListing } from "./listing.ts";
import { result, type Reply } from "./reply.ts";
import { defineTool, type ToolContext } from "./tool.ts";
import { tunnelClosedLine, tunnelOpenLine } from "./tunnel-lines.ts";

const input = () =>
  z.strictObject({
    action: z.enum(["open", "close", "list"]),
    on: z.string().optional().describe("session or target"),
    kind: z.enum(["local", "remote", "socks"]).default("local"),
    listen: z.string().optional().describe("host:port, port or path; default any port"),
    to: z.string().optional(),
    id: z.string().optional(),
  });

type TunnelInput = z.output<ReturnType<typeof input>>;

/** `ssh_tunnel`: forwarded ports and Unix sockets, in both directions, and SOCKS. */
export const sshTunnel = defineTool({
  name: "ssh_tunnel",
  title: "Forward ports",
  description: "Forward ports and sockets: local (listen here), remote (listen there), socks.",
  annotations: { destructiveHint: false },
  input,
  run: (args, context) => actions[args.action](args, context),
});

const actions = {
  open: async (args: TunnelInput, { sessions }: ToolContext): Promise<Reply> =>
    result(tunnelOpenLine(await sessions.tunnels.open(requestOf(args)))),
  close: async (args: TunnelInput, { sessions }: ToolContext): Promise<Reply> => {
    if (args.id === undefined) throw missing("close", "id");
    return result(tunnelClosedLine(await sessions.tunnels.close(args.id)));
  },
  list: async (args: TunnelInput, { sessions }: ToolContext): Promise<Reply> =>
    result(renderListing(listTunnels(sessions.tunnels, args.on), Infinity)),
} as const;

function requestOf({ on, kind, listen, to, id }: TunnelInput): TunnelRequest {
  if (on === undefined) throw missing("open", "on");
  if (id !== undefined) {
    throw new HoldfastError("bad_input", "a tunnel gets its id when it is opened", { hint: "Leave id out" });
  }
  return {
    on: checkedTarget(on),
    kind,
    ...(listen === undefined ? {} : { listen }),
    ...(to === undefined ? {} : { to }),
  };
}

function missing(action: string, name: string): HoldfastError {
  return new HoldfastError("bad_input", `ssh_tunnel needs "${name}" to ${action} a tunnel; nothing was done`, {
    hint: 'For example {"action":"open","on":"web1","kind":"local","listen":"8080","to":"db.internal:5432"}',
  });
}
