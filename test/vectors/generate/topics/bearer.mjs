// The Authorization header (RFC 6750 §2.1, RFC 9110 §11.4).
import { token } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const TOKEN = token();
const one = (id, comment, authorization, expected, rest) =>
  vector(`bearer-${id}`, comment, { authorization, expected, ...rest });

const MISSING = refuse('credentials_missing');
const SCHEME = refuse('scheme_unsupported');
const MALFORMED = refuse('token_malformed');
const REPEATED = refuse('authorization_repeated');

const schemes = ['Bearer', 'bearer', 'BEARER', 'bEaReR'].map((scheme) =>
  one(
    `scheme-${scheme === 'bEaReR' ? 'mixed' : scheme === 'BEARER' ? 'upper' : scheme === 'bearer' ? 'lower' : 'usual'}`,
    `RFC 9110 §11.1: ${scheme}`,
    [`${scheme} ${TOKEN}`],
    allow(),
  ),
);
const others = Object.entries({
  basic: 'Basic dXNlcjpwYXNz',
  'basic-token': `Basic ${TOKEN}`,
  dpop: `DPoP ${TOKEN}`,
  negotiate: 'Negotiate YIIBhg==',
  digest: 'Digest username="a", realm="b"',
  token: `Token ${TOKEN}`,
  'bearer-longer': `Bearers ${TOKEN}`,
  'bearer-shorter': `Beare ${TOKEN}`,
  'bearer-colon': `Bearer: ${TOKEN}`,
  'bearer-equals': `Bearer=${TOKEN}`,
  'no-space': `Bearer${TOKEN}`,
  'no-scheme': TOKEN,
  'scheme-alone': 'Basic',
  quoted: `"Bearer ${TOKEN}"`,
  comma: `,Bearer ${TOKEN}`,
  'full-width': `Ｂearer ${TOKEN}`,
  tab: `Bearer\t${TOKEN}`,
}).map(([id, value]) => one(`other-${id}`, `not the scheme Bearer: ${id}`, [value], SCHEME));

export const topic = {
  name: 'bearer',
  comment: 'the Authorization header',
  vectors: [
    ...schemes,
    ...others,
    one('none', 'no header', [], MISSING),
    one('empty', 'an empty header', [''], MISSING),
    one('alone', 'the scheme alone', ['Bearer'], MISSING),
    one('alone-space', 'the scheme and a space', ['Bearer '], MISSING),
    one('alone-spaces', 'the scheme and spaces', ['bearer   '], MISSING),
    one('spaces', 'only spaces', ['   '], MISSING),
    one('several-spaces', 'RFC 9110 §11.4: one or more spaces', [`Bearer    ${TOKEN}`], allow()),
    one('space-after', 'RFC 9110 §5.5: white space around the value is not part of it', [`Bearer ${TOKEN}  `], allow()),
    one('tab-after', 'a tab around the value is not part of it', [`Bearer ${TOKEN}\t`], allow()),
    one('space-before', 'a space before the value is not part of it', [` Bearer ${TOKEN}`], allow()),
    one('space-tab', 'a space, a tab, the token', [`Bearer \t${TOKEN}`], MALFORMED),
    one('two-words', 'two words', ['Bearer a b'], MALFORMED),
    one('two-tokens', 'two tokens', [`Bearer ${TOKEN} ${TOKEN}`], MALFORMED),
    one('scheme-twice', 'the scheme twice', [`Bearer Bearer ${TOKEN}`], MALFORMED),
    one('comma-joined', 'two credentials in one line', [`Bearer ${TOKEN}, Bearer ${TOKEN}`], MALFORMED),
    one('comma-joined-tight', 'two credentials without a space', [`Bearer ${TOKEN},Bearer ${TOKEN}`], MALFORMED),
    one('comma-joined-basic', 'two credentials of two schemes', [`Bearer ${TOKEN}, Basic dXNlcjpwYXNz`], MALFORMED),
    one('comma-after', 'a comma after the token', [`Bearer ${TOKEN},`], MALFORMED),
    one('quoted', 'a token in quotes', [`Bearer "${TOKEN}"`], MALFORMED),
    one('single-quoted', 'a token in single quotes', [`Bearer '${TOKEN}'`], MALFORMED),
    one('angle-brackets', 'a token in angle brackets', [`Bearer <${TOKEN}>`], MALFORMED),
    one('parameter', 'a parameter instead of a token', [`Bearer token=${TOKEN}`], MALFORMED),
    one('parameter-realm', 'a challenge sent back', ['Bearer realm="x"'], MALFORMED),
    one('undefined', 'the word that scripts send', ['Bearer undefined'], MALFORMED),
    one('null', 'the other word', ['Bearer null'], MALFORMED),
    one('semicolon', 'a semicolon after the token', [`Bearer ${TOKEN};`], MALFORMED),
    one('nul', 'U+0000 after the token', [`Bearer ${TOKEN}\u0000`], MALFORMED, { wire: false }),
    one('newline', 'a newline after the token', [`Bearer ${TOKEN}\n`], MALFORMED, { wire: false }),
    one('non-ascii', 'letters outside ASCII', ['Bearer žluťoučký.kůň.😀'], MALFORMED),
    one('opaque', 'an opaque token of another server', ['Bearer mF_9.B5f-4.1JqM'], MALFORMED),
    one('repeated-same', 'RFC 6750 §3.1: the same header twice', [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`], REPEATED),
    one('repeated-other', 'two different tokens', [`Bearer ${TOKEN}`, 'Bearer x'], REPEATED),
    one('repeated-basic', 'two schemes in two lines', ['Basic dXNlcjpwYXNz', `Bearer ${TOKEN}`], REPEATED),
    one('repeated-empty-first', 'an empty line and a token', ['', `Bearer ${TOKEN}`], REPEATED),
    one('repeated-empty-last', 'a token and an empty line', [`Bearer ${TOKEN}`, ''], REPEATED),
    one('repeated-empty', 'two empty lines', ['', ''], REPEATED),
    one('repeated-three', 'three lines', ['Bearer a', 'Bearer b', `Bearer ${TOKEN}`], REPEATED),
  ],
};
