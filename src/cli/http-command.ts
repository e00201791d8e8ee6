import { HoldfastError, version } from "../base/index.ts";
import type { HttpOptions } from "../web/index.ts";
import { UsageError, exitCodes, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices } from "./cli-services.ts";
import { print } from "./print.ts";

const defaultPort = 8_000;
const highestPort = 65_535;

/** `holdfast serve`: MCP over HTTP. */
export const httpCommand: CliCommand = {
  name: "serve",
  usage: "[--port <n>] [--host <address>] [--token-file <file>] [--allowed-host <names>] [--legacy-sse]",
  summary: "serve MCP over HTTP",
  details: [
    "Clients find it at http://127.0.0.1:8000/mcp. Ends at Ctrl+C or TERM; sessions and commands stay on their hosts.",
    "--port <n>            the port; 0 takes any free one and says which. Default: $MCP_PORT, or 8000",
    "--host <address>      where to listen. Default: 127.0.0.1. Any other needs --token-file",
    "--token-file <file>   a file (0600) with a token of 16 characters or more, which clients must send as a bearer token",
    "--allowed-host <a,b>  further names by which clients may call this server, as of a proxy in front of it",
    "--legacy-sse          offer HTTP+SSE (2024-11-05) as well, at /sse",
  ],
  options: {
    port: { type: "string" },
    host: { type: "string" },
    "token-file": { type: "string" },
    "allowed-host": { type: "string" },
    "legacy-sse": { type: "boolean" },
  },
  positionals: { least: 0, most: 0 },
  run: serve,
};

async function serve(args: CliArguments, services: CliServices): Promise<number> {
  const port = portOf(args);
  const { readTokenFile, serveHttp } = await import("../web/index.ts");
  const tokenFile = args.values.get("token-file");
  const options: HttpOptions = {
    host: args.values.get("host") ?? "127.0.0.1",
    port,
    token: tokenFile === undefined ? undefined : await readTokenFile(tokenFile),
    allowedHosts: (args.values.get("allowed-host") ?? "").split(",").filter((name) => name !== ""),
    legacySse: args.flags.has("legacy-sse"),
  };
  const open = await services.openHost();
  try {
    const service = await serveHttp({
      tools: open.host,
      version,
      options,
      onError: (error) => void print(services.errors, `holdfast: http: ${error.message}`),
    });
    await print(services.output, `holdfast ${version} listens on ${service.url}`);
    await ended(services.interrupted);
    await service.close();
  } finally {
    await open.close();
  }
  return exitCodes.ok;
}

function portOf(args: CliArguments): number {
  const given = args.values.get("port");
  if (given !== undefined) {
    const port = parsePort(given);
    if (port === undefined) throw new UsageError(`"${given}" is no port`);
    return port;
  }
  const variable = process.env["MCP_PORT"];
  if (variable === undefined || variable === "") return defaultPort;
  const port = parsePort(variable);
  if (port !== undefined) return port;
  throw new HoldfastError("config_invalid", `MCP_PORT is ${JSON.stringify(variable)}, which is no port`, {
    hint: `Set it to a number from 0 to ${highestPort}, or unset it`,
  });
}

function parsePort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= highestPort ? Number(text) : undefined;
}

function ended(interrupted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (interrupted.aborted) resolve();
    else interrupted.addEventListener("abort", () => resolve(), { once: true });
  });
}
