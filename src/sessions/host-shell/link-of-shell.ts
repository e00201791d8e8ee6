import type { HoldfastError } from "../../base/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { Answers } from "./answers.ts";
import type { Hello } from "./attachment.ts";
import type { EndOfCommand } from "./end-of-command.ts";
import { HostLink, type LinkDeps } from "./host-link.ts";
import type { RunRequests } from "./run-requests.ts";
import type { SideChannels } from "./side-channels.ts";
import type { Siblings } from "./siblings.ts";
import type { SpoolFollower } from "./spool-follower.ts";

interface ShellParts {
  readonly place: Pick<LinkDeps, "id" | "base" | "connect">;
  readonly commands: CommandBook;
  readonly follower: SpoolFollower;
  readonly answers: Answers;
  readonly watchers: ReadonlyMap<HostCommand, number>;
  readonly side: Pick<SideChannels, "line">;
  siblings(): Siblings;
  ends(): EndOfCommand;
  requests(): RunRequests;
  attached(hello: Hello, awayMs: number | undefined, carried: boolean): void;
  gone(error: HoldfastError): void;
}

/** The link of a session's shell: what comes over it goes to whoever it is for. */
export function linkOfShell(parts: ShellParts): HostLink {
  const { place, commands, follower, answers, watchers } = parts;
  return new HostLink(
    {
      id: place.id,
      base: place.base,
      connect: (first) => place.connect(first),
      position: () => follower.position,
      given: () => parts.requests().given,
      waitedFor: () => watchers.size > 0,
      busy: () => commands.running().length > 0,
    },
    {
      onAttached: (hello, awayMs, carried) => {
        parts.attached(hello, awayMs, carried);
      },
      onLost: (error) => {
        parts.gone(error);
      },
      onBarrier: (stream, position) => {
        follower.barrier(stream, position);
      },
      onBytes: (stream, bytes) => {
        follower.bytes(stream, bytes);
        parts.ends().bytesCame(stream);
      },
      onLine: (words, line) => {
        answers.tell(`${words[0]} ${words[1]}`, words[2] ?? "");
        parts.side.line(words, line);
        parts.siblings().line(words);
        parts.ends().line(words, line);
      },
    },
  );
}
