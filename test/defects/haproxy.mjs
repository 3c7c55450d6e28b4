// Defects of haproxy/: what a real HAProxy has to show. One suite is enough: the tests of the others are the same.
import { inArea } from './define.mjs';

const defect = inArea('haproxy', ['integration'], []);

const FORWARD = ['test/integration/haproxy/action-place.test.ts'];
const IDENTITY = ['test/integration/both/identity-headers.test.ts'];
const AUTHORIZER = ['test/integration/both/authorizer.test.ts'];
const CHECK = ['test/integration/haproxy/check.test.ts'];
const ROUTES = ['test/integration/haproxy/check-routes.test.ts'];
const WORDS = ['test/integration/haproxy/check-words.test.ts'];
const ERROR_ANSWERS = ['test/integration/haproxy/error-answers.test.ts'];
const UPGRADE = ['test/integration/haproxy/upgrade.test.ts'];
const CACHE = ['test/integration/both/cache.test.ts'];
const DENY = ['test/integration/both/deny.test.ts'];
const TARGETS = ['test/integration/haproxy/known-targets.test.ts'];
const INTERRUPTED = ['test/integration/haproxy/policy-interrupted.test.ts'];
const LANE = ['test/integration/haproxy/lane.test.ts'];
const LANE_LINES = ['test/integration/haproxy/lane-lines.test.ts'];

/** @type {readonly import('./define.mjs').Defect[]} */
export const HAPROXY = [
  defect('a rule that decided about a path decides whatever the method', 'haproxy/store/known-targets.ts', {
    find: "const asked = method + ' ' + (query",
    replace: "const asked = ' ' + (query",
    tests: TARGETS,
    title: 'trixie.*requests are answered alike',
  }),
  defect('a rule that decided for a host decides for every host', 'haproxy/store/known-targets.ts', {
    find: 'isPath && !policy.usesHosts ? asked',
    replace: 'isPath ? asked',
    tests: TARGETS,
    title: 'the host decides.*trixie',
  }),
  defect('a token that met one rule meets the next', 'haproxy/judge/by-policy.ts', {
    find: 'if (known.met === rule || meets(',
    replace: 'if (known.met !== undefined || meets(',
    tests: TARGETS,
    title: 'trixie.*requests are answered alike',
  }),
  defect('a token that met a rule once meets it whatever the next request is', 'src/policy/assess.ts', {
    find: 'demands.further === undefined && demands.maxAge < 0',
    replace: 'demands.maxAge < 0',
    tests: TARGETS,
    title: 'trixie.*requests are answered alike',
  }),
  defect('a new token is interrupted as often as HAProxy may', 'haproxy/ports/instruction-count.ts', {
    find: 'if (canStop) debug.sethook();',
    replace: '',
    tests: INTERRUPTED,
    title: 'trixie.*interrupts a new token',
  }),
  defect('no check is asked for below an action', 'haproxy/operate/configuration-gaps.ts', {
    find: 'if (last !== undefined) faults.push(',
    replace: "if (last !== undefined && section.name === '') faults.push(",
    tests: CHECK,
    title: 'trixie.* S1: refuses: http-request lua.jwtenforce$',
  }),
  defect('any condition is a check', 'haproxy/operate/conditions.ts', {
    find: "kind: word === 'if' ? 'any' : 'none'",
    replace: "kind: 'none'",
    tests: CHECK,
    title: 'trixie.* S1: refuses: http-request lua.jwtverify; http-request deny if { var',
  }),
  defect('a check that looks for a variable at all will do', 'haproxy/operate/terms.ts', {
    find: "const asBoolean = method === 'bool' && isTrue;",
    replace: "const asBoolean = (method === 'bool' || method === 'found') && isTrue;",
    tests: CHECK,
    title: 'trixie.* S1: refuses: .*-m found',
  }),
  defect('a condition counts whatever a rule between has changed', 'haproxy/operate/checks.ts', {
    find: 'open.changes.push(...rule.changes);',
    replace: 'open.changes.push();',
    tests: CHECK,
    title: 'trixie.* S1: refuses: .*replace-path',
  }),
  defect('no backend is looked at for a second action', 'haproxy/operate/second-judgement.ts', {
    find: 'for (const target of findTargets(section, judging))',
    replace: 'for (const target of findTargets(section, []))',
    tests: ROUTES,
    title: 'trixie.* S1: refuses a second action behind a change',
  }),
  defect('a header that an action removes is steady', 'haproxy/operate/terms.ts', {
    find: '(!hasPolicy && !REMOVED.includes(header))',
    replace: '!hasPolicy',
    tests: CHECK,
    title: 'trixie.* S1: refuses: .*upgrade',
  }),
  defect('a section that a `.if` block begins goes on behind it', 'haproxy/operate/sections.ts', {
    find: 'else if (begun.some((block, index) => blocks[index] !== block))',
    replace: 'else if (begun.some((block) => block === undefined))',
    tests: WORDS,
    title: 'trixie.* S1: refuses a line that (adds|judges)',
  }),
  defect('no error page is read', 'haproxy/operate/error-answers.ts', {
    find: 'const ways = proxies.filter((one) => asked.includes(one)',
    replace: 'const ways = proxies.filter((one) => groups[one.name] !== undefined',
    tests: ERROR_ANSWERS,
    title: 'trixie.* S2: does not start with an error page of',
  }),
  defect('an exception is a check below lua.jwtenforce', 'haproxy/operate/checks.ts', {
    find: 'if (rule.action !== ENFORCE && isPartly',
    replace: 'if (isPartly',
    tests: CHECK,
    title: 'trixie.* S1: refuses: http-request lua.jwtenforce; http-request deny unless METH_GET or',
  }),
  defect('a word that HAProxy reads as empty is passed over', 'haproxy/operate/rules.ts', {
    find: "const isPlain = line.certain === words.length && !words.includes('');",
    replace: 'const isPlain = line.certain === words.length;',
    tests: CHECK,
    title: 'trixie.* S1: refuses: .*deny if ""',
  }),
  defect('the settings are read although they have problems', 'haproxy/main.ts', {
    find: 'if (!startup.ok) error(formatProblems(startup.problems), 0);',
    replace: 'if (!startup.ok) return;',
    tests: DENY,
    title: 'HAProxy of trixie.* a deny list that is not there',
  }),
  defect('jwtenforce answers no refusal', 'haproxy/main.ts', {
    find: 'if (!answer.allowed) answerRefusal(txn, answer, []);',
    replace: "if (!answer.allowed && answer.reason === '') answerRefusal(txn, answer, []);",
    tests: ['test/integration/haproxy/requests.test.ts'],
    title: 'trixie.* jwtenforce answers a refusal',
  }),
  defect('an error in Lua leaves the variables set before', 'haproxy/judge/action.ts', {
    find: '  pcall(publishBroken, txn);\n  // An error may have come after `authorized` was set.\n  withhold(txn);\n',
    replace: '',
    tests: ['test/integration/haproxy/modes.test.ts', 'test/integration/haproxy/ended-ways.test.ts'],
    title: 'trixie.* (an error in Lua becomes|S1: lets through what may pass alone)',
  }),
  defect('a second call keeps the variables of the first', 'haproxy/judge/action.ts', {
    find: 'if (wasCalled(txn)) takeBack(txn);',
    replace: 'if (wasCalled(txn) && snapshot === undefined) takeBack(txn);',
    tests: ['test/integration/haproxy/requests.test.ts'],
    title: 'trixie.* a second call',
  }),
  defect('only the last Connection line is cleaned', 'haproxy/answer/connection.ts', {
    find: "  for (const place of $range(1, count))\n    keepsAll = keepOptions(txn.f.req_fhdr(CONNECTION, place) ?? '', mayUpgrade, kept) && keepsAll;",
    replace:
      "  for (const place of $range(count, count))\n    keepsAll = keepOptions(txn.f.req_fhdr(CONNECTION, place) ?? '', mayUpgrade, kept) && keepsAll;",
    tests: [...IDENTITY, ...UPGRADE],
    title: 'HAProxy of trixie.* (a Connection header|S3: )',
  }),
  defect('Connection is handed on as it came', 'haproxy/answer/headers.ts', {
    find: 'if (plan.hasConnection) cleanConnection(txn);',
    replace: '',
    tests: IDENTITY,
    title: 'HAProxy of trixie.* a Connection header that names',
  }),
  defect('a tunnel of another protocol is handed on', 'haproxy/answer/headers.ts', {
    find: '  if (plan.hasUpgrade) cleanUpgrade(txn);\n',
    replace: '',
    tests: UPGRADE,
    title: 'trixie.* S3: ',
  }),
  defect('HTTP2-Settings is handed on', 'haproxy/answer/connection.ts', {
    find: '  txn.http.req_del_header(HTTP2_SETTINGS);\n',
    replace: '',
    tests: UPGRADE,
    title: 'trixie.* S3: ',
  }),
  defect('a client’s identity headers stay on a public route', 'haproxy/judge/by-policy.ts', {
    find: '  cleanHeaders(rules, txn);\n  const facts = readFacts(fetches, policy);\n  const target = findKnown(rules.targets, policy, facts) ?? judgeTarget(policy, table, facts, text);',
    replace:
      "  const facts = readFacts(fetches, policy);\n  const target = judgeTarget(policy, table, facts, text);\n  if (target.kind !== 'decided') cleanHeaders(rules, txn);",
    tests: IDENTITY,
    title: 'HAProxy of trixie.* B7: nothing that the client forges',
  }),
  defect('what was planned for some names holds for others', 'haproxy/answer/headers.ts', {
    find: 'const known = rules.plans.recall(names);\n  if (known !== undefined) return known;\n  const plan = makePlan(rules, names);\n  if (names.length <= MAX_NAMES_LENGTH) rules.plans.remember(names, plan);',
    replace:
      'const place = string.sub(names, 1, 24);\n  const known = rules.plans.recall(place);\n  if (known !== undefined) return known;\n  const plan = makePlan(rules, names);\n  if (names.length <= MAX_NAMES_LENGTH) rules.plans.remember(place, plan);',
    tests: IDENTITY,
    title: 'HAProxy of trixie.* B7: ',
  }),
  defect('Authorization is handed on where it is to be removed', 'haproxy/answer/headers.ts', {
    find: 'if (!rules.policy.keepsAuthorization) txn.http.req_del_header(AUTHORIZATION);',
    replace: 'if (rules.policy.keepsAuthorization) txn.http.req_del_header(AUTHORIZATION);',
    tests: IDENTITY,
    title: 'HAProxy of trixie.* B8: ',
  }),
  defect('a request passes without the headers for which there was no room', 'haproxy/answer/headers.ts', {
    find: "return string.sub(txn.f.req_hdr_names(SEPARATOR) ?? '', -names.length) === names;",
    replace: "return string.sub(txn.f.req_hdr_names(SEPARATOR) ?? '', -names.length) !== '';",
    tests: FORWARD,
    title: 'trixie.* a token whose headers do not fit',
  }),
  defect('a cache may store what a verified request got', 'haproxy/answer/headers.ts', {
    find: 'if (rules.hidesToken) forbidCaching(txn);',
    replace: '',
    tests: ['test/integration/haproxy/own-cache.test.ts', ...FORWARD],
    title: 'trixie',
  }),
  defect('a remembered token outlives exp', 'haproxy/store/remembered-tokens.ts', {
    find: '!countsNow(remembered, time()) ||',
    replace: '!countsNow({ until: math.huge, from: remembered.from }, time()) ||',
    tests: CACHE,
    title: 'HAProxy of trixie.* a token ends with its exp',
  }),
  defect('a token is remembered for as long as it lives', 'haproxy/store/remembered-tokens.ts', {
    find: 'timesToRemember(verified.validity, memory.bounds.age, now, 1)',
    replace: 'timesToRemember(verified.validity, 1e9, now, 1)',
    tests: ['test/integration/haproxy/counted-tokens.test.ts'],
    title: 'trixie.* after OAUTH_CACHE_AGE',
  }),
  defect('a token that ends like a remembered one is taken for it', 'haproxy/store/remembered-tokens.ts', {
    find: 'if (remembered === undefined || remembered.field !== field) return undefined;',
    replace: 'if (remembered === undefined) return undefined;',
    tests: CACHE,
    title: 'HAProxy of trixie.* nothing but the whole token is recognised',
  }),
  defect('a remembered token outlives the keys’ epoch', 'haproxy/store/remembered-tokens.ts', {
    find: '(remembered.epoch !== store.epoch && !isStillVerified(remembered, store)) ||',
    replace: '(remembered.epoch === store.epoch && !isStillVerified(remembered, store)) ||',
    tests: ['test/integration/both/keys.test.ts'],
    title: 'HAProxy of trixie, lua-load .*(a key that is swapped at once|a new key under an old kid)',
  }),
  defect('a remembered token is not looked up in the deny list', 'haproxy/store/remembered-tokens.ts', {
    find: '(denyList !== undefined && isDenied(remembered.denials, denyList))',
    replace: '(denyList === undefined && isDenied(remembered.denials, { holds: () => false, timesOf: () => [] }))',
    tests: DENY,
    title: 'HAProxy of trixie, lua-load a revoked jti is refused',
  }),
  defect('a failed signature is remembered without its key', 'haproxy/ports/signatures/failed-signatures.ts', {
    find: "algorithm + ' ' + key.spki + ' ' + signingInput",
    replace: "algorithm + ' ' + signingInput",
    tests: ['test/integration/both/key-changes.test.ts'],
    title: 'HAProxy of .* a signature that failed with one key',
  }),
  defect('the second Authorization line is ignored', 'haproxy/ports/request-facts.ts', {
    find: "return count === 1 ? [first] : [first, fetches.req_fhdr(AUTHORIZATION, 2) ?? ''];",
    replace: 'return [first];',
    tests: ['test/integration/haproxy/requests.test.ts'],
    title: 'trixie.* several Authorization headers',
  }),
  defect('PSS does not look at its padding on luaossl', 'haproxy/ports/signatures/pss.ts', {
    find: 'if (padding !== string.rep(string.char(0), start - 1) + string.char(1)) return false;',
    replace: 'if (padding.length !== start) return false;',
    tests: ['test/integration/both/algorithms.test.ts', 'test/integration/both/vectors.test.ts'],
    title: 'trixie',
  }),
  defect('an HMAC is compared with itself', 'haproxy/ports/signatures/hmac.ts', {
    find: 'const right = computeHmac(converters, pads, hash, signature);',
    replace: 'const right = computeHmac(converters, pads, hash, expected);',
    tests: ['test/integration/haproxy/requests.test.ts'],
    title: 'trixie.* A4: HS256',
  }),
  defect('a truncated set of keys is taken', 'haproxy/ports/http.ts', {
    find: "if (length !== '' && tonumber(length) !== response.body.length) return CUT_OFF;",
    replace: '',
    tests: ['test/integration/both/misbehaviour.test.ts'],
    title: 'HAProxy of trixie',
  }),
  defect('the health service always says ready', 'haproxy/judge/authorizer.ts', {
    find: 'applet.set_status(isReady ? 200 : 503);',
    replace: 'applet.set_status(200);',
    tests: ['test/integration/both/systems.test.ts'],
    title: 'HAProxy of trixie.* C3, C4, C6, C7: a real provider by disco',
  }),
  defect('the authorizer answers no empty identity headers', 'haproxy/judge/authorizer.ts', {
    find: "applet.add_header(term.name, headers.find(({ name }) => name === term.name)?.value ?? '');",
    replace: "addUnlessEmpty(applet, term.name, headers.find(({ name }) => name === term.name)?.value ?? '');",
    tests: AUTHORIZER,
    title: 'HAProxy of trixie.* B5: ',
  }),
  defect('allowed groups are asked of new tokens alone', 'haproxy/judge/authorizer.ts', {
    find: 'const ruling = judgeTokenByReadings(policy, target, identity, undefined, groups, text, os.time());',
    replace:
      "const asks = result.known.headerNames === undefined ? groups : undefined;\n  result.known.headerNames = result.known.headerNames ?? '';\n  const ruling = judgeTokenByReadings(policy, target, identity, undefined, asks, text, os.time());",
    tests: AUTHORIZER,
    title: 'HAProxy of trixie.* D3: a token that is remembered',
  }),
  defect('the document’s preflight is refused', 'haproxy/answer/reply.ts', {
    find: 'reply.set_status(isQuestion ? 204 : 200);',
    replace: 'reply.set_status(isQuestion ? 403 : 200);',
    tests: ['test/integration/both/public-documents.test.ts'],
    title: 'trixie',
  }),
  defect('one client may have all questions', 'haproxy/store/questions.ts', {
    find: 'return taken < MAX_OPEN || own < SHARE ? free : undefined;',
    replace: 'return taken < MAX_ASKED || own < SHARE ? free : undefined;',
    tests: ['test/integration/haproxy/opaque-flood.test.ts'],
    title: "trixie.* one client's questions",
  }),
  defect('a part of the lane will do', 'haproxy/operate/lane-lines.ts', {
    find: 'expected.every((one, place) => {',
    replace: 'expected.some((one, place) => {',
    tests: LANE_LINES,
    title: 'trixie.* does not start with',
  }),
  defect('any condition will do behind the action below the lane', 'haproxy/operate/lane-lines.ts', {
    find: "text === writeAction(name).split(' ').join('\\n')",
    replace: "text.split('\\n')[1] === name",
    tests: LANE_LINES,
    title: 'trixie.* does not start with',
  }),
  defect('the lane stays as it is when keys change', 'haproxy/store/key-store.ts', {
    find: 'if (store.watcher === undefined) change();',
    replace: 'if (store.remotes.length < 9) change();',
    tests: LANE,
    title: 'trixie.* a key that is withdrawn',
  }),
  defect('keys count in the lane while others are being changed', 'haproxy/store/lane-keys.ts', {
    find: 'if (next(open)[0] !== undefined) return;\n      states',
    replace: 'states',
    projects: ['engine'],
    tests: ['test/engine/lane.test.ts'],
    title: 'Lua 5.4: changes of keys',
  }),
  defect('two changes of keys at once close the lane', 'haproxy/store/lane-keys.ts', {
    find: 'pcall(mend);',
    replace: 'if (threads.length > 99) pcall(mend);',
    projects: ['engine'],
    tests: ['test/engine/lane.test.ts'],
    title: 'Lua 5.4: changes of keys',
  }),
  defect('the lane looks no deny list up', 'haproxy/operate/lane-lines.ts', {
    find: "' !' + DENIED",
    replace: "''",
    tests: LANE,
    title: 'trixie.* answers mixed requests',
  }),
  defect('a token stays in the lane when its time is over', 'haproxy/store/lane.ts', {
    find: 'math.min(known.until, now + LANE_AGE)',
    replace: 'math.max(known.until, now + LANE_AGE)',
    tests: LANE,
    title: 'trixie.* to its last second',
  }),
  defect('a socket with an address is as good as a file beside the lane', 'haproxy/operate/lane-sockets.ts', {
    find: 'if (!isFile(socket)) {',
    replace: 'if (address === place) {',
    tests: LANE_LINES,
    title: 'trixie.* does not start with `stats socket',
  }),
  defect('the lane has no bound', 'haproxy/store/lane-entries.ts', {
    find: 'isFull: () => count() >= most,',
    replace: 'isFull: () => count() >= most * 10,',
    tests: LANE,
    title: 'trixie.* never more than the setting says',
  }),
  defect('a claim in the lane may end its field', 'haproxy/store/lane-fields.ts', {
    find: "string.find(field, '%c')",
    replace: "string.find(field, '%z')",
    tests: LANE,
    title: 'trixie.* answers mixed requests',
  }),
  defect('the lane passes a second Authorization field', 'haproxy/operate/lane-lines.ts', {
    find: "'{ req.fhdr_cnt(authorization) 1 } !{ req.fhdr(upgrade)",
    replace: "'{ req.fhdr_cnt(authorization) gt 0 } !{ req.fhdr(upgrade)",
    tests: LANE,
    title: 'trixie.* answers mixed requests',
  }),
];
