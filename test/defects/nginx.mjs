// Defects of nginx/: what a real nginx has to show, with njs 0.8.9 where one engine is enough.
import { inArea } from './define.mjs';

const defect = inArea('nginx', ['integration'], []);

const LOST = { projects: ['unit'], tests: ['test/unit/nginx/store/lost-pieces.test.ts'] };
/** A loss meets a moment between two looks often, not always: one engine of several shows it. */
const REALLY_LOST = {
  tests: ['test/integration/nginx/lost-pieces.test.ts'],
  title: 'njs.* while pieces are lost and written anew',
};
const AGAIN = { projects: ['unit'], tests: ['test/unit/nginx/judge/again.test.ts'] };
const FORWARD = ['test/integration/nginx/forward-lines.test.ts'];
const DICTIONARY = ['test/integration/nginx/dictionary-tokens.test.ts'];
const DENY = ['test/integration/both/deny.test.ts'];
const AUTHORIZER = ['test/integration/both/authorizer.test.ts'];
const IDENTITY = ['test/integration/both/identity-headers.test.ts'];
const CONTRACT = ['test/integration/nginx/contract.test.ts'];

/** @type {readonly import('./define.mjs').Defect[]} */
export const NGINX = [
  defect('a rule that was dropped lets a request pass (the part that passes)', 'nginx/judge/pass.ts', {
    find: "if (!rules.pieces.isWhole(writing)) return 'unknown';",
    replace: '',
    ...LOST,
  }),
  defect('a rule that was dropped lets a request pass (the part that refuses)', 'nginx/judge/refuse.ts', {
    find: "if (typeof asked === 'string' || !rules.isWhole(writing)) return undefined;",
    replace: "if (typeof asked === 'string') return undefined;",
    ...REALLY_LOST,
  }),
  defect('a rule that was dropped lets a request pass (the part that judges)', 'nginx/judge/verify.ts', {
    find: "if (!rules.isWhole(writing)) return plainAnswer(refuse('internal_error'));",
    replace: '',
    ...LOST,
  }),
  defect('rules that were lost and written anew are taken for those looked at', 'nginx/store/policy-store.ts', {
    find: 'isWhole: (writing) => isStillWhole(zone, stamp, writing),',
    replace: 'isWhole: (writing) => writing !== undefined && arePiecesWhole(zone, stamp),',
    ...LOST,
  }),
  defect('a signature that cannot be checked is valid', 'nginx/ports/signatures.ts', {
    find: "(): SignatureOutcome => 'unavailable',",
    replace: "(): SignatureOutcome => 'valid',",
    projects: ['unit'],
    tests: ['test/unit/nginx/', 'test/contract/'],
  }),
  defect('the first characters of an HMAC will do', 'nginx/ports/signatures.ts', {
    find: 'if (expected.length !== actual.length) return false;',
    replace: '',
    projects: ['unit', 'engine'],
    tests: ['test/unit/nginx/', 'test/contract/', 'test/engine/node.test.ts'],
  }),
  defect('PSS takes a salt of any length', 'nginx/ports/signatures.ts', {
    find: 'const saltLength = Number(algorithm.hash.slice(4)) / 8;',
    replace: 'const saltLength = 20;',
    projects: ['engine'],
    tests: ['test/engine/node.test.ts'],
  }),
  defect('an error of ours lets a request pass', 'nginx/judge/steps.ts', {
    find: '    answer(makeFailure());\n  }\n  try {',
    replace: '  }\n  try {',
    projects: ['unit'],
    tests: ['test/unit/nginx/judge/steps.test.ts'],
  }),
  defect('a refusal has no body', 'nginx/answer/reply.ts', {
    find: 'send(request, status, problemBody(decision));',
    replace: "send(request, status, decision.reason === '' ? problemBody(decision) : undefined);",
    tests: ['test/integration/nginx/error-page.test.ts'],
    title: 'trixie.* S2: refuses a request without a token',
  }),
  defect('a refusal of 400 goes to auth_request as it is', 'nginx/answer/reply.ts', {
    find: "decision.challenge === '' || decision.status === 403 ? 403 : 401);",
    replace: 'decision.status);',
    projects: ['unit'],
    tests: ['test/unit/nginx/answer/reply.test.ts'],
  }),
  defect('a control character goes into a header', 'nginx/answer/reply.ts', {
    find: "if (value !== '' && !text.hasControl(value)) request.headersOut",
    replace: "if (value !== '') request.headersOut",
    projects: ['unit'],
    tests: ['test/unit/nginx/answer/reply.test.ts'],
  }),
  defect('a cache may keep what an authorizer answered', 'nginx/answer/reply.ts', {
    find: '  report(ruling);\n  forbidStoring(request);\n',
    replace: '  report(ruling);\n',
    projects: ['unit'],
    tests: ['test/unit/nginx/answer/reply.test.ts'],
  }),
  defect('the authorizer leaves a client’s own identity headers', 'nginx/answer/variables.ts', {
    find: "if (header !== undefined) request.headersOut[header.name] = ' ';",
    replace: "if (header === undefined) request.headersOut[''] = ' ';",
    tests: AUTHORIZER,
    title: 'nginx of trixie.* B5: answers with',
  }),
  defect('the mark is not compared', 'nginx/answer/forward-mark.ts', {
    find: 'return mark === forwardLines.mark && !(isAsked && forwardLines.cookieMark !== undefined);',
    replace: "return (mark ?? '') !== '' || (forwardLines.mark === '' && isAsked);",
    tests: FORWARD,
    title: 'trixie.* lines of another policy',
  }),
  defect('the mark counts for a second location', 'nginx/answer/variables.ts', {
    find: "  request.variables[FORWARD_MARK] = '';\n",
    replace: '',
    tests: [...FORWARD, 'test/integration/nginx/handed-on.test.ts'],
    title: 'trixie.* (D1: a location without|is judged there too|S7: )',
  }),
  defect('no mark is asked for', 'nginx/judge/by-policy.ts', {
    find: "if (reaches && !hasForwardLines(request, rules.head.forwardLines, way === 'auth')) return 'forward';",
    replace: "if (reaches && !hasForwardLines(request, rules.head.forwardLines, way === 'auth')) rules.writing();",
    tests: FORWARD,
    title: 'trixie.* D1: a location without',
  }),
  defect('no mark is asked for on the fast way', 'nginx/judge/pass.ts', {
    find: "if (way !== 'authorizer' && !hasForwardLines(request, gist.forwardLines, way === 'auth')) return 'unknown';",
    replace: '',
    tests: FORWARD,
    title: 'trixie.* (D1: a location without|lines of another policy)',
  }),
  defect('no mark is asked for where a request passed before', 'nginx/judge/again.ts', {
    find: "if (passages[MARK_PLACE] !== (isAsked ? 'auth' : 'access') + (variables[FORWARD_MARK] ?? '')) return otherwise;",
    replace: '',
    ...AGAIN,
  }),
  defect(
    'the mark of a location counts for another judgement of a request that passed before',
    'nginx/judge/again.ts',
    {
      find: "variables[FORWARD_MARK] = '';",
      replace: '',
      ...AGAIN,
    },
  ),
  defect('allowed groups are not asked where a request passed before', 'nginx/judge/again.ts', {
    find: "if (isAsked && (variables['args'] ?? '') !== '') return otherwise;",
    replace: '',
    ...AGAIN,
  }),
  defect('a request that passed before is found by a part of its line', 'nginx/store/remembered-tokens/passages.ts', {
    find: 'return query < 0 ? line : line.slice(0, query + 1);',
    replace: "return query < 0 ? line.slice(line.indexOf(' ')) : line.slice(line.indexOf(' '), query + 1);",
    ...AGAIN,
  }),
  defect('how long ago somebody signed in is asked once', 'src/policy/assess.ts', {
    find: ' && demands.maxAge < 0);',
    replace: ');',
    ...AGAIN,
  }),
  defect('the host of a request is judged once', 'nginx/judge/keep-passage.ts', {
    find: 'policy.usesHosts || ',
    replace: '',
    ...AGAIN,
  }),
  defect('a question whether a request may be sent is taken for the request', 'nginx/judge/keep-passage.ts', {
    find: " || facts.method === 'OPTIONS'",
    replace: '',
    ...AGAIN,
  }),
  defect('a token remembers each request', 'nginx/store/remembered-tokens/passages.ts', {
    find: 'if (others.length >= 2 * MOST) others = others.slice(2);',
    replace: '',
    ...AGAIN,
  }),
  defect('an underscore keeps a client’s header', 'nginx/answer/forward-lines.ts', {
    find: 'const spellings = spellHeader(removal);',
    replace: 'const spellings = [removal];',
    tests: IDENTITY,
    title: 'nginx of trixie.* B7: what a client sends',
  }),
  defect('Authorization is handed on where it is to be removed', 'nginx/answer/forward-lines.ts', {
    find: 'if (!policy.keepsAuthorization) {',
    replace: 'if (policy.removals.length === 0) {',
    tests: IDENTITY,
    title: 'nginx of trixie.* B8: ',
  }),
  defect('an epoch holds without its keys', 'nginx/store/epoch.ts', {
    find: 'const whole = JSON.stringify([BUILD, parts.settings, parts.keySets, deny.text, head, names, hasZone]);',
    replace: 'const whole = JSON.stringify([BUILD, parts.settings, deny.text, head, names, hasZone]);',
    tests: ['test/integration/both/keys.test.ts'],
    title: 'nginx of trixie.* a remembered token ends when its key leaves',
  }),
  defect('an epoch holds without the deny list', 'nginx/store/epoch.ts', {
    find: 'const whole = JSON.stringify([BUILD, parts.settings, parts.keySets, deny.text, head, names, hasZone]);',
    replace: 'const whole = JSON.stringify([BUILD, parts.settings, parts.keySets, head, names, hasZone]);',
    tests: DENY,
    title: 'nginx of trixie.* by a file without dictionaries.* a revoked jti is refused',
  }),
  defect('an epoch holds through a change of settings', 'nginx/store/epoch.ts', {
    find: 'const whole = JSON.stringify([BUILD, parts.settings, parts.keySets, deny.text, head, names, hasZone]);',
    replace: 'const whole = JSON.stringify([BUILD, parts.keySets, deny.text, head, names, hasZone]);',
    tests: DICTIONARY,
    title: 'trixie.* a reload with other settings .*in the dictionary',
  }),
  defect('an epoch holds through other claim variables', 'nginx/store/epoch.ts', {
    find: 'const whole = JSON.stringify([BUILD, parts.settings, parts.keySets, deny.text, head, names, hasZone]);',
    replace: 'const whole = JSON.stringify([BUILD, parts.settings, parts.keySets, deny.text, head, hasZone]);',
    tests: ['test/integration/nginx/changed-reload.test.ts'],
    title: 'sid.* a claim that a reload declares',
  }),
  defect('a remembered token outlives its epoch', 'nginx/store/remembered-tokens/recall.ts', {
    find: 'if (token === undefined || token.epoch !== epoch) return undefined;',
    replace: 'if (token === undefined) return undefined;',
    tests: DICTIONARY,
    title: 'trixie.* a reload with other settings .*in the dictionary',
  }),
  defect('a remembered token outlives exp', 'nginx/store/remembered-tokens/recall.ts', {
    find: 'if (!countsNow(token, Date.now())) return undefined;',
    replace: 'if (!(Date.now() >= token.from)) return undefined;',
    tests: ['test/integration/both/cache.test.ts'],
    title: 'nginx of trixie.*, dictionary a token ends with its exp',
  }),
  defect('a token is remembered for as long as it lives', 'nginx/store/remembered-tokens/remember.ts', {
    find: 'timesToRemember(verified.validity, snapshot.cacheAge, now, 1000)',
    replace: 'timesToRemember(verified.validity, 1e9, now, 1000)',
    tests: DICTIONARY,
    title: 'trixie.* OAUTH_CACHE_AGE ends what is remembered',
  }),
  defect('a remembered token is not looked up in the deny dictionary', 'nginx/store/remembered-tokens/recall.ts', {
    find: "if (denials === undefined || token.denyEntries === '') return token;",
    replace: "if (denials === undefined || token.denyEntries !== '') return token;",
    tests: DENY,
    title: 'nginx of trixie.* by the dictionary.* a revoked jti is refused',
  }),
  defect('a remembered token is not compared with the time of its subject', 'nginx/store/remembered-tokens/recall.ts', {
    find: '!(Number(entry.slice(0, blank)) >= Number(time))',
    replace: 'Number(entry.slice(0, blank)) < 0',
    tests: ['test/integration/both/deny-sessions.test.ts'],
    title: 'trixie.* a PUT denies at once',
  }),
  defect('tokens that were remembered without a deny dictionary count beside one', 'nginx/store/epoch.ts', {
    find: 'const hasZone = findDenyZone() !== undefined || findEndedZone() !== undefined;',
    replace: 'const hasZone = true;',
    tests: ['test/integration/both/deny-sessions.test.ts'],
    title: 'trixie.* a dictionary that a reload adds',
  }),
  defect('a deny file of the same length is not read again', 'nginx/store/remembered-tokens/recall.ts', {
    find: '[stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join',
    replace: "[stats.ino, stats.size, file[1].split(' ')[2], file[1].split(' ')[3]].join",
    tests: ['test/integration/both/deny-entries.test.ts'],
    title: 'trixie.*with dictionaries.* a file rewritten in place',
  }),
  defect('a proxy’s clients may change the deny list', 'nginx/operate/deny-list.ts', {
    find: 'if (FORWARDED.some((name) => request.headersIn[name] !== undefined)) {',
    replace: 'if (FORWARDED.some((name) => request.headersIn[name] === name)) {',
    tests: ['test/integration/both/deny-entries.test.ts'],
    title: 'trixie.* a request that a proxy hands on',
  }),
  defect('another build’s keys are taken', 'nginx/store/key-store.ts', {
    find: "return 'keys:' + BUILD + scheme + login + source.kind",
    replace: "return 'keys:' + scheme + login + source.kind",
    tests: ['test/integration/nginx/other-build.test.ts'],
    title: 'trixie.* O1: keys that an older build fetched',
  }),
  defect('a fetch that never ended is not counted', 'nginx/store/key-store.ts', {
    find: 'if (!isLost(stored, now)) return stored;',
    replace: 'if (stored.failures >= 0) return stored;',
    tests: ['test/integration/nginx/lost-fetch.test.ts'],
    title: 'trixie.* a run of js_periodic that the next one ends',
  }),
  defect('keys that came by plain http outlast the setting', 'nginx/store/key-store.ts', {
    find: "const scheme = source.allowHttp ? ' http ' : ' https ';",
    replace: "const scheme = ' ';",
    tests: ['test/integration/nginx/changed-reload.test.ts'],
    title: 'trixie.* keys that came by plain http',
  }),
  defect('the health location always says ready', 'nginx/operate/health.ts', {
    find: 'send(request, ready ? 200 : 503,',
    replace: 'send(request, 200,',
    tests: ['test/integration/both/keys.test.ts'],
    title: 'nginx of trixie.* a provider that is down at start',
  }),
  defect('allowed groups are asked of new tokens alone', 'nginx/judge/pass.ts', {
    find: 'const groups = readGroups(request, way);',
    replace: "const groups = way === 'access' ? readGroups(request, way) : undefined;",
    tests: AUTHORIZER,
    title: 'nginx of trixie.* D3: a token that is remembered',
  }),
  defect('requirements that nobody checks let a request pass', 'src/policy/assess.ts', {
    find: "check === undefined ? 'internal_error' : check(target, identity, text)",
    replace: 'check === undefined ? undefined : check(target, identity, text)',
    tests: ['test/integration/both/request-conditions.test.ts'],
    title: 'nginx of trixie',
  }),
  defect('the method is judged with which nginx goes on', 'nginx/ports/request-facts.ts', {
    find: 'const method = ownMethod(line);',
    replace: "const method = ownMethod(line) === '' ? '' : (request.variables['request_method'] ?? '');",
    tests: ['test/integration/nginx/accel-redirect.test.ts'],
    title: 'trixie.* the method of the client decides',
  }),
  defect('groups are taken from the client’s own query', 'nginx/ports/request-facts.ts', {
    find: "const query = way === 'access' || way === 'sign_in' ? undefined : request.variables['args'];",
    replace: "const query = way === 'authorizer' ? undefined : request.variables['args'];",
    tests: ['test/integration/both/policy.test.ts', 'test/integration/nginx/access.test.ts', ...AUTHORIZER],
    title: '(nginx of sid|^sid)|D3: ',
  }),
  defect('the second Authorization line is ignored', 'nginx/judge/presented-token.ts', {
    find: "=== 'authorization').map((field) => field[1]);",
    replace: "=== 'authorization').map((field) => field[1]).slice(0, 1);",
    tests: CONTRACT,
    title: 'never lets one of several',
    equivalent:
      'nginx itself answers a second Authorization line with 400, in each version that is tested, so the module never sees one; the core refuses two',
  }),
];
