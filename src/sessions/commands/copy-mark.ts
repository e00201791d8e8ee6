/** How the text of a command begins that stands for a copy (a comment for its shell): its server feeds it, so that it never waits for anybody else. */
export const copyMark = "# ssh_copy ";
