import { sshClose } from "./ssh-close.ts";
import { sshCopy } from "./ssh-copy.ts";
import { sshFileEdit } from "./ssh-file-edit.ts";
import { sshFileRead } from "./ssh-file-read.ts";
import { sshFileWrite } from "./ssh-file-write.ts";
import { sshInput } from "./ssh-input.ts";
import { sshList } from "./ssh-list.ts";
import { sshOpen } from "./ssh-open.ts";
import { sshRead } from "./ssh-read.ts";
import { sshRun } from "./ssh-run.ts";
import { sshStop } from "./ssh-stop.ts";
import { sshTunnel } from "./ssh-tunnel.ts";
import type { Tool } from "./tool.ts";

/** All tools in the order in which clients see them; it never changes while a server runs. */
export const toolTable: readonly Tool[] = [
  sshRun,
  sshRead,
  sshInput,
  sshStop,
  sshOpen,
  sshClose,
  sshList,
  sshFileRead,
  sshFileWrite,
  sshFileEdit,
  sshCopy,
  sshTunnel,
];
