// Defects of issuers with many tenants or several sources of keys, and of what denies their tokens.
import { inArea } from './define.mjs';

const defect = inArea('core', ['engine'], ['test/engine/policies-node.test.ts']);
const ofKeys = inArea('keys', ['unit'], ['test/unit/keys/issuer-pattern.test.ts']);
const PROXIES = ['integration'];

/** @type {readonly import('./define.mjs').Defect[]} */
export const TENANTS = [
  defect('the claim of the tenant is not compared with the issuer', 'src/token/claims.ts', {
    find: "if (tenant === undefined || findMember(claims, tenancy.claim) !== tenant) return 'issuer_refused';",
    replace: "if (tenant === undefined) return 'issuer_refused';",
  }),
  defect('a tenant that nobody listed passes', 'src/token/claims.ts', {
    find: "return isListed(tenancy, tenant) ? undefined : 'tenant_refused';",
    replace: 'return undefined;',
  }),
  defect('a tenant is listed that begins as a listed one', 'src/keys/issuer-pattern.ts', {
    find: 'tenancy.tenants.indexOf(tenant) >= 0',
    replace: 'tenancy.tenants.some((listed) => tenant.indexOf(listed) === 0)',
  }),
  defect('a tenant may have any character', 'src/keys/issuer-pattern.ts', {
    find: "return text.isBase64UrlAlphabet(value.split('.').join(''));",
    replace: "return text.isBase64UrlAlphabet(value.split('.').join('')) || value.length > 0;",
  }),
  defect('a tenant may begin with a dot', 'src/keys/issuer-pattern.ts', {
    find: "if (value === '' || value.charAt(0) === '.' ||",
    replace: "if (value === '' ||",
  }),
  defect('a tenant may be as long as it likes', 'src/keys/issuer-pattern.ts', {
    find: ' || value.length > MAX_TENANT_LENGTH) return false;',
    replace: ') return false;',
  }),
  defect('what follows the tenant in an issuer is not compared', 'src/keys/issuer-pattern.ts', {
    find: ' || issuer.substring(end) !== tenancy.after) {',
    replace: ') {',
  }),
  defect('a pattern comes before an issuer of that name', 'src/token/flow.ts', {
    find: 'if (issuer?.tenancy === undefined && issuer?.issuer === claimed && isAccepted(issuer)) return succeed(index);',
    replace:
      "if (issuer?.tenancy === undefined && issuer?.issuer === claimed && !issuers.some((other) => typeof claimed === 'string' && other.tenancy !== undefined && tenantOf(other.tenancy, claimed, text) !== undefined)) return succeed(index);",
  }),
  defect('the second of several secrets is not tried', 'src/settings/policy-file/named-secrets.ts', {
    find: 'for (let index = 0; index < names.length; index++) {',
    replace: 'for (let index = 0; index < 1; index++) {',
  }),
  defect('base64 of a secret is its text', 'src/settings/secrets.ts', {
    find: "if (encoding === 'base64') return decodeBase64(padded(value));",
    replace: '',
  }),
  ofKeys('a discovery document may be any issuer’s of the pattern', 'src/keys/issuer-pattern.ts', {
    find: '(isTenant(place, text) && isListed(tenancy, place));',
    replace: 'isTenant(place, text);',
  }),
  ofKeys('a key that is bound to a tenant verifies tokens of every tenant', 'src/token/flow.ts', {
    find: "if (!isFree && binding !== findMember(claims, 'iss')) {",
    replace: "if (!isFree && binding === '') {",
    projects: PROXIES,
    tests: ['test/integration/both/tenants.test.ts'],
    title: 'trixie',
  }),
  ofKeys('a secret verifies tokens that name a public key', 'src/token/select-key.ts', {
    find: 'return named.length > 0 ? named : nameless;',
    replace: 'return named.concat(nameless);',
    projects: PROXIES,
    tests: ['test/integration/both/several-sources.test.ts'],
    title: 'trixie.* accepts a token of each source',
  }),
  ofKeys('a public key in base64 is taken for a secret', 'src/settings/secrets.ts', {
    find: "if (isFramelessKey(value)) return 'is a public key,",
    replace: "if (isFramelessKey(value) && value === '') return 'is a public key,",
    projects: ['unit'],
    tests: ['test/unit/settings/secrets.test.ts'],
  }),
  ofKeys('a source without keys makes a token of it unknown, not unavailable', 'src/keys/present-keys.ts', {
    find: 'isPartial: sets.some((set) => !set.ready),',
    replace: 'isPartial: false,',
    projects: PROXIES,
    tests: ['test/integration/both/several-sources.test.ts'],
    title: 'trixie',
  }),
  ofKeys('a token that does not say when it was issued is not denied by a time', 'src/token/deny-time.ts', {
    find: 'return time === undefined || issued === undefined || !(issued >= time);',
    replace: 'return time === undefined || (issued !== undefined && !(issued >= time));',
    projects: ['unit'],
    tests: ['test/unit/token/deny-entries.test.ts', 'test/unit/token/deny-line.test.ts'],
  }),
  ofKeys('a token of the second itself is denied by a time', 'src/token/deny-time.ts', {
    find: '!(issued >= time)',
    replace: '!(issued > time)',
    projects: ['unit'],
    tests: ['test/unit/token/deny-entries.test.ts', 'test/unit/token/deny-line.test.ts'],
  }),
];
