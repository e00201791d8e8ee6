import { createHash } from "node:crypto";
import { endsWith, exact, prints, steps, type TortureCase } from "./torture-case.ts";

const everyByte = Uint8Array.from({ length: 256 }, (_, value) => value);
const everyByteOctal = Array.from(everyByte, (value) => `\\${value.toString(8).padStart(3, "0")}`).join("");

/** Bytes through the streams: nothing added, nothing missing, nothing mixed. */
export const streamCases: readonly TortureCase[] = [
  exact("no trailing newline", "printf abc", "abc"),
  exact("no trailing newline on either stream", "printf abc; printf def >&2", "abc", "def"),
  exact("empty output", "true"),
  exact("newlines only", String.raw`printf '\n\n\n'`, "\n\n\n"),
  exact("streams apart", "echo o1; echo e1 >&2; echo o2; echo e2 >&2", "o1\no2\n", "e1\ne2\n"),
  exact("stderr only", "printf E >&2", "", "E"),
  exact(
    "binary with NUL and invalid UTF-8",
    String.raw`printf '\000a\000\377\376\300x\000'`,
    Buffer.from([0, 97, 0, 255, 254, 192, 120, 0]),
  ),
  exact("all 256 byte values", `printf '${everyByteOctal}'`, everyByte),
  exact("all 256 byte values on stderr", `printf '${everyByteOctal}' >&2`, "", everyByte),
  exact("CR LF", String.raw`printf 'a\r\nb\r'`, "a\r\nb\r"),
  exact("CR-only progress lines", String.raw`printf '10%%\r50%%\r100%%\r'`, "10%\r50%\r100%\r"),
  {
    name: "1 MB of random bytes",
    steps: [
      {
        run: 'f=$(mktemp); head -c 1000000 /dev/urandom >"$f"; cat "$f"; sha256sum <"$f" >&2; rm "$f"; unset f',
        status: 0,
        check: ({ stdout, stderr }) =>
          stderr.toString().startsWith(createHash("sha256").update(stdout).digest("hex"))
            ? undefined
            : "the digest differs",
      },
    ],
  },
  exact("unicode", "printf '%s\\n' 'żółć 日本 🚀 \u0301'", "żółć 日本 🚀 \u0301\n"),
  exact(
    "escape sequences",
    String.raw`printf '\033[31mred\033[0m\033]0;title\007\033[2J\033c'`,
    "\u001B[31mred\u001B[0m\u001B]0;title\u0007\u001B[2J\u001Bc",
  ),
  endsWith(
    3,
    exact(
      "output that looks like prompts and passwords",
      "printf 'root@host:~# '; printf '[sudo] password for root: ' >&2; printf '(yes/no/[fingerprint])? --More--\\n$ \\n> \\n%% '; (exit 3)",
      "root@host:~# (yes/no/[fingerprint])? --More--\n$ \n> \n% ",
      "[sudo] password for root: ",
    ),
  ),
  endsWith(
    4,
    exact(
      "printf of our framing",
      String.raw`printf '\036P 1 0:0:\036\n\036P 99 5:5:\036\n'; printf '\036P 22 7:7:\036\n\036' >&2; printf 'x\036\036'; (exit 4)`,
      "\u001EP 1 0:0:\u001E\n\u001EP 99 5:5:\u001E\nx\u001E\u001E",
      "\u001EP 22 7:7:\u001E\n\u001E",
    ),
  ),
  {
    name: "our own framing replayed from the session's files",
    steps: [
      {
        // The places that the session shell has open, and what lies beside them; then everything once more on stderr.
        run: `replay() {
  for d in $(ls -l /proc/$$/fd 2>/dev/null | sed -n 's|.* -> \\(/.*\\)/[^/]*$|\\1|p' | grep -v '^/dev' | sort -u); do
    [ "$d" != / ] && find "$d" -maxdepth 1 -type f -size -200k -exec head -c 20000 {} +
  done
  cat /proc/$$/environ /proc/$$/cmdline
}
echo BEGIN; replay; replay >&2; echo END; unset -f replay; unset d; (exit 5)`,
        status: 5,
        check: ({ stdout }) => {
          const text = stdout.toString("latin1");
          return text.startsWith("BEGIN\n") && text.endsWith("END\n") ? undefined : "the output was cut";
        },
      },
    ],
  },
  exact("SIGPIPE", "yes | head -2", "y\ny\n"),
  exact(
    "/dev/stdout, /dev/stderr, tee",
    "echo a >&2; echo b >/dev/stderr; echo c | tee /dev/stderr >/dev/null; echo o >/dev/stdout",
    "o\n",
    "a\nb\nc\n",
  ),
  exact("streams are no terminals", "[ -t 1 ] || echo out; [ -t 2 ] || echo err", "out\nerr\n"),
  steps(
    "empty lines between",
    prints(String.raw`printf 'a\n\n\nb'`, "a\n\n\nb"),
    prints("printf c", "c"),
    prints("true", ""),
    prints("printf d", "d"),
  ),
];
