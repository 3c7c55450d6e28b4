// What the person at the terminal sees once the demo runs: a token, and curl lines with the answer each should give.
import { addHamster, BROKERED, visitBroker, VISITS, visitPage } from '../../examples/hamsters/sign-in.mjs';
import { TRIES, run, tamper } from '../../examples/hamsters/tries.mjs';
import { brokerUrl, issuerUrl, loginUrl, zooUrl } from './configuration.mjs';

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

/** @param {Demo} demo @returns {readonly (readonly [name: string, url: string])[]} */
function loginProxies({ ports }) {
  return [
    ['HAProxy', loginUrl(ports, 'haproxy-login')],
    ['nginx', loginUrl(ports, 'nginx-login')],
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
  lines.push(
    '',
    'Two applications behind a login, for a browser. Sign in as test (password test), or as test2, who is in group2:',
    '',
  );
  for (const [name, url] of loginProxies(demo)) {
    lines.push(
      `${url}/app1/   # ${name}: for everybody who signs in`,
      `${url}/app2/   # ${name}: for members of group2`,
    );
  }
  lines.push(
    '',
    'A broker, with the same people: it mints a token of its own, and HAProxy in front of the zoo accepts it by discovery:',
    '',
    `${brokerUrl(demo.ports)}/   # nginx: sign in, and the zoo's page adds a hamster with the token`,
    `${brokerUrl(demo.ports)}/.well-known/openid-configuration   # nginx: where its keys are`,
  );
  lines.push('', 'Ctrl-C ends everything. What follows is what the services log.', '');
  console.log(lines.join('\n'));
}

/**
 * Makes every try on both proxies and says what came back.
 * @param {Demo} demo
 * @param {Tokens} tokens
 * @returns {Promise<number>} how many answers are not as promised
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
  return wrong;
}

/**
 * Signs in on both proxies, and says what came of it.
 * @param {Demo} demo
 * @returns {Promise<number>} how many answers are not as promised
 */
export async function checkVisits(demo) {
  let wrong = 0;
  for (const [name, url] of loginProxies(demo)) {
    for (const one of VISITS) {
      const { status, url: end } = await visitPage(one, url);
      const right = status === one.status && end === url + one.path;
      wrong += right ? 0 : 1;
      const promised = right ? '' : ` at ${end}, and ${one.status} was promised`;
      console.log(
        `check: ${right ? 'ok   ' : 'WRONG'} ${name} ${one.user} ${one.path}: ${status}${promised} (${one.title})`,
      );
    }
  }
  return wrong;
}

/**
 * Signs in at the broker, and uses its token where it is accepted by discovery.
 * @param {Demo} demo
 * @param {Tokens} tokens
 * @returns {Promise<number>} how many answers are not as promised
 */
export async function checkBroker(demo, tokens) {
  const zoo = zooUrl(demo.ports);
  const { url, status, token } = await visitBroker(brokerUrl(demo.ports), 'test');
  const isBack = status === 200 && url === `${zoo}/zoo` && token !== '';
  console.log(`check: ${isBack ? 'ok   ' : 'WRONG'} broker test: ${status} at ${url} (its token goes to the zoo)`);
  let wrong = isBack ? 0 : 1;
  const credentials = { none: undefined, person: token, tampered: tamper(token), keeper: tokens.keeper };
  for (const one of BROKERED) {
    const answer = await addHamster(zoo, credentials[one.caller]);
    const right = answer.status === one.status;
    wrong += right ? 0 : 1;
    const promised = right ? '' : `, and ${one.status} was promised`;
    console.log(
      `check: ${right ? 'ok   ' : 'WRONG'} zoo POST by ${one.caller}: ${answer.status}${promised} (${one.title})`,
    );
  }
  return wrong;
}
