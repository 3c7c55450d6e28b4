// What to try against the demo, and what each try should answer. `npm start` prints these as curl lines,
// `npm start -- --check` and the tests run them.

/** @typedef {'none' | 'keeper' | 'keeper-es256' | 'visitor' | 'tampered' | 'foreign' | 'expired' | 'garbage'} Caller */
/** @typedef {{ title: string, method: string, path: string, caller: Caller, status: number }} Try */
/** @typedef {Record<Exclude<Caller, 'none'>, string>} Tokens */

export const AUDIENCE = 'https://api.mywebsite.com';

const TURBO = '/api/hamsters/turbo';

/** Both proxies must answer every one of them alike; in this order each can be repeated. @type {readonly Try[]} */
export const TRIES = [
  { title: 'anyone may list the hamsters', method: 'GET', path: '/api/hamsters', caller: 'none', status: 200 },
  { title: 'adding one requires a token', method: 'POST', path: TURBO, caller: 'none', status: 401 },
  { title: 'the keeper may add one', method: 'POST', path: TURBO, caller: 'keeper', status: 201 },
  { title: 'a visitor lacks write:hamsters', method: 'DELETE', path: TURBO, caller: 'visitor', status: 403 },
  { title: 'a token that was changed', method: 'DELETE', path: TURBO, caller: 'tampered', status: 401 },
  { title: 'the keeper may remove one', method: 'DELETE', path: TURBO, caller: 'keeper', status: 200 },
  { title: 'an ES256 token is as good', method: 'POST', path: TURBO, caller: 'keeper-es256', status: 201 },
  { title: 'a token for another API', method: 'POST', path: TURBO, caller: 'foreign', status: 401 },
  { title: 'a token that has expired', method: 'POST', path: TURBO, caller: 'expired', status: 401 },
  { title: 'something that is no token', method: 'POST', path: TURBO, caller: 'garbage', status: 401 },
  { title: 'removing one requires a token', method: 'DELETE', path: TURBO, caller: 'none', status: 401 },
];

/**
 * Gets an access token with the client credentials grant (RFC 6749 §4.4), naming the API it is for (RFC 8707 §2).
 * @param {string} issuer base URL at which the issuer can be reached from here
 * @param {string} client
 * @param {string} secret
 * @param {{ scope?: string, resource?: string }} [wish]
 */
export async function fetchToken(
  issuer,
  client,
  secret,
  { scope = 'read:hamsters write:hamsters', resource = AUDIENCE } = {},
) {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource }),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = await response.json();
  if (typeof answer.access_token !== 'string') {
    throw new Error(`the issuer gives \`${client}\` no token: ${answer.error ?? response.status}`);
  }
  return /** @type {string} */ (answer.access_token);
}

/**
 * A token for every caller. Returns after the short-lived one has expired (about two seconds).
 * @param {string} issuer
 * @param {string} secret
 * @returns {Promise<Tokens>}
 */
export async function fetchTokens(issuer, secret) {
  const expired = await fetchToken(issuer, 'mayfly', secret);
  const keeper = await fetchToken(issuer, 'keeper', secret);
  const tokens = {
    keeper,
    'keeper-es256': await fetchToken(issuer, 'keeper-es256', secret),
    visitor: await fetchToken(issuer, 'visitor', secret, { scope: 'read:hamsters' }),
    foreign: await fetchToken(issuer, 'keeper', secret, { resource: 'https://shop.mywebsite.com' }),
    tampered: tamper(keeper),
    expired,
    garbage: 'hamster',
  };
  const end = JSON.parse(Buffer.from(expired.split('.')[1] ?? '', 'base64url').toString()).exp * 1000;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, end - Date.now()) + 100));
  return tokens;
}

/** Changes one character in the middle of the signature. @param {string} token */
export function tamper(token) {
  const at = Math.floor((token.lastIndexOf('.') + token.length) / 2);
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}

/**
 * Makes the request of one try; resolves to what came back.
 * @param {Try} one
 * @param {string} proxy base URL
 * @param {Tokens} tokens
 */
export async function run(one, proxy, tokens) {
  const response = await fetch(proxy + one.path, {
    method: one.method,
    headers: one.caller === 'none' ? {} : { authorization: `Bearer ${tokens[one.caller]}` },
    redirect: 'manual',
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}
