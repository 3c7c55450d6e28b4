// `iss`, exactly (RFC 7519 §4.1.1, RFC 9068 §4), and `sub` and `jti` (RFC 7519 §4.1.2, §4.1.7).
import { ISSUER, token } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const judged = (id, comment, changes, expected, settings = 'rsa') =>
  vector(id, comment, { settings, token: token({ claims: changes }), expected });

const OK = allow();
const NO = refuse('issuer_refused');
const WRONG = refuse('claim_malformed');

const issuers = [
  judged('iss-missing', 'iss must be there', { iss: undefined }, refuse('issuer_missing')),
  ...Object.entries({
    other: 'https://other.example',
    empty: '',
    prefix: ISSUER.slice(0, -1),
    longer: `${ISSUER}.attacker.example`,
    'trailing-slash': `${ISSUER}/`,
    'upper-case': 'HTTPS://ISSUER.EXAMPLE',
    'host-upper-case': 'https://Issuer.example',
    'http-scheme': 'http://issuer.example',
    'default-port': `${ISSUER}:443`,
    'trailing-space': `${ISSUER} `,
    'dot-segment': `${ISSUER}/.`,
    'full-width': 'https://issuer．example',
  }).map(([id, iss]) => judged(`iss-${id}`, `RFC 3986 §6.2.1: compared as a string: ${id}`, { iss }, NO)),
  ...Object.entries({ array: [ISSUER], number: 1, null: null, object: { iss: ISSUER }, true: true }).map(([id, iss]) =>
    judged(`iss-${id}`, `iss must be a string, not: ${id}`, { iss }, WRONG),
  ),
  judged('iss-newline-after', 'a control character in iss', { iss: `${ISSUER}\n` }, NO),
  judged('iss-slash-exact', 'the configured issuer ends in a slash', { iss: `${ISSUER}/` }, OK, 'issuer-slash'),
  judged('iss-slash-missing', 'the slash is missing in the token', { iss: ISSUER }, NO, 'issuer-slash'),
];

const subjects = [
  judged('sub-missing', 'sub is optional', { sub: undefined }, allow({ subject: '' })),
  judged('sub-string', 'a string', { sub: 'abc@clients' }, allow({ subject: 'abc@clients' })),
  judged('sub-non-ascii', 'letters outside ASCII', { sub: 'Žofie 😀' }, allow({ subject: 'Žofie 😀' })),
  judged('sub-empty', 'the empty string', { sub: '' }, allow({ subject: '' })),
  ...Object.entries({ number: 7, null: null, array: ['user-1'], object: { id: 'user-1' }, true: true }).map(
    ([id, sub]) => judged(`sub-${id}`, `sub must be a string, not: ${id}`, { sub }, WRONG),
  ),
  ...Object.entries({ newline: 'a\r\nX-Admin: 1', nul: 'a\u0000b', tab: 'a\tb', delete: 'a\u007f' }).map(([id, sub]) =>
    judged(`sub-${id}`, `a control character in sub: ${id}`, { sub }, WRONG),
  ),
  judged('jti-string', 'jti is a string', { jti: 'one' }, OK),
  judged(
    'jti-number',
    'jti is of no use here, so its type does not matter (RFC 7519 §4: use is optional)',
    { jti: 1 },
    OK,
  ),
];

export const topic = {
  name: 'issuer',
  comment: 'the issuer and the subject of the token',
  vectors: [...issuers, ...subjects],
};
