/** What is sent to a terminal of 40 columns and 12 rows, to see what it makes of it. */
export interface ScreenScript {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What is right where tmux draws something else: the rows that are not empty, by their numbers from 1, and the cursor. */
  readonly otherwise?: { readonly rows: Readonly<Record<number, string>>; readonly cursor: readonly [number, number] };
}

const escape = "\u001B";
const csi = `${escape}[`;

/** Twelve rows, each full of one letter. */
const full = Array.from("ABCDEFGHIJKL", (letter, at) => `${csi}${at + 1}H${letter.repeat(40)}`).join("");

/** Twelve rows with their numbers, so that one that moves is seen. */
const numbered = Array.from({ length: 12 }, (_, at) => `${csi}${at + 1};1Hrow ${at + 1}`).join("");

const at = (row: number, column: number): string => `${csi}${row};${column}H`;
const text = (name: string, sent: string): ScreenScript => ({ name, bytes: Buffer.from(sent) });

/** One that tmux 3.3 draws otherwise than it should. */
const apart = (name: string, sent: string, otherwise: ScreenScript["otherwise"]): ScreenScript => ({
  ...text(name, sent),
  ...(otherwise === undefined ? {} : { otherwise }),
});

const cursor: readonly ScreenScript[] = [
  text("addressed, from 1 and beyond the edges", `${at(3, 5)}a${at(0, 0)}b${at(99, 99)}c${at(12, 1)}d`),
  text("moved up, down, forward and back", `${at(6, 20)}o${csi}2Au${csi}4Bd${csi}3Cf${csi}9Db`),
  text("stopped at the edges", `${csi}50A${csi}50Da${csi}50B${csi}50Cb${csi}50Dc`),
  text("moved by no and by zero parameters", `${at(5, 5)}${csi}A${csi}0Bx${csi}Cy${csi}0Dz`),
  text("sent to lines (CNL, CPL)", `${at(4, 9)}a${csi}2Eb${csi}3Fc${csi}Ed`),
  text("sent to columns and rows (CHA, HPA, VPA)", `${at(2, 2)}${csi}10Ga${csi}20\`b${csi}5dc${csi}99Gd`),
  text("saved and restored (DECSC, DECRC)", `${at(4, 7)}${escape}7${at(9, 9)}x${escape}8y`),
  text("saved and restored (SCO)", `${at(4, 7)}${csi}s${at(9, 9)}x${csi}uy`),
  text("restored without having been saved", `${at(4, 7)}x${escape}8y`),
  text("at the margin, saved and restored there", `${at(2, 40)}x${escape}7${at(5, 5)}y${escape}8z`),
  text("stepped back over the beginning of a row", `${at(3, 3)}ab\b\b\b\b\b\bc`),
  text("wrapped by a carriage return alone", "one two\rO\r\n\r\nthree"),
];

const lines: readonly ScreenScript[] = [
  text("line feeds at the bottom scroll", `${numbered}${at(12, 10)}\nx\ny`),
  text("vertical tabs and form feeds are line feeds", `${at(2, 2)}a\u000Bb\u000Cc`),
  text("index and reverse index (IND, RI)", `${numbered}${at(12, 3)}${escape}Dx${at(1, 3)}${escape}My${escape}Mz`),
  text("next line (NEL)", `${at(12, 20)}a${escape}Eb`),
  text("insert lines (IL)", `${numbered}${at(4, 1)}${csi}3Lx`),
  text("delete lines (DL)", `${numbered}${at(4, 1)}${csi}3Mx`),
  text("insert and delete more lines than there are", `${numbered}${at(6, 1)}${csi}99Lx${at(2, 1)}${csi}99My`),
  text("scroll up and down (SU, SD)", `${numbered}${at(6, 4)}${csi}2Sx${csi}3Ty`),
  text("scroll region: line feeds scroll within it", `${numbered}${csi}4;8r${at(8, 10)}\na\nb${at(12, 10)}\nc`),
  text(
    "scroll region: reverse index at its top",
    `${numbered}${csi}4;8r${at(4, 10)}${escape}Ma${at(1, 10)}${escape}Mb`,
  ),
  text(
    "scroll region: insert and delete lines within it",
    `${numbered}${csi}4;8r${at(5, 1)}${csi}2La${at(7, 1)}${csi}1Mb`,
  ),
  text("scroll region: scroll up and down", `${numbered}${csi}3;6r${csi}1Sa${csi}2Tb`),
  text(
    "scroll region: the cursor stops at its edges",
    `${csi}4;8r${at(6, 1)}${csi}50Aa${at(6, 9)}${csi}50Bb${at(2, 20)}${csi}50Ac`,
  ),
  text("scroll region: senseless ones are refused", `${numbered}${csi}8;4r${at(12, 10)}\na${csi}5;5r\nb`),
  text("scroll region: taken back, and the cursor is home", `${numbered}${csi}4;8r${at(9, 9)}${csi}rx${at(12, 10)}\ny`),
  text("scroll region: text that wraps at its bottom", `${numbered}${csi}4;8r${at(8, 30)}${"wrap ".repeat(8)}`),
  text("origin mode", `${csi}4;8r${csi}?6h${at(1, 1)}a${at(99, 5)}b${csi}2dc${csi}?6l${at(1, 8)}d`),
];

const erased: readonly ScreenScript[] = [
  text(
    "to the end, to the beginning, and all of a row",
    `${full}${at(2, 20)}${csi}K${at(4, 20)}${csi}1K${at(6, 20)}${csi}2K`,
  ),
  text("to the end of the screen", `${full}${at(5, 20)}${csi}J`),
  text("to the beginning of the screen", `${full}${at(5, 20)}${csi}1J`),
  text("all of the screen, with the cursor where it was", `${full}${at(5, 20)}${csi}2Jx`),
  text("characters (ECH)", `${full}${at(3, 10)}${csi}5X${at(4, 38)}${csi}99X${at(5, 5)}${csi}X`),
  text("behind the last column", `${full}${at(3, 40)}z${csi}K${at(5, 40)}z${csi}J`),
  text("and what is kept as it is with senseless parameters", `${full}${at(3, 3)}${csi}7K${csi}9J`),
];

const characters: readonly ScreenScript[] = [
  text("inserted (ICH)", `${at(2, 1)}0123456789${at(2, 4)}${csi}3@ab${at(3, 1)}${"x".repeat(30)}${at(3, 9)}${csi}@`),
  text("repeated (REP)", `ab${csi}5b${at(2, 8)}z${csi}9b`),
  text("wrapped only when another one comes", `${at(2, 40)}a${csi}Cb${at(4, 40)}a\rb`),
  text("and the wrap that is due is dropped by moving", `${at(2, 40)}a${csi}Ab${at(7, 40)}a${at(7, 40)}b`),
  text("deleted (DCH)", `${at(2, 1)}0123456789${at(2, 4)}${csi}3P${at(3, 1)}${"x".repeat(40)}${at(3, 39)}${csi}9Py`),
  text(
    "in insert mode (IRM)",
    `0123456789${at(1, 4)}${csi}4habc${csi}4lxy${at(2, 1)}${"x".repeat(40)}${at(2, 2)}${csi}4hab`,
  ),
  text("wrapped at the last column", `${"0123456789".repeat(5)}`),
  text("wrapped at the last column of the last row", `${numbered}${at(12, 38)}abcdef`),
  text("not wrapped where that is off (DECAWM)", `${csi}?7l${at(2, 38)}abcdef${csi}?7h${at(4, 38)}abcdef`),
  text("tabs, eight apart", "a\tb\tc\td\te\tf\tg\th"),
  text(
    "tabs set and cleared (HTS, TBC)",
    `${csi}3g${at(1, 5)}${escape}H${at(1, 12)}${escape}H\r\ta\tb\tc${at(2, 5)}${csi}g\r\td`,
  ),
  text("a screen full of E (DECALN)", `${escape}#8${at(6, 6)}x`),
];

const sets: readonly ScreenScript[] = [
  text(
    "line drawing as G0",
    `${escape}(0lqqk${escape}(B lqqk\r\n${escape}(0x  x${escape}(B\r\n${escape}(0mqqj tuvwn${escape}(B`,
  ),
  text("line drawing as G1, shifted in and out", `${escape})0ab\u000Eab\u000Fab\u000Eqx`),
  text("a set saved with the cursor", `${escape}(0${escape}7${escape}(Bq${escape}8q${escape}(Bq`),
  text("wide characters, and one that does not fit", `日本語 ab\r\n${"x".repeat(39)}日y${at(5, 3)}本`),
  text(
    "wide characters deleted, erased and inserted",
    `日本語end${at(1, 1)}${csi}2P${at(2, 1)}日本語${at(2, 3)}${csi}2X${at(3, 1)}日本語${at(3, 3)}${csi}2@ab`,
  ),
  text("combining characters", `e\u0301a\u0308 n\u0303${at(2, 40)}e\u0301x`),
  text("UTF-8 in pieces that are senseless", "a\u00E9b\u20ACc"),
  { name: "UTF-8 that is none", bytes: Buffer.from([0x61, 0xff, 0x62, 0xe2, 0x82, 0x63, 0xc0, 0xaf, 0x64]) },
];

const modes: readonly ScreenScript[] = [
  text(
    "colours are no text",
    `${csi}1;31mred${csi}0m ${csi}38;5;200mx${csi}48;2;1;2;3my${csi}mz${csi}4:3mw${csi}7;8mhidden${csi}m`,
  ),
  text("the alternate screen, and back (1049)", `main${at(4, 4)}x${csi}?1049h${csi}2Jalt${at(9, 9)}y${csi}?1049lz`),
  text("the alternate screen, stayed in (1049)", `main${csi}?1049h${at(3, 3)}alt`),
  text("the alternate screen entered twice", `main${csi}?1049ha${csi}?1049hb${csi}?1049lc`),
  text("a full reset (RIS)", `${full}${csi}4;8r${csi}?6h${csi}4h${escape}(0${escape}cqx`),
  text(
    "titles and other strings are no text",
    `${escape}]0;title\u0007a${escape}]2;other${escape}\\b${escape}P+q544e${escape}\\c${escape}^pm${escape}\\d${escape}_apc${escape}\\e`,
  ),
  text("sequences that nobody knows are no text", `a${csi}?9999hb${csi}12;34;56yc${csi}>5wd${escape}%Ge${csi}!zf`),
  text("control characters within a sequence are obeyed", `${at(3, 3)}a${csi}\b2Cb${csi}1\r\nHc`),
  text("a sequence that is cancelled", `a${csi}5\u0018b${csi}5\u001Ac${escape}${csi}3Cd`),
];

/** What tmux does not know, or does otherwise than the terminals that it stands for. */
const unlikeTmux: readonly ScreenScript[] = [
  apart("moved relatively (HPR, VPR)", `${at(2, 2)}a${csi}5ab${csi}2ec`, {
    rows: { 2: " a     b", 4: "        c" },
    cursor: [4, 10],
  }),
  apart("lines that are inserted or deleted take the cursor to the beginning", `ab${csi}Lc${at(4, 4)}${csi}Md`, {
    rows: { 1: "c", 2: "ab", 4: "d" },
    cursor: [4, 2],
  }),
  apart("scroll region: outside of it lines are not inserted", `${csi}4;8r${at(2, 2)}a${csi}2L${at(10, 2)}b${csi}M`, {
    rows: { 2: " a", 10: " b" },
    cursor: [10, 3],
  }),
  apart("inserted up to the margin (ICH)", `${"x".repeat(40)}${at(1, 39)}${csi}9@`, {
    rows: { 1: "x".repeat(38) },
    cursor: [1, 39],
  }),
  apart("repeated over the margin (REP)", `${at(2, 38)}z${csi}9b`, {
    rows: { 2: `${" ".repeat(37)}zzz`, 3: "zzzzzzz" },
    cursor: [3, 8],
  }),
  apart("behind the last column is in it: backspace", `${at(6, 40)}a\bb`, {
    rows: { 6: `${" ".repeat(38)}ba` },
    cursor: [6, 40],
  }),
  apart("behind the last column is in it: CUB", `${at(5, 40)}a${csi}Dc`, {
    rows: { 5: `${" ".repeat(38)}ca` },
    cursor: [5, 40],
  }),
  apart("tabs forward (CHT)", `${at(2, 1)}${csi}2Ia`, { rows: { 2: `${" ".repeat(16)}a` }, cursor: [2, 18] }),
  apart("the second half of a wide character written over", `日本${at(1, 2)}x`, {
    rows: { 1: " x本" },
    cursor: [1, 3],
  }),
  apart("a soft reset (DECSTR)", `${csi}4;8r${csi}4h${csi}?6h${csi}!p${at(1, 1)}new${at(12, 9)}\nx`, {
    rows: { 12: "        x" },
    cursor: [12, 10],
  }),
  apart("linefeed mode (LNM)", `${csi}20hone\ntwo${csi}20l\nthree`, {
    rows: { 1: "one", 2: "two", 3: "   three" },
    cursor: [3, 9],
  }),
];

/** All of them: what a terminal of the VT100's kind has to draw alike. */
export const screenScripts: readonly ScreenScript[] = [
  cursor,
  lines,
  erased,
  characters,
  sets,
  modes,
  unlikeTmux,
].flat();
