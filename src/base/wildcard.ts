/** Whether `text` matches `pattern`, where `*` is any run of characters and `?` any one. Takes time linear in the product of lengths at worst. */
export function matchesWildcard(pattern: string, text: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    const wanted = pattern[from];
    if (wanted === "*") {
      star = from;
      starAt = at;
      from += 1;
    } else if (wanted !== undefined && (wanted === "?" || wanted === text[at])) {
      from += 1;
      at += 1;
    } else if (star >= 0) {
      from = star + 1;
      starAt += 1;
      at = starAt;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(from));
}
