// The chart of the README: requests a second as bars, in an SVG that reads on light and on dark pages.

const BARS = [
  ['HAProxy 3.2', 'haproxy sid: empty', 'a Lua action that does nothing'],
  ['HAProxy 3.2', 'haproxy sid: lane', 'jwtverify, token in the lane'],
  ['HAProxy 3.2', 'haproxy sid: seen', 'jwtverify, token seen before'],
  ['HAProxy 3.2', 'haproxy sid: new', 'jwtverify, every token new'],
  ['HAProxy 3.2', 'haproxy sid: own', "HAProxy's own jwt_verify"],
  ['nginx 1.30, njs', 'nginx njs: empty auth_request', 'a handler that does nothing'],
  ['nginx 1.30, njs', 'nginx njs: seen auth_request', 'jwtverify, token seen before'],
  ['nginx 1.30, njs', 'nginx njs: new auth_request', 'jwtverify, every token new'],
  ['nginx 1.30, QuickJS', 'nginx QuickJS: empty auth_request', 'a handler that does nothing'],
  ['nginx 1.30, QuickJS', 'nginx QuickJS: seen auth_request', 'jwtverify, token seen before'],
  ['nginx 1.30, QuickJS', 'nginx QuickJS: new auth_request', 'jwtverify, every token new'],
  ['nginx 1.30, C', 'nginx C: peer', "TeslaGov's C module"],
];

const WIDTH = 760;
const LEFT = 250;
const RIGHT = 90;
const BAR = 16;
const STEP = 23;
const HEAD = 30;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .group { font-weight: 600 }
  .note { font-size: 11px; fill: #57606a }
  .ours { fill: #1a7f52 }
  .other { fill: #8c959f }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .note { fill: #9198a1 }
    .ours { fill: #3fb27f }
    .other { fill: #6e7681 }
  }`;

/** @param {string} text */
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/**
 * @param {readonly import('./measure.mjs').Result[]} results
 * @param {string} note one line beneath
 * @returns {string} the SVG
 */
export function drawChart(results, note) {
  const bars = BARS.flatMap(([group = '', id = '', label = '']) => {
    const result = results.find((one) => one.id === id);
    return result === undefined ? [] : [{ group, label, rate: result.rate }];
  });
  const most = Math.max(...bars.map(({ rate }) => rate));
  const lines = [];
  let y = 4;
  let group = '';
  for (const bar of bars) {
    if (bar.group !== group) {
      group = bar.group;
      y += HEAD;
      lines.push(`<text class="group" x="8" y="${y - 8}">${escape(group)}</text>`);
    }
    const width = Math.max(2, Math.round((bar.rate / most) * (WIDTH - LEFT - RIGHT)));
    const kind = bar.label.startsWith('jwtverify') ? 'ours' : 'other';
    lines.push(
      `<text x="${LEFT - 10}" y="${y + 12}" text-anchor="end">${escape(bar.label)}</text>`,
      `<rect class="${kind}" x="${LEFT}" y="${y}" width="${width}" height="${BAR}" rx="2"/>`,
      `<text x="${LEFT + width + 8}" y="${y + 12}">${Math.round(bar.rate).toLocaleString('en')}</text>`,
    );
    y += STEP;
  }
  lines.push(`<text class="note" x="8" y="${y + 16}">${escape(note)}</text>`);
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 26}" width="${WIDTH}" role="img"`;
  return `${head} aria-label="Requests a second on one core">\n<style>${STYLE}\n</style>\n${lines.join('\n')}\n</svg>\n`;
}
