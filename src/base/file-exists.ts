import { access } from "node:fs/promises";

/** Whether something is at this path, as far as this user can see. Never rejects. */
export async function fileExists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
