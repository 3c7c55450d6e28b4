// Defects of what the operator sees of requests: the audit line, and the metrics.
import { inArea } from './define.mjs';

const ofLine = inArea('policy', ['unit'], ['test/unit/policy/audit-line.test.ts']);
const ofMetrics = inArea('policy', ['unit'], ['test/unit/metrics/text-format.test.ts']);
const haproxy = inArea('haproxy', ['integration'], ['test/integration/both/audit.test.ts']);
const nginx = inArea('nginx', ['integration'], ['test/integration/both/audit.test.ts']);
const HAPROXY_METRICS = ['test/integration/haproxy/metrics.test.ts'];
const NGINX_METRICS = ['test/integration/nginx/metrics.test.ts'];

/** @type {readonly import('./define.mjs').Defect[]} */
export const SEEING = [
  ofLine('a blank of a caller stays in the audit line', 'src/codec/percent-forms.ts', {
    find: "const WORD = '!$&",
    replace: "const WORD = ' !$&",
  }),
  ofLine('a word of the audit line has no bound', 'src/codec/percent-forms.ts', {
    find: "if (length > most) return pieces.join('') + '...';",
    replace: '',
  }),
  ofLine('audit of refusals logs what passes', 'src/policy/audit-line.ts', {
    find: " || (passes && policy.audit !== 'all')) return '';",
    replace: ") return '';",
  }),
  ofLine('a request that shadow mode let pass has no audit line', 'src/policy/audit-line.ts', {
    find: "const passes = ruling.decision.allowed && ruling.wouldBe === '';",
    replace: 'const passes = ruling.decision.allowed;',
  }),
  ofLine('the audit line has a token of the path', 'src/policy/audit-line.ts', {
    find: "segments.map((segment) => (holdsToken(segment) ? '(token)' : segment))",
    replace: 'segments',
  }),
  haproxy('a request that passes has no audit line on HAProxy', 'haproxy/judge/by-policy.ts', {
    find: 'return policy.audit === undefined ? decision : audit(',
    replace: "return policy.audit !== 'refused' ? decision : audit(",
    title: 'HAProxy of trixie.* every decision on a verified token',
  }),
  haproxy('the audit line of HAProxy has the decision before its variables', 'haproxy/judge/by-policy.ts', {
    find: 'const line = describeAudit(policy, { decision, rule, wouldBe }, identity',
    replace: "const line = describeAudit(policy, { decision: { allowed: true, reason: '' }, rule, wouldBe }, identity",
    title: 'HAProxy of trixie.* every decision on a verified token',
  }),
  haproxy('nobody is named whose token HAProxy finds on the deny list', 'haproxy/judge/steps.ts', {
    find: 'return { ok: false, decision, identity: verified.identity };',
    replace: 'return { ok: false, decision };',
    title: 'HAProxy of trixie.* names whose token is on the deny list',
  }),
  haproxy('the authorizer of HAProxy has no audit line', 'haproxy/judge/authorizer.ts', {
    find: '  audit(policy, ruling, identity, target.resource);\n',
    replace: '',
    title: 'HAProxy of trixie.* the authorizer logs',
  }),
  nginx('nginx lets remembered tokens pass without their audit line', 'nginx/store/policy-writer.ts', {
    find: "const isAudited = policy.audit === 'all';",
    replace: 'const isAudited = false;',
    title: 'nginx of trixie.* every decision on a verified token',
  }),
  nginx('nobody is named whose token nginx finds on the deny list', 'nginx/judge/steps.ts', {
    find: '  course.verifier.tell(verified);\n  const decision = judgeVerified(verified, course.verifier.denyList, text, course.now());\n',
    replace:
      '  const decision = judgeVerified(verified, course.verifier.denyList, text, course.now());\n  if (decision.allowed) course.verifier.tell(verified);\n',
    title: 'nginx of trixie.* names whose token is on the deny list',
  }),
  nginx('the authorizer of nginx has no audit line', 'nginx/answer/reply.ts', {
    find: '  audit(ruling);\n  const page',
    replace: '  const page',
    title: 'nginx of trixie.* the authorizer logs',
  }),
  ofMetrics('a label of a metric has its quotes as they are', 'src/metrics/text-format.ts', {
    find: `.split('"').join('\\\\"')`,
    replace: '',
  }),
  ofMetrics('readiness of several Lua states is added up', 'src/metrics/text-format.ts', {
    find: "if (family.merge === 'sum') return one + other;",
    replace: "if (family.merge !== 'most') return one + other;",
  }),
  haproxy('HAProxy counts a refusal under no rule', 'haproxy/judge/result.ts', {
    find: 'countRefusal(decision.reason, rule);',
    replace: "countRefusal(decision.reason, rule === '' ? rule : '');",
    tests: HAPROXY_METRICS,
    title: 'trixie.* counts are exact with .lua-load. and 1 ',
  }),
  haproxy('the metrics of HAProxy are those of one thread', 'haproxy/operate/metrics.ts', {
    find: '    addLines(samples, text);',
    replace: '    if (answered === 1) addLines(samples, text);',
    tests: HAPROXY_METRICS,
    title: 'trixie.* counts are exact with .lua-load-per-thread. and 4 ',
  }),
  nginx('a remembered token that a policy lets pass is counted as a request alone', 'nginx/judge/pass.ts', {
    find: '(pass.caller === undefined ? ALLOWED : PASSED_REMEMBERED) + pass.rule',
    replace: 'ALLOWED + pass.rule',
    tests: NGINX_METRICS,
    title: 'trixie.* counts are exact over two workers',
  }),
  nginx('a dictionary of texts for counts refuses requests', 'nginx/ports/counts.ts', {
    find: '  try {\n    zone.incr(name, 1);\n  } catch {\n    // `jwtverify.metrics` reports a dictionary that cannot count.\n  }\n',
    replace: '  zone.incr(name, 1);\n',
    tests: NGINX_METRICS,
    title: 'trixie.* a dictionary of texts changes no decision',
  }),
];
