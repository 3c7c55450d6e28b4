// Defects of the newer conditions: patterns, parts of the request, audiences of rules, hosts of issuers, mapped objects.
import { inArea } from './define.mjs';

const defect = inArea('policy', ['engine'], ['test/engine/policies-node.test.ts']);

/** @type {readonly import('./define.mjs').Defect[]} */
export const CONDITIONS = [
  defect('a star reaches over a slash', 'src/claims/glob.ts', {
    find: 'return reach.slash >= place && reach.colon >= place;',
    replace: 'return reach.colon >= place;',
  }),
  defect('a star reaches over a colon', 'src/claims/glob.ts', {
    find: 'return reach.slash >= place && reach.colon >= place;',
    replace: 'return reach.slash >= place;',
  }),
  defect('a glob may match a beginning', 'src/claims/glob.ts', {
    find: '|| value.substring(limit) !== last) return false;',
    replace: '|| value.indexOf(last) < 0) return false;',
  }),
  defect('the ends of a glob may overlap', 'src/claims/glob.ts', {
    find: 'if (glob.length < 3 || limit < first.length) return false;',
    replace: 'if (glob.length < 3) return false;',
  }),
  defect('a text with a line end matches a pattern', 'src/claims/claim-pattern.ts', {
    find: 'return matchesOne(value, globs) && !text.hasControl(value);',
    replace: 'return matchesOne(value, globs);',
  }),
  defect('a pattern matches no member of a list', 'src/claims/claim-pattern.ts', {
    find: 'for (let index = 0; index < values.length; index++) {',
    replace: 'for (let index = 0; index < values.length && values.length === 1; index++) {',
  }),
  defect('an empty name matches a pattern', 'src/policy/further-demands.ts', {
    find: "return name !== '' && (demand.exact",
    replace: "return name === '' || (demand.exact",
  }),
  defect('patterns of clients are not looked at', 'src/policy/further-demands.ts', {
    find: "if (!isWanted(identity.client, demands.client, text)) return 'client_refused';",
    replace: '',
  }),
  defect('a claim that must be absent may be there', 'src/claims/claim-condition.ts', {
    find: 'if (condition.exists !== undefined) return condition.exists === (claim !== undefined);',
    replace: 'if (condition.exists !== undefined) return !condition.exists || claim !== undefined;',
  }),
  defect('a claim that is null is there', 'src/policy/demands.ts', {
    find: 'return value !== undefined && isNull(value) ? undefined : value;',
    replace: 'return value;',
  }),
  defect('the audience of a rule is not looked at', 'src/policy/further-demands.ts', {
    find: 'if (foreign !== undefined) return foreign;',
    replace: '',
  }),
  defect('the audience of a rule is compared with the first alone', 'src/policy/further-demands.ts', {
    find: 'return audiences.some((audience) => demand.any.indexOf(audience) >= 0)',
    replace: "return demand.any.indexOf(audiences[0] ?? '') >= 0",
  }),
  defect('the hosts of an issuer are not looked at', 'src/policy/further-demands.ts', {
    find: "=== false) return 'issuer_host_refused';",
    replace: "=== undefined) return 'issuer_host_refused';",
  }),
  defect('a segment is compared that backends count in another way', 'src/policy/request-comparison.ts', {
    find: 'return raw.length - last === count;',
    replace: 'return raw.length - last >= 0;',
  }),
  defect('a segment is compared that backends decode again', 'src/policy/request-comparison.ts', {
    find: 'return isFileAlias(segment) || AMBIGUOUS.some((character) => segment.indexOf(character) >= 0) ? undefined : segment;',
    replace: 'return segment;',
  }),
  defect('segments are counted from zero', 'src/policy/request-comparison.ts', {
    find: 'const segment = segments?.[place - 1];',
    replace: 'const segment = segments?.[place];',
  }),
  defect('the first of two lines of a header is compared', 'src/policy/request-comparison.ts', {
    find: 'if (found !== undefined || lowerAscii(field[0], text) !== header) return undefined;',
    replace: 'if (found !== undefined || lowerAscii(field[0], text) !== header) continue;',
  }),
  defect('a claim with a control character equals a part of the request', 'src/policy/request-comparison.ts', {
    find: 'if (value === undefined || text.hasControl(value)) continue;',
    replace: 'if (value === undefined) continue;\n    if (text.hasControl(value) && part.length > 0) return true;',
  }),
  defect('a claim is compared with a part of the host', 'src/policy/request-comparison.ts', {
    find: 'if ((ignoreCase ? lowerAscii(value, text) : value) === part) return true;',
    replace: "if (value !== '' && part.indexOf(ignoreCase ? lowerAscii(value, text) : value) === 0) return true;",
  }),
  defect('a key whose value is false is a role', 'src/claims/word-list.ts', {
    find: 'if (value !== undefined && value !== false && !isNull(value))',
    replace: 'if (value !== undefined && !isNull(value))',
  }),
  defect('a string among objects is passed over', 'src/claims/word-list.ts', {
    find: "if (object === undefined || (word !== undefined && typeof word !== 'string')) return undefined;",
    replace: "if (object === undefined || (word !== undefined && typeof word !== 'string')) continue;",
  }),
  defect('an object of any size is read for roles', 'src/claims/word-list.ts', {
    find: 'if (object === undefined || object.names.length > MAX_MEMBERS) return undefined;',
    replace: 'if (object === undefined) return undefined;',
    projects: ['unit'],
    tests: ['test/unit/claims/word-list.test.ts'],
  }),
  defect('every place of roles counts', 'src/claims/word-list.ts', {
    find: 'if (!mapping.all) break;',
    replace: '',
  }),
  defect('what a rule asks of the request is not looked at on HAProxy', 'haproxy/judge/by-policy.ts', {
    find: 'undefined, text, os.time(), checkFurther) !== undefined) return false;',
    replace: 'undefined, text, os.time(), () => undefined) !== undefined) return false;',
    projects: ['integration'],
    tests: ['test/integration/both/request-conditions.test.ts'],
    title: 'HAProxy of trixie',
  }),
];
