// What the person at the terminal sees once the demo runs: a token, and curl lines with the answer each should give.
import { TRIES, run } from '../../examples/hamsters/tries.mjs';
import { issuerUrl } from './configuration.mjs';

/** The callers whose tokens are printed; a changed token is the keeper's with one more character. */
const PRINTED = { none: '', keeper: '$TOKEN', visitor: '$VISITOR', tampered: '${TOKEN}x' };

/**
 * @typedef {import('./configuration.mjs').Demo} Demo
 * @typedef {import('../../examples/hamsters/tries.mjs').Tokens} Tokens
 */

/** @param {Demo} demo @returns {readonly (readonly [name: string, url: string])[]} */
function proxies({ ports }) {
  return [
    ['HAProxy', `http://127.0.0.1:${ports.haproxy}`],
    ['nginx', `http://127.0.0.1:${ports.nginx}`],
  ];
}

/** @param {Demo} demo @param {Tokens} tokens */
export function printTries(demo, tokens) {
  const lines = [
    '',
    'A token that may read and write, and one that may only read (both are good for an hour):',
    '',
    `TOKEN=${tokens.keeper}`,
    `VISITOR=${tokens.visitor}`,
    '',
    'A fresh answer with a token in it:',
    '',
    `curl -u keeper:${demo.secret} ${issuerUrl(demo.ports)}/token \\`,
    `  -d grant_type=client_credentials -d 'scope=read:hamsters write:hamsters' -d resource=${demo.audience}`,
  ];
  for (const [name, url] of proxies(demo)) {
    lines.push('', `${name}, and what each line should answer:`, '');
    for (const one of TRIES) {
      if (one.caller in PRINTED) {
        const token = PRINTED[/** @type {keyof typeof PRINTED} */ (one.caller)];
        const method = one.method === 'GET' ? '' : ` -X ${one.method}`;
        const header = token === '' ? '' : ` -H "Authorization: Bearer ${token}"`;
        lines.push(`curl -i${method}${header} ${url}${one.path}   # ${one.status}: ${one.title}`);
      }
    }
  }
  lines.push('', 'Ctrl-C ends everything. What follows is what the services log.', '');
  console.log(lines.join('\n'));
}

/**
 * Makes every try on both proxies and says what came back.
 * @param {Demo} demo
 * @param {Tokens} tokens
 * @returns {Promise<boolean>} whether all answered as promised
 */
export async function checkTries(demo, tokens) {
  let wrong = 0;
  for (const [name, url] of proxies(demo)) {
    for (const one of TRIES) {
      const { status } = await run(one, url, tokens);
      const right = status === one.status;
      wrong += right ? 0 : 1;
      const promised = right ? '' : `, and ${one.status} was promised`;
      console.log(
        `check: ${right ? 'ok   ' : 'WRONG'} ${name} ${one.method} ${one.path}: ${status}${promised} (${one.title})`,
      );
    }
  }
  console.log(wrong === 0 ? 'check: every answer is as promised' : `check: ${wrong} answers are not as promised`);
  return wrong === 0;
}
