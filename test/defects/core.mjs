// Defects of src/: tokens, claims, chosen keys, deny lists, headers for a backend.
import { inArea } from './define.mjs';

const defect = inArea('core', ['unit'], ['test/unit/token/flow.test.ts']);

const BY_VECTOR = { projects: ['engine'], tests: ['test/engine/node.test.ts'] };
/** Read by a policy alone. */
const BY_POLICY = { projects: ['engine'], tests: ['test/engine/policies-node.test.ts'] };

/** @type {readonly import('./define.mjs').Defect[]} */
export const CORE = [
  defect('a key takes every algorithm', 'src/token/select-key.ts', {
    find: 'if (key === undefined || key.algorithms.indexOf(header.algorithm.name) < 0) continue;',
    replace: 'if (key === undefined) continue;',
  }),
  defect('the list of algorithms is not asked', 'src/token/select-key.ts', {
    find: 'if (keySet.algorithms.indexOf(algorithm.name) >= 0) return succeed(algorithm);',
    replace: 'if (keySet.algorithms.length >= 0) return succeed(algorithm);',
  }),
  defect('an unknown kid is tried with every key', 'src/token/select-key.ts', {
    find: 'return named.length > 0 ? named : nameless;',
    replace: 'return named.length > 0 ? named : keys;',
  }),
  defect('five keys are tried', 'src/token/select-key.ts', {
    find: 'MAX_CANDIDATES = 4;',
    replace: 'MAX_CANDIDATES = 5;',
  }),
  defect('crit is ignored', 'src/token/header.ts', {
    find: "if (findMember(header, 'crit') !== undefined || findMember",
    replace: 'if (findMember',
    ...BY_VECTOR,
  }),
  defect('b64 is ignored', 'src/token/header.ts', {
    find: " || findMember(header, 'b64') !== undefined) {",
    replace: ') {',
    ...BY_VECTOR,
  }),
  defect('typ is taken whatever it says', 'src/token/header.ts', {
    find: "name === 'application/logout+jwt' ? 'logout+jwt' : undefined;",
    replace: "name === 'application/logout+jwt' ? 'logout+jwt' : 'jwt';",
    ...BY_VECTOR,
  }),
  defect('a header is remembered by its first characters', 'src/token/header.ts', {
    find: "const place = '.' + segment;",
    replace: "const place = '.' + segment.substring(0, 20);",
    tests: ['test/unit/token/header.test.ts'],
  }),
  defect('the issuer is compared as a prefix', 'src/token/claims.ts', {
    find: "return issuer === expected.issuer ? undefined : 'issuer_refused';",
    replace: "return issuer.indexOf(expected.issuer) === 0 ? undefined : 'issuer_refused';",
    ...BY_VECTOR,
  }),
  defect('the audience is compared as a substring', 'src/token/claims.ts', {
    find: 'if (audience !== undefined && expected.indexOf(audience) >= 0) return undefined;',
    replace: "if (audience !== undefined && expected.join(' ').indexOf(audience) >= 0) return undefined;",
  }),
  defect('a token without an audience passes', 'src/token/claims.ts', {
    find: "expected === undefined ? undefined : 'audience_missing'",
    replace: 'undefined',
  }),
  defect('what the policy requires of every token is not looked at', 'src/token/claims.ts', {
    find: 'if (terms !== undefined && !fulfilsAll(claims, terms, text))',
    replace: 'if (terms !== undefined && terms.require.length < 0)',
    ...BY_POLICY,
  }),
  defect('a star of a glob reaches over a slash', 'src/claims/glob.ts', {
    find: 'return reach.slash >= place && reach.colon >= place;',
    replace: 'return reach.colon >= place;',
    ...BY_POLICY,
  }),
  defect('a segment is compared whatever dot segments move', 'src/policy/request-comparison.ts', {
    find: 'return raw.length - last === count;',
    replace: 'return raw.length - last >= count;',
    ...BY_POLICY,
  }),
  defect('the last of two header lines is compared', 'src/policy/request-comparison.ts', {
    find: 'if (found !== undefined || lowerAscii(field[0], text) !== header) return undefined;',
    replace: 'if (lowerAscii(field[0], text) !== header) return undefined;',
    ...BY_POLICY,
  }),
  defect('exp counts the skew twice', 'src/token/validity.ts', {
    find: 'const expires = expiry.value + clockSkew;',
    replace: 'const expires = expiry.value + 2 * clockSkew;',
  }),
  defect('exp takes the skew off', 'src/token/validity.ts', {
    find: 'const expires = expiry.value + clockSkew;',
    replace: 'const expires = expiry.value - clockSkew;',
  }),
  defect('a token passes in the second in which it expires', 'src/token/validity.ts', {
    find: 'if (now >= validity.until) {',
    replace: 'if (now > validity.until) {',
  }),
  defect('a token without exp never expires', 'src/token/validity.ts', {
    find: "if (expiry.value === undefined) return fail('expiry_missing');",
    replace: 'if (expiry.value === undefined) return succeed({ until: MAX_NUMERIC_DATE, from: 0, issued: 0 });',
  }),
  defect('nbf is ignored', 'src/token/validity.ts', {
    find: "if (now < validity.from) return 'not_yet_valid';",
    replace: '',
  }),
  defect('iat in the future is ignored', 'src/token/validity.ts', {
    find: "return now < validity.issued ? 'issued_in_future' : undefined;",
    replace: 'return undefined;',
  }),
  defect('the longest age of a token is not counted', 'src/token/validity.ts', {
    find: 'until: aged < expires ? aged : expires,',
    replace: 'until: expires,',
    ...BY_POLICY,
  }),
  defect('the first of two Authorization lines is taken', 'src/token/bearer.ts', {
    find: "if (authorization.length > 1) return fail('authorization_repeated');",
    replace: '',
  }),
  defect('stray bits at the end of a segment are taken', 'src/token/compact.ts', {
    find: 'return text.isBase64UrlAlphabet(segment) && isCanonicalBase64Url(segment);',
    replace: 'return text.isBase64UrlAlphabet(segment);',
    ...BY_VECTOR,
  }),
  defect('another issuer’s keys verify a token', 'src/token/flow.ts', {
    find: 'if (issuer?.tenancy === undefined && issuer?.issuer === claimed && isAccepted(issuer)) return succeed(index);',
    replace: "if (issuer !== undefined && typeof claimed === 'string') return succeed(index);",
  }),
  defect('a request may bring tokens of a provider of the broker', 'src/token/flow.ts', {
    find: 'issuer?.issuer === claimed && isAccepted(issuer)) return succeed(index);',
    replace: 'issuer?.issuer === claimed) return succeed(index);',
    projects: ['unit'],
    tests: ['test/unit/token/accepted-issuers.test.ts'],
  }),
  defect('a provider of the broker that is away ends all service', 'src/token/accepted-issuers.ts', {
    find: '!isAccepted(issuer) || keySets[index]?.ready === true',
    replace: 'keySets[index]?.ready === true',
    projects: ['unit'],
    tests: ['test/unit/token/accepted-issuers.test.ts'],
  }),
  defect('the type that an issuer is held to is not looked at', 'src/token/flow.ts', {
    find: "if (types !== undefined && types.indexOf(header.value.type) < 0) return refused('type_refused');",
    replace: "if (types === undefined && chosen.value < 0) return refused('type_refused');",
    ...BY_POLICY,
  }),
  defect('a signature that cannot be checked is valid', 'src/token/flow.ts', {
    find: "if (outcome === 'valid') return judgeClaims(",
    replace: "if (outcome === 'valid' || outcome === 'unavailable') return judgeClaims(",
  }),
  defect('a failed signature tries no other key', 'src/token/flow.ts', {
    find: "return refused('budget_exhausted');\n  return tryKey(trust, pending, pending.attempt + 1);",
    replace: "return refused('budget_exhausted');\n  return refused('signature_invalid');",
  }),
  defect('scopes are compared as substrings', 'src/claims/scope.ts', {
    find: "return (' ' + scopes + ' ').indexOf(' ' + scope + ' ') >= 0;",
    replace: 'return scopes.indexOf(scope) >= 0;',
  }),
  defect('a scope may have a quote', 'src/claims/scope.ts', {
    find: "text.isVisibleAscii(scope) && scope.indexOf('\"') < 0 &&",
    replace: 'text.isVisibleAscii(scope) &&',
    ...BY_VECTOR,
  }),
  defect('a kind is missing from the deny list', 'src/token/deny-entry.ts', {
    find: "['jti', 'sub', 'client_id', 'azp', 'appid', 'cid', 'sid'];",
    replace: "['jti', 'sub', 'client_id', 'appid', 'cid', 'sid'];",
    tests: ['test/unit/token/deny-entries.test.ts'],
  }),
  defect('the deny list looks at the first entry of a token only', 'src/token/deny-entries.ts', {
    find: 'if (entry !== undefined && list.holds(entry)) return true;',
    replace: 'if (entry !== undefined && index === 0 && list.holds(entry)) return true;',
    tests: ['test/unit/claims/', 'test/unit/token/'],
  }),
  defect('an entry for one issuer denies the tokens of all', 'src/token/deny-entry.ts', {
    find: "return ISSUER_PREFIX + spellIssuer(issuer, text) + ',';",
    replace: "return ISSUER_PREFIX + spellIssuer('https://a.example', text) + ',';",
    tests: ['test/unit/token/deny-entries.test.ts'],
  }),
  defect('an issuer can be named like another with an entry', 'src/token/deny-entry.ts', {
    find: "encodeEntry(issuer, text).split(',').join('%2C')",
    replace: 'encodeEntry(issuer, text)',
    tests: ['test/unit/token/deny-entries.test.ts'],
  }),
  defect('a token without iat passes a time of its subject', 'src/token/deny-time.ts', {
    find: 'issued === undefined || !(issued >= time)',
    replace: '(issued !== undefined && issued < time)',
    tests: ['test/unit/token/deny-entries.test.ts'],
  }),
  defect('a time that cannot be read denies nobody', 'src/token/deny-time.ts', {
    find: 'return time === undefined || issued',
    replace: 'return time === undefined ? false : issued',
    tests: ['test/unit/token/deny-entries.test.ts'],
  }),
  defect('the deny list misses a client that a second claim names', 'src/token/deny-entries.ts', {
    find: 'if (isText(claim, text)) return;',
    replace: 'return;',
    tests: ['test/unit/claims/', 'test/unit/token/'],
  }),
  defect('an opaque token is active when the answer says "true"', 'src/token/introspection.ts', {
    find: "if (document === undefined || typeof active !== 'boolean') return fail('introspection_unavailable');\n  if (!active)",
    replace:
      "if (document === undefined || active === undefined) return fail('introspection_unavailable');\n  if (active === false)",
    tests: ['test/unit/token/introspection.test.ts'],
  }),
  defect('an opaque token of another type passes', 'src/token/introspection.ts', {
    find: "if (type !== undefined && !isBearer) return fail('type_refused');",
    replace: "if (type === '' && !isBearer) return fail('type_refused');",
    tests: ['test/unit/token/introspection.test.ts'],
  }),
  defect('an answer about an opaque token counts until the token ends', 'src/token/introspection-flow.ts', {
    find: 'const until = found.until < last ? found.until : last;',
    replace: 'const until = found.until;',
    tests: ['test/unit/token/introspection.test.ts'],
  }),
  defect('a value with a control character becomes a header', 'src/claims/forwarded-headers.ts', {
    find: "if (value === '' || text.hasControl(value)) return false;",
    replace: "if (value === '') return false;",
    ...BY_POLICY,
  }),
  defect('a comma in a group is not encoded', 'src/claims/forwarded-headers.ts', {
    find: "split('%').join('%25').split(',').join('%2C')",
    replace: "split('%').join('%25')",
    ...BY_POLICY,
  }),
  defect('too many groups are taken for none', 'src/claims/identity.ts', {
    find: 'groupsOverage: groups.length === 0 && hasOverage(claims),',
    replace: 'groupsOverage: groups.length < 0 && hasOverage(claims),',
    ...BY_POLICY,
  }),
  defect('an unverified email is taken when a string says so', 'src/claims/unverified-email.ts', {
    find: "return typeof verified !== 'string' || lowerAscii(verified, text) !== 'true';",
    replace: "return typeof verified !== 'string' && lowerAscii('', text) !== 'true';",
    ...BY_POLICY,
  }),
  defect('a remembered token outlives its key', 'src/token/verified-token.ts', {
    find: 'return one.kid === other.kid && one.spki === other.spki && one.issuer === other.issuer;',
    replace: 'return one.kid === other.kid && one.issuer === other.issuer;',
  }),
  defect('a remembered token outlives the binding of its key', 'src/token/verified-token.ts', {
    find: 'one.spki === other.spki && one.issuer === other.issuer;',
    replace: 'one.spki === other.spki;',
  }),
  defect('a remembered token outlives its key’s algorithm', 'src/token/verified-token.ts', {
    find: 'if (key.algorithms.every((name) => candidate.algorithms.indexOf(name) >= 0)) return true;',
    replace: 'if (key.algorithms.length > 0) return true;',
  }),
  defect('a claim that must not have a value may', 'src/claims/claim-condition.ts', {
    find: 'if (condition.none !== undefined && countShared(condition.none, values) > 0) return false;',
    replace: '',
    ...BY_POLICY,
  }),
  defect('one of the values that a claim must all have will do', 'src/claims/claim-condition.ts', {
    find: 'countShared(condition.all, values) < condition.all.length)',
    replace: 'countShared(condition.all, values) === 0)',
    ...BY_POLICY,
  }),
];
