/** A place in a session's spools: an epoch (named by its first command's number) and a byte offset in each of its two files. */
export interface SpoolPosition {
  readonly epoch: number;
  readonly stdout: number;
  readonly stderr: number;
}
