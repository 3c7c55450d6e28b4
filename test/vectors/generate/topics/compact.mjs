// The number of segments and the size of a token (RFC 7515 §7.1, RFC 7516 §7.1).
import { claims, token } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const TOKEN = token();
const [HEADER, PAYLOAD, SIGNATURE] = TOKEN.split('.');
const JWE =
  'eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp2oja.48V1_ALb6US04U3b.5eym8TW_c8SuK0lt.XFBoMYUZodetZdvT';
const MAX = 16384;

const MALFORMED = refuse('token_malformed');
const one = (id, comment, text, expected, rest) => vector(`compact-${id}`, comment, { token: text, expected, ...rest });

/** A good token of exactly this many characters (one character of padding text is 4/3 of a character in the token). */
function sized(length) {
  let padding = Math.floor(((length - TOKEN.length) * 3) / 4) - 60;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    for (const kid of ['', 'a', 'ab', 'abc', 'abcd']) {
      const made = token({ extra: { kid }, claims: { padding: 'p'.repeat(padding) } });
      if (made.length === length) return made;
    }
    padding += 1;
  }
  throw new Error(`no token of ${length} characters`);
}

const LARGE = { wire: false };

export const topic = {
  name: 'compact',
  comment: 'segments and size',
  vectors: [
    one('one-segment', 'no dot', HEADER, MALFORMED),
    one('one-word', 'a word', 'hello', MALFORMED),
    one('two-segments', 'header and payload', `${HEADER}.${PAYLOAD}`, MALFORMED),
    one('four-segments', 'one too many', `${TOKEN}.${SIGNATURE}`, MALFORMED),
    one('five-segments', 'RFC 7516: encrypted', JWE, refuse('token_encrypted')),
    one(
      'five-segments-dir',
      'encrypted with an empty second segment',
      JWE.replace(/\.[^.]+\./, '..'),
      refuse('token_encrypted'),
    ),
    one('six-segments', 'three too many', `${JWE}.eHg`, MALFORMED),
    one('many-segments', 'a thousand dots', '.'.repeat(1000), MALFORMED),
    one('leading-dot', 'a dot before', `.${TOKEN}`, MALFORMED),
    one('trailing-dot', 'a dot after', `${TOKEN}.`, MALFORMED),
    one('double-dot', 'two dots between', `${HEADER}..${PAYLOAD}.${SIGNATURE}`, MALFORMED),
    one('four-dots', 'five empty segments', '....', refuse('token_encrypted')),
    one('only-dot', 'a dot', '.', MALFORMED),
    one(
      'json-serialization',
      'RFC 7515 §7.2: the JSON form is not a bearer token',
      JSON.stringify({ payload: PAYLOAD, protected: HEADER, signature: SIGNATURE }),
      MALFORMED,
    ),
    one(
      'swapped',
      'payload and header changed places',
      `${PAYLOAD}.${HEADER}.${SIGNATURE}`,
      refuse('header_malformed'),
    ),
    one(
      'other-signature',
      'the signature of another token',
      `${token({ claims: { sub: 'admin' } }).replace(/[^.]+$/, '')}${SIGNATURE}`,
      refuse('signature_invalid'),
    ),
    one(
      'changed-payload',
      'one changed claim under the old signature',
      `${HEADER}.${Buffer.from(JSON.stringify(claims({ sub: 'admin' }))).toString('base64url')}.${SIGNATURE}`,
      refuse('signature_invalid'),
    ),
    one(
      'changed-header',
      'a changed header under the old signature',
      `${token({ extra: { kid: 'x' } }).split('.')[0]}.${PAYLOAD}.${SIGNATURE}`,
      refuse('signature_invalid'),
    ),
    one('size-at-limit', 'a good token of 16384 characters', sized(MAX), allow(), LARGE),
    one('size-over-limit', 'a good token of 16385 characters', sized(MAX + 1), refuse('token_too_large'), LARGE),
    one('size-over-limit-junk', 'junk that is too long', 'a'.repeat(MAX + 1), refuse('token_too_large'), LARGE),
    one('size-at-limit-junk', 'junk that is not too long', 'a'.repeat(MAX), MALFORMED, LARGE),
    one(
      'size-non-ascii',
      '10000 characters in 20000 bytes: the answer must not hang on what an engine counts',
      'é'.repeat(10000),
      MALFORMED,
      LARGE,
    ),
    one('size-header-large', 'a kid of 6000 characters', token({ extra: { kid: 'k'.repeat(6000) } }), allow(), LARGE),
  ],
};
