/** A path as Windows writes it: `/C:/Users/x`, `C:/Users/x` and `C:\Users\x` are the same; one that is relative begins at `from`. */
export function windowsPath(path: string, from?: string): string {
  const plain = path.replace(/^\/(?=[A-Za-z]:)/, "").replaceAll("/", "\\");
  const drive = /^[A-Za-z]:$/.test(plain) ? `${plain}\\` : plain;
  if (from === undefined || /^(?:[A-Za-z]:|\\)/.test(drive)) return drive;
  return `${from.replace(/\\$/, "")}\\${drive}`;
}

/** A path as SFTP of Windows hosts writes it: `/C:/Users/x`. What has no drive stays as it is, but for its slashes. */
export function sftpPathOf(path: string): string {
  const plain = path.replaceAll("\\", "/");
  return /^[A-Za-z]:/.test(plain) ? `/${plain.replace(/^([A-Za-z]:)\/?/, "$1/")}` : plain;
}

/** Whether a directory is one of Windows: `C:\Users\x`, or one of another machine. */
export function isWindowsPath(directory: string): boolean {
  return /^(?:[A-Za-z]:|\\\\)/.test(directory);
}
