// base64url without padding, one spelling for each value (RFC 7515 §2, §5.2; RFC 4648 §3.3 to §3.5).
import { base64Url, claims, signBytes, token } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const SEGMENTS = ['header', 'payload', 'signature'];
const HEADER = { alg: 'RS256', typ: 'JWT' };
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The usual segments; header and payload padded with spaces until each has a length of 2 mod 4, like the signature. */
function usual() {
  const fill = (value) => {
    let text = JSON.stringify(value);
    while (Buffer.byteLength(text) % 3 !== 1) text += ' ';
    return base64Url(text);
  };
  return [fill(HEADER), fill(claims({ text: '???>>>~~~ÿÿÿ' }))];
}

/** Changes one segment; the signature is made over what is sent, so that nothing but the spelling is wrong. */
function changed(place, change) {
  const parts = usual();
  if (place < 2) parts[place] = change(parts[place]);
  const input = parts.join('.');
  const signature = base64Url(signBytes('RS256', 'rsa-2048', input));
  return `${input}.${place === 2 ? change(signature) : signature}`;
}

/** The last character with its unused bits set: another spelling of the same bytes. */
function strayBits(segment) {
  const last = segment.at(-1);
  return segment.slice(0, -1) + ALPHABET[ALPHABET.indexOf(last) + 1];
}

const middle = (text) => (segment) => segment.slice(0, 8) + text + segment.slice(8);
const CHANGES = {
  padding: (segment) => `${segment}==`,
  'one-padding': (segment) => `${segment}=`,
  'stray-bits': strayBits,
  'length-one': (segment) => segment.slice(0, -1),
  'one-character': () => 'e',
  plus: (segment) => `${segment.slice(0, 8)}+${segment.slice(9)}`,
  slash: (segment) => `${segment.slice(0, 8)}/${segment.slice(9)}`,
  'space-inside': middle(' '),
  'tab-inside': middle('\t'),
  percent: middle('%41'),
  equals: middle('='),
  star: middle('*'),
  tilde: middle('~'),
  comma: middle(','),
  'full-width': middle('Ａ'),
  'latin-1': middle('é'),
};
// These cannot travel in an HTTP header line.
const UNSENDABLE = { 'newline-inside': middle('\n'), 'crlf-inside': middle('\r\n'), 'nul-inside': middle('\u0000') };

const bad = (place, id, change, rest) =>
  vector(`base64-${SEGMENTS[place]}-${id}`, `${SEGMENTS[place]}: ${id}`, {
    token: changed(place, change),
    expected: refuse('token_malformed'),
    ...rest,
  });

export const topic = {
  name: 'base64',
  comment: 'the spelling of the segments',
  vectors: [
    vector('base64-usual', 'the token that the others are changed from', {
      token: changed(0, (x) => x),
      expected: allow(),
    }),
    ...[0, 1, 2].flatMap((place) => [
      ...Object.entries(CHANGES).map(([id, change]) => bad(place, id, change, {})),
      ...Object.entries(UNSENDABLE).map(([id, change]) => bad(place, id, change, { wire: false })),
    ]),
    vector('base64-header-empty', 'an empty header', {
      token: token().replace(/^[^.]+/, ''),
      expected: refuse('header_malformed'),
    }),
    vector('base64-payload-empty', 'an empty payload, signed', {
      token: changed(1, () => ''),
      expected: refuse('payload_malformed'),
    }),
    vector('base64-payload-empty-unsigned', 'an empty payload under the old signature', {
      token: token().replace(/\.[^.]+\./, '..'),
      expected: refuse('signature_invalid'),
    }),
    vector('base64-signature-empty', 'an empty signature', {
      token: changed(2, () => ''),
      expected: refuse('signature_malformed'),
    }),
    vector('base64-all-empty', 'two dots', { token: '..', expected: refuse('header_malformed') }),
  ],
};
