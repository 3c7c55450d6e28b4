// Signs in at the demo as a browser does, and says what came of it. `npm start -- --check` and the tests run it.
import { request } from 'node:http';

/**
 * What a user gets of both applications.
 * @typedef {{ path: string, user: string, status: number, title: string }} Visit
 */

/** In this order, each in a browser of its own user. @type {readonly Visit[]} */
export const VISITS = [
  { path: '/app1/?hamster=turbo', user: 'test', status: 200, title: 'any user may open app1' },
  { path: '/app2/', user: 'test', status: 403, title: 'test is not in group2' },
  { path: '/app2/', user: 'test2', status: 200, title: 'test2 is in group2' },
];

const MOST_HOPS = 12;

/**
 * One request as a browser loads a page. Node's `fetch` says in its headers that it is a script, which is never sent to sign-in.
 * @param {string} url @param {string} cookie @param {URLSearchParams | undefined} form
 * @returns {Promise<{ status: number, location: string | undefined, cookies: string[], text: string }>}
 */
function exchange(url, cookie, form) {
  const method = form === undefined ? 'GET' : 'POST';
  const headers = { accept: 'text/html', cookie, 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false, timeout: 10_000 }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      incoming.on('end', () => {
        const { location, 'set-cookie': cookies = [] } = incoming.headers;
        resolve({ status: incoming.statusCode ?? 0, location, cookies, text });
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer from ${url}`)));
    outgoing.on('error', reject);
    outgoing.end(form?.toString());
  });
}

/**
 * A browser with cookies that follows redirects. All of the demo is one host.
 * @param {(url: string) => string} reach where a URL is reached
 */
function openBrowser(reach) {
  /** @type {Map<string, string>} */
  const jar = new Map();
  return async function load(/** @type {string} */ address, /** @type {URLSearchParams | undefined} */ form) {
    let url = address;
    let body = form;
    for (let hop = 0; hop < MOST_HOPS; hop += 1) {
      const answer = await exchange(reach(url), [...jar].map((pair) => pair.join('=')).join('; '), body);
      for (const field of answer.cookies) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(field) ?? [];
        if (value === '') {
          jar.delete(name);
        } else {
          jar.set(name, value);
        }
      }
      if (answer.location === undefined) {
        return { url, status: answer.status, text: answer.text };
      }
      url = new URL(answer.location, url).href;
      body = undefined;
    }
    throw new Error(`${address} redirects without end`);
  };
}

/** What the zoo answers to whom, with the broker's tokens or without. @type {readonly { title: string, caller: 'none' | 'person' | 'tampered' | 'keeper', status: number }[]} */
export const BROKERED = [
  { title: 'adding a hamster requires a token', caller: 'none', status: 401 },
  { title: "the broker's token adds one", caller: 'person', status: 201 },
  { title: 'the same token, changed', caller: 'tampered', status: 401 },
  { title: "a token of the broker's own provider is not the broker's", caller: 'keeper', status: 401 },
];

/**
 * Adds a hamster at the zoo.
 * @param {string} zoo its origin
 * @param {string | undefined} token
 * @returns {Promise<Response>}
 */
export function addHamster(zoo, token) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return fetch(`${zoo}/api/hamsters/turbo`, { method: 'POST', headers, signal: AbortSignal.timeout(10_000) });
}

/**
 * Signs in at the broker.
 * @param {string} broker its origin
 * @param {string} user
 * @param {(url: string) => string} [reach] where a URL is reached, if it is elsewhere
 * @returns {Promise<{ url: string, status: number, token: string }>} the page to which the token went, without it
 */
export async function visitBroker(broker, user, reach = (url) => url) {
  const load = openBrowser(reach);
  const action = new URL('/authorize', broker).href;
  const page = await load(action, new URLSearchParams({ audience: 'hamsters', provider: 'zoo' }));
  const { url, status } = await load(page.url, new URLSearchParams({ user, password: user }));
  const [address = '', token = ''] = url.split('#');
  return { url: address, status, token };
}

/**
 * Opens a page, and signs in where it is asked to.
 * @param {Visit} visit
 * @param {string} origin of the proxy
 * @param {(url: string) => string} [reach] where a URL is reached, if it is elsewhere
 */
export async function visitPage({ path, user }, origin, reach = (url) => url) {
  const load = openBrowser(reach);
  const page = await load(origin + path, undefined);
  if (!page.text.includes('name="password"')) {
    return page;
  }
  return load(page.url, new URLSearchParams({ user, password: user }));
}
