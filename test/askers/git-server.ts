import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { makeTempDir } from "../helpers/servers/index.ts";

/** A git server over https that wants a name and a password. */
export interface GitServer {
  /** Of a repository with one file, `greeting`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  stop(): Promise<void>;
}

/** Starts one on loopback, with git's own backend and a certificate that nobody knows. */
export async function startGitServer(): Promise<GitServer> {
  const directory = makeTempDir();
  const [user, password] = ["ann", "a pass%word"];
  const root = join(directory.path, "repositories");
  makeRepository(directory.path, root);
  const [key, cert] = [join(directory.path, "key.pem"), join(directory.path, "cert.pem")];
  const certificate = [
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-subj",
    "/CN=127.0.0.1",
  ];
  execute("openssl", ["req", ...certificate, "-keyout", key, "-out", cert]);
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    if (request.headers.authorization === wanted) return backend(root, request, response);
    response.writeHead(401, { "www-authenticate": 'Basic realm="box"' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the git server has no port");
  return {
    url: `https://127.0.0.1:${address.port}/box.git`,
    user,
    password,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      directory.remove();
    },
  };
}

function makeRepository(directory: string, root: string): void {
  const work = join(directory, "work");
  mkdirSync(work);
  mkdirSync(root);
  writeFileSync(join(work, "greeting"), "hello\n");
  const git = ["-C", work, "-c", "user.name=Ann", "-c", "user.email=ann@example.org"];
  execute("git", [...git, "init", "-q"]);
  execute("git", [...git, "add", "greeting"]);
  execute("git", [...git, "commit", "-q", "-m", "Greet"]);
  execute("git", ["clone", "-q", "--bare", work, join(root, "box.git")]);
}

function execute(program: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? stderr}`);
}

/** One request, answered by git itself as a CGI program. */
function backend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? "/", "https://127.0.0.1");
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      // The repository is another user's where a test runs as root.
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
      REQUEST_METHOD: request.method,
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      REMOTE_USER: "ann",
      REMOTE_ADDR: "127.0.0.1",
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  request.pipe(child.stdin);
  const pieces: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
  child.on("close", () => {
    const all = Buffer.concat(pieces);
    const end = all.indexOf("\r\n\r\n");
    const headers = all
      .subarray(0, end)
      .toString()
      .split("\r\n")
      .map((line) => line.split(": "));
    const status = Number.parseInt(headers.find(([name]) => name === "Status")?.[1] ?? "200", 10);
    response.writeHead(
      status,
      Object.fromEntries(headers.filter(([name]) => name !== "Status").map(([name = "", value = ""]) => [name, value])),
    );
    response.end(all.subarray(end + 4));
  });
}
