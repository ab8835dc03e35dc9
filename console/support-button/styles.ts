/**
 * In a constructed sheet, which a policy without inline styles lets through. Colours have a contrast of 4.5 and more in both themes; the ground is
 * its own, because the page around it may be light when the system is dark.
 */
export const STYLES = `
:host{all:initial;display:inline-block;max-width:28rem;color-scheme:light dark;font:14px/1.45 system-ui,sans-serif;color:light-dark(#1b1f24,#e8eaed)}
:host([theme=light]){color-scheme:light}
:host([theme=dark]){color-scheme:dark}
:host([hidden]){display:none}
*{box-sizing:border-box}
[hidden]{display:none!important}
section{display:grid;gap:.5rem;justify-items:start;padding:.6rem .75rem;border:1px solid light-dark(#d0d7de,#3d444d);border-radius:8px;background:light-dark(#fff,#1b1f24)}
p,ul{margin:0;padding:0}
ul{padding-left:1.2em;color:light-dark(#57606a,#a5adb8)}
p{overflow-wrap:anywhere}
button{font:inherit;font-weight:600;color:#fff;background:#0b5cad;border:1px solid transparent;border-radius:6px;padding:.4em .9em;min-height:2rem;cursor:pointer}
button:hover{background:#094a8c}
button[data-action=stop]{background:#b42318}
button[data-action=stop]:hover{background:#912018}
button[aria-disabled=true]{background:#57606a;cursor:default}
button.copy{color:inherit;background:transparent;border-color:light-dark(#8c959f,#6e7681)}
a{color:light-dark(#0b5cad,#7ab7ff)}
:focus-visible{outline:3px solid light-dark(#0b5cad,#7ab7ff);outline-offset:2px}
.dot{display:inline-block;width:.65em;height:.65em;border-radius:50%;background:#d92d20;margin-right:.4em;animation:pulse 1.6s infinite}
@keyframes pulse{50%{opacity:.35}}
@media (prefers-reduced-motion:reduce){.dot{animation:none}}
@media (forced-colors:active){button{border-color:ButtonText}.dot{background:Highlight;forced-color-adjust:none}}
`;
