// Defects of src/policy: what a request is taken for, and what its rule requires.
import { inArea } from './define.mjs';

const defect = inArea('policy', ['engine'], ['test/engine/policies-node.test.ts']);

/** @type {readonly import('./define.mjs').Defect[]} */
export const POLICY = [
  defect('a path is decoded twice', 'src/request/path-segment.ts', {
    find: "const name = pieces.join('');\n  if (isEncodedTwice(name)",
    replace: "const name = pieces.join('').split('%2e').join('.').split('%2f').join('/');\n  if (isEncodedTwice(name)",
  }),
  defect('only the first percent sign is looked at for a second encoding', 'src/request/path-segment.ts', {
    find: "percent = name.indexOf('%', percent + 1);",
    replace: 'percent = -1;',
  }),
  defect('an encoded slash passes', 'src/request/path-segment.ts', {
    find: "  { code: 47, spelling: 'encoded_slash', reason: 'path_slash_encoded', kept: ENCODED_SLASH },\n",
    replace: '',
  }),
  defect('encoded dots pass', 'src/request/canonical-path.ts', {
    find: "if (!plain && hidesDots(name.value)) return fail('path_dots_disguised');",
    replace: '',
  }),
  defect('parameters hide dots', 'src/request/path-segment.ts', {
    find: 'if (isDots(semicolon < 0 ? piece : piece.substring(0, semicolon))) return true;',
    replace: 'if (semicolon < 0 && isDots(piece)) return true;',
  }),
  defect('a lookalike of a slash passes', 'src/request/path-segment.ts', {
    find: "return isAlike ? 'path_alias' : undefined;",
    replace: "return isAlike && codePoint < 0x2000 ? 'path_alias' : undefined;",
  }),
  defect('a path that climbs out stops at the root', 'src/request/canonical-path.ts', {
    find: "if (walk.names.pop() === undefined) return fail('path_climbs_out');",
    replace: 'walk.names.pop();',
  }),
  defect('slashes in a row before a climb pass', 'src/request/canonical-path.ts', {
    find: 'if (walk.climbs || (isLeading &&',
    replace: 'if ((isLeading &&',
  }),
  defect('a file’s other name passes', 'src/request/path-segment.ts', {
    find: "return last === '.' || last === ' ' || name.indexOf(':$') >= 0;",
    replace: "return last === ' ' || name.indexOf(':$') >= 0;",
  }),
  defect('case counts where it must not', 'src/request/canonical-path.ts', {
    find: 'terms.ignoreCase ? lowerAscii(name.value, text) : name.value',
    replace: 'name.value',
  }),
  defect('a method in small letters is taken', 'src/request/request-target.ts', {
    find: "if (!isMethod(facts.method)) return fail('method_malformed');",
    replace: '',
  }),
  defect('the Host line may contradict the target', 'src/request/request-target.ts', {
    find: "return field !== undefined && named !== host ? fail('host_contradicted') : succeed(host);",
    replace: 'return succeed(host);',
  }),
  defect('the second Host line is ignored', 'src/request/request-target.ts', {
    find: "if (facts.hosts.length > 1) return fail('host_repeated');",
    replace: '',
  }),
  defect('a port is part of the host', 'src/request/canonical-host.ts', {
    find: 'withoutFinalDot(colon < 0 ? host : host.substring(0, colon));',
    replace: 'withoutFinalDot(host);',
  }),
  defect('the final dot is part of the host', 'src/request/canonical-host.ts', {
    find: "name.charAt(name.length - 1) === '.' ? name.substring(0, name.length - 1) : name;",
    replace: 'name;',
  }),
  defect('OPTIONS without Origin is a preflight', 'src/policy/assess.ts', {
    find: 'return policy.preflight && facts.preflight && facts.method',
    replace: 'return policy.preflight && facts.method',
  }),
  defect('preflights pass unasked for', 'src/policy/assess.ts', {
    find: 'return policy.preflight && facts.preflight && facts.method',
    replace: 'return facts.preflight && facts.method',
  }),
  defect('what no rule names passes', 'src/policy/match-rule.ts', {
    find: 'return walk.first < 0 ? table.otherwise : walk.first;',
    replace: 'return walk.first < 0 ? 0 : walk.first;',
  }),
  defect('the last rule that matches decides', 'src/policy/match-rule.ts', {
    find: 'if (node.any !== undefined && (best < 0 || node.any < best)) best = node.any;',
    replace: 'if (node.any !== undefined && (best < 0 || node.any > best)) best = node.any;',
  }),
  defect('a rule for a method goes behind one for all', 'src/policy/match-rule.ts', {
    find: 'return named !== undefined && (best < 0 || named < best) ? named : best;',
    replace: 'return named !== undefined && best < 0 ? named : best;',
  }),
  defect('a host below is the host itself', 'src/policy/match-rule.ts', {
    find: '  roots.push(rootKey(host));\n',
    replace: "  roots.push(rootKey(host), rootKey('*.' + host));\n",
  }),
  defect('a later rule for the same replaces an earlier one', 'src/policy/rule-index.ts', {
    find: 'if (node.any !== undefined) return false;\n  if (methods.length === 0) {',
    replace: 'if (methods.length === 0) {',
    projects: ['unit'],
    tests: ['test/unit/policy/match-rule.test.ts'],
  }),
  defect('one of the scopes that are all needed will do', 'src/policy/demands.ts', {
    find: "if (!hasScope(scopes, demand.all[index] ?? '')) return false;",
    replace: "if (hasScope(scopes, demand.all[index] ?? '')) return true;",
  }),
  defect('any scope is taken for one of several', 'src/policy/demands.ts', {
    find: "if (hasScope(scopes, demand.any[index] ?? '')) return true;\n  }\n  return demand.any.length === 0;",
    replace:
      "if (hasScope(scopes, demand.any[index] ?? '')) return true;\n  }\n  return demand.any.length === 0 || scopes !== '';",
  }),
  defect('groups that were too many are taken for none', 'src/policy/demands.ts', {
    find: "if (identity.groupsOverage && demandsWords(demands.groups)) return 'groups_overage';",
    replace: '',
  }),
  defect('an email of a longer domain passes', 'src/policy/demands.ts', {
    find: "if (wanted.charAt(0) === '.' && start > 0 && domain.substring(start) === wanted) return true;",
    replace: 'if (start > 0 && domain.substring(start) === wanted) return true;',
  }),
  defect('an unverified email has a domain', 'src/policy/demands.ts', {
    find: "if (identity.emailUnverified && demands.emailDomains.length > 0) return 'email_unverified';",
    replace: '',
    projects: ['unit'],
    tests: ['test/unit/policy/demands.test.ts'],
  }),
  defect('an authentication may be any time ago', 'src/policy/demands.ts', {
    find: 'return now <= identity.authTime + demands.maxAge + clockSkew;',
    replace: 'return now >= identity.authTime - clockSkew;',
  }),
  defect('nobody is asked for nothing that is legible', 'src/policy/assess.ts', {
    find: 'const isAllowed = allowedGroups.length > 0 && hasWords',
    replace: 'const isAllowed = hasWords',
  }),
  defect('shadow mode of one rule holds for all', 'src/policy/judge.ts', {
    find: "if (rule.mode === 'shadow') return passAs(rule.name, identity, claims, reason);",
    replace:
      "if (rule.mode === 'shadow' || policy.mode !== 'shadow') return passAs(rule.name, identity, claims, reason);",
  }),
  defect('a header is removed only as the policy spells it', 'src/policy/headers.ts', {
    find: 'if (removal === normalized) return true;',
    replace: 'if (removal === name) return true;',
    projects: ['unit'],
    tests: ['test/unit/policy/headers.test.ts'],
  }),
  defect('an underscore hides a header', 'src/policy/headers.ts', {
    find: "pieces.push(isPlain ? lower.charAt(index) : '-');",
    replace: "pieces.push(isPlain || code === 95 ? lower.charAt(index) : '-');",
    projects: ['unit'],
    tests: ['test/unit/policy/headers.test.ts'],
  }),
];
