/** How the one-time page looks, by day and by night, on a telephone and on a desk. `leftS`: seconds until its form is of no use any more. */
export function pageStyle(leftS: number): string {
  return `${style}
.bar i{animation:shrink ${leftS}s linear forwards}
.late{animation:show 0s ${leftS}s forwards}
form{animation:hide 0s ${leftS}s forwards}
`;
}

// Every pair of ink and ground has a contrast of at least 4.5; what can be pressed is at least 44 pixels high.
const style = `
:root{color-scheme:light dark;--ink:#1c2024;--soft:#5a5f68;--paper:#fff;--ground:#f1f3f6;--line:#d5d9e0;--edge:#71767f;--strong:#1b58b3;--onstrong:#fff;--warn:#fff3dc;--onwarn:#5b3a00;--warnline:#e2b35c;--bad:#fdebea;--onbad:#8a1c16;--badline:#d9837d;--good:#1d7a46}
@media(prefers-color-scheme:dark){:root{--ink:#eceef1;--soft:#a9aeb8;--paper:#1a1d22;--ground:#101215;--line:#363b43;--edge:#868c97;--strong:#86b8ff;--onstrong:#0a1626;--warn:#32270f;--onwarn:#ffdd9a;--warnline:#8a6a22;--bad:#3a1a1a;--onbad:#ffb9b2;--badline:#8f4540;--good:#6fd69b}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100dvh;display:grid;place-items:center;padding:1rem;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:36rem;padding:1.5rem;background:var(--paper);border:1px solid var(--line);border-radius:14px;box-shadow:0 1px 2px #0001,0 8px 32px #0001}
@media(max-width:30rem){body{padding:0;place-items:start stretch;background:var(--paper)}main{border:0;border-radius:0;box-shadow:none;padding:1.25rem}}
.brand{display:flex;align-items:center;gap:.5rem;margin:0 0 1rem;color:var(--soft);font-size:.85rem;font-weight:600;letter-spacing:.02em}
.brand svg{width:1.25rem;height:1.25rem;color:var(--strong)}
h1{margin:0 0 1rem;font-size:1.4rem;line-height:1.25;overflow-wrap:anywhere}
p{margin:.75rem 0}
.soft{color:var(--soft);font-size:.9rem}
.code{display:flex;align-items:center;gap:1rem;margin:1rem 0;padding:.75rem 1rem;background:var(--ground);border:1px solid var(--line);border-radius:10px}
.code strong{font:700 1.75rem/1.2 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;letter-spacing:.12em}
.code span{font-size:.9rem;color:var(--soft)}
.warn,.bad{margin:.75rem 0;padding:.6rem .9rem;border:1px solid;border-radius:10px;overflow-wrap:anywhere}
.warn{color:var(--onwarn);background:var(--warn);border-color:var(--warnline)}
.bad{color:var(--onbad);background:var(--bad);border-color:var(--badline)}
dl{margin:1rem 0;display:grid;gap:.75rem}
dt{color:var(--soft);font-size:.85rem}
dd{margin:0;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.95rem;white-space:pre-wrap;overflow-wrap:anywhere}
dd.prose{font:inherit}
.until{display:grid;margin:1.25rem 0 0}
.until>*{grid-area:1/1;min-width:0}
.late{visibility:hidden;align-self:start;margin:0}
label{display:block;margin:1rem 0 .35rem;font-weight:600;overflow-wrap:anywhere}
label:first-of-type{margin-top:0}
label .soft{display:block;font-weight:400;font-size:.85rem}
input{display:block;width:100%;min-height:2.9rem;padding:.5rem .75rem;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--edge);border-radius:10px}
input[aria-invalid]{border-color:var(--onbad)}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.25rem}
button{min-height:2.9rem;padding:.5rem 1.25rem;font:inherit;font-weight:600;color:var(--ink);background:transparent;border:1px solid var(--edge);border-radius:10px;cursor:pointer}
button:hover{background:var(--ground)}
button.strong,button.strong:hover{color:var(--onstrong);background:var(--strong);border-color:var(--strong)}
@media(max-width:30rem){button{flex:1 1 auto}}
:focus-visible{outline:3px solid var(--strong);outline-offset:2px}
.bar{height:3px;margin:1.25rem 0 .75rem;background:var(--line);border-radius:2px;overflow:hidden}
.bar i{display:block;height:100%;background:var(--soft);transform-origin:left}
.done{display:flex;gap:.9rem;align-items:flex-start}
.done svg{flex:none;width:1.75rem;height:1.75rem;color:var(--soft)}
.done.good svg{color:var(--good)}
.done h1{margin-bottom:.25rem}
.done p{margin:0}
@keyframes shrink{to{transform:scaleX(0)}}
@keyframes show{to{visibility:visible}}
@keyframes hide{to{visibility:hidden}}
@media(prefers-reduced-motion){.bar{display:none}}
`;
