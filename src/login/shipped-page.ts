// The page that ships: no script, nothing from elsewhere, light and dark, for keyboards and screen readers.

export const STYLE = [
  ':root{color-scheme:light dark;--ink:#1b1b1f;--paper:#fff;--ground:#f2f2f5;--deed:#0b57d0;--on-deed:#fff}',
  '@media(prefers-color-scheme:dark){:root{--ink:#e6e6ea;--paper:#202024;--ground:#141416;--deed:#a8c7fa;--on-deed:#062e6f}}',
  'body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--ink);font:1.0625rem/1.5 system-ui,sans-serif}',
  'main{box-sizing:border-box;width:min(32rem,100%);padding:2rem;background:var(--paper);border-radius:.75rem}',
  'h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.25}',
  'a,button{font:inherit}',
  '.deed{display:inline-block;min-height:1.5rem;padding:.625rem 1.25rem;border:0;border-radius:.5rem;background:var(--deed);color:var(--on-deed);text-decoration:none;cursor:pointer}',
  '.deed:hover{text-decoration:underline}',
  'a{color:var(--deed)}a.deed{color:var(--on-deed)}',
  ':focus-visible{outline:3px solid var(--deed);outline-offset:3px}',
  'form,.actions{margin:1.5rem 0 0}',
  '.code{font-size:.875rem;opacity:.8}',
].join('');

/** SHA-256 of `STYLE`, as a content security policy names it; test/unit/login/pages.test.ts computes it. */
export const STYLE_SOURCE = "'sha256-fRMW+U6Py4iKH+G5ntpiYjxiVixHWzoizUUKQxvlqrA='";

export const TEMPLATE = [
  '<!doctype html>',
  '<html lang="en">',
  '<head>',
  '<meta charset="utf-8">',
  '<meta name="viewport" content="width=device-width, initial-scale=1">',
  '<meta name="robots" content="noindex">',
  '<title>{{title}}</title>',
  '<style>' + STYLE + '</style>',
  '</head>',
  '<body class="{{page}}">',
  '<main>',
  '<h1>{{title}}</h1>',
  '<p>{{message}}</p>',
  '<p>{{advice}}</p>',
  '{{actions}}',
  '{{reason}}',
  '</main>',
  '</body>',
  '</html>',
  '',
].join('\n');
