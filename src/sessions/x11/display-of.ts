import type { Target } from "../../config/index.ts";
import type { X11Settings } from "../../ssh/index.ts";

/** What the settings say of the display for a target's programs. */
export type DisplayOfTarget = Pick<Target, "x11" | "x11Display" | "x11Authority">;

/** The display that a target's programs may use. */
export function displayOf({ x11, x11Display, x11Authority }: DisplayOfTarget): X11Settings | "off" {
  return x11 === "off" ? x11 : { trust: x11, display: x11Display, authority: x11Authority };
}
