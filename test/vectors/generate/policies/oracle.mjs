// A second, simple reading of rules, to have expectations from: one regular expression for each pattern, every rule in its
// turn. It knows nothing of the product's code, and accepts only targets that are canonical already.

const escape = (text) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');

/** `/a/*.js` and the like as a regular expression over a path without slash at its end. */
function patternOf(pattern) {
  const segments = pattern
    .split('/')
    .slice(1)
    .filter((segment, index, all) => segment !== '' || index < all.length - 1);
  const sources = segments.map((segment) => {
    if (segment === '**') return '(?:/[^/]+)*';
    if (segment === '*') return '/[^/]+';
    return '/' + segment.split('*').map(escape).join('[^/]*');
  });
  return new RegExp(`^${sources.join('')}$`, 'u');
}

function matchesHost(rule, host) {
  return (rule.hosts ?? ['any']).some((wanted) => {
    if (wanted === 'any') return true;
    return wanted.startsWith('*.')
      ? host.endsWith(wanted.slice(1)) && host.length > wanted.length - 1
      : host === wanted;
  });
}

/** The name of the rule that decides, and the rule. */
export function decide(policy, method, path, host) {
  const clean = path.replace(/\/+$/, '');
  const found = (policy.rules ?? []).findIndex(
    (rule) =>
      matchesHost(rule, host) &&
      (rule.methods === undefined || rule.methods.includes(method)) &&
      (rule.paths === undefined || rule.paths.some((pattern) => patternOf(pattern).test(clean))),
  );
  if (found >= 0) return { name: policy.rules[found].name ?? `rule-${found + 1}`, rule: policy.rules[found] };
  return { name: 'otherwise', rule: { access: policy.otherwise === 'authenticated' ? 'authenticated' : 'deny' } };
}

/** Whether scopes (and nothing else) fulfil a rule. */
export function hasScopes(rule, scopes) {
  const wanted = rule.require?.scopes ?? [];
  const { all = [], any = [] } = Array.isArray(wanted) ? { all: wanted } : wanted;
  return (
    all.every((scope) => scopes.includes(scope)) && (any.length === 0 || any.some((scope) => scopes.includes(scope)))
  );
}

/** Every scope that the challenge names. */
export function scopesOf(rule) {
  const wanted = rule.require?.scopes ?? [];
  return Array.isArray(wanted) ? wanted : [...(wanted.all ?? []), ...(wanted.any ?? [])];
}
