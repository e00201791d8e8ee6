// An SFTP server whose paths are those of Windows hosts: it hands everything on to OpenSSH's, with /C:/ put where drive C is, and back in answers.
// Started with the program of the server and the directory of drive C.
import { spawn } from "node:child_process";

const [program = "", drive = ""] = process.argv.slice(2);
const server = spawn(program, [], { stdio: ["pipe", "pipe", "inherit"] });

/** How many paths follow the number in requests of each type: lstat, setstat, opendir, remove, mkdir, rmdir, realpath, stat, readlink; two for rename and symlink. */
const paths = new Map(
  [3, 7, 9, 11, 13, 14, 15, 16, 17, 19]
    .map((type) => [type, 1])
    .concat([
      [18, 2],
      [20, 2],
    ]),
);
const extendedPaths = new Map([
  ["posix-rename@openssh.com", 2],
  ["hardlink@openssh.com", 2],
  ["statvfs@openssh.com", 1],
  ["lsetstat@openssh.com", 1],
]);

const toDrive = (path) => (/^\/[A-Za-z]:(?=\/|$)/.test(path) ? `${drive}${path.slice(3)}` : path);
const fromDrive = (path) => (path === drive || path.startsWith(`${drive}/`) ? `/C:${path.slice(drive.length)}` : path);

function framed(each) {
  let held = Buffer.alloc(0);
  return (bytes) => {
    held = Buffer.concat([held, bytes]);
    while (held.length >= 4 && held.length >= 4 + held.readUInt32BE(0)) {
      const end = 4 + held.readUInt32BE(0);
      const body = each(held.subarray(4, end));
      const head = Buffer.alloc(4);
      head.writeUInt32BE(body.length);
      held = held.subarray(end);
      yieldTo(head, body);
    }
  };
}

let yieldTo = () => undefined;

function changeStrings(body, from, count, change) {
  const parts = [body.subarray(0, from)];
  let at = from;
  for (let n = 0; n < count; n += 1) {
    const length = body.readUInt32BE(at);
    const text = Buffer.from(change(body.subarray(at + 4, at + 4 + length).toString()));
    const head = Buffer.alloc(4);
    head.writeUInt32BE(text.length);
    parts.push(head, text);
    at += 4 + length;
  }
  return Buffer.concat([...parts, body.subarray(at)]);
}

function request(body) {
  if (body[0] !== 200) return changeStrings(body, 5, paths.get(body[0]) ?? 0, toDrive);
  const length = body.readUInt32BE(5);
  const name = body.subarray(9, 9 + length).toString();
  return changeStrings(body, 9 + length, extendedPaths.get(name) ?? 0, toDrive);
}

// A list of names: of realpath it is one name, which is a path.
const answer = (body) => (body[0] === 104 && body.readUInt32BE(5) === 1 ? changeStrings(body, 9, 2, fromDrive) : body);

const requests = framed(request);
const answers = framed(answer);
process.stdin.on("data", (bytes) => {
  yieldTo = (...pieces) => pieces.forEach((piece) => server.stdin.write(piece));
  requests(bytes);
});
process.stdin.on("end", () => server.stdin.end());
server.stdout.on("data", (bytes) => {
  yieldTo = (...pieces) => pieces.forEach((piece) => process.stdout.write(piece));
  answers(bytes);
});
server.on("exit", (code) => {
  process.exitCode = code ?? 1;
  process.stdin.destroy();
});
