// What of HAProxy's configuration is odd, but perhaps intended: the start logs it.
import type { Policy } from '../../src/model/policy';
import type { Problem } from '../../src/model/problem';
import type { Rule } from './rules';
import type { Section } from './sections';

const USES_FCGI = 'use-fcgi-app';
/** `deny if { req.hdr(upgrade) -m found }`, and the like. */
const REFUSES_UPGRADE = '^[dr]e[nj][%w]+ [%w_ ]*if { [req.]*f?hdr%(upgrade%) %-m found }$';

/** Leaves `Upgrade: websocket` alone: what follows is no HTTP. */
const KEEPS_WEBSOCKETS =
  'del-header upgrade unless { req.fhdr_cnt(upgrade) 1 } { req.fhdr(upgrade) -m str -i websocket }';

/** `deny if METH_CONNECT`, and the like. */
const REFUSES_CONNECT: readonly string[] = ['METH_CONNECT', '{ method CONNECT }'].map(
  (condition) => '^[dr]e[nj][%w]+ [%w_ ]*if ' + condition.toLowerCase() + '$',
);

/** Names each `allow` above an action, in a section or the `defaults` that it begins with. */
function noticeAllows(section: Section): readonly Problem[] {
  const notices: Problem[] = [];
  const rules = section.kind === 'defaults' ? section.rules : [...(section.base?.rules ?? []), ...section.rules];
  let last = rules.length - 1;
  while (last >= 0 && rules[last]?.kind !== 'judge') last -= 1;
  for (const [index, { action, place }] of rules.entries()) {
    if (action !== 'allow' || index > last) continue;
    const cause = '`http-request allow` is above `' + (rules[last]?.action ?? '') + '` in `' + section.name + '`';
    const effect = ": what it lets pass keeps the client's own identity headers, method overrides and Upgrade";
    notices.push({ setting: place, message: cause + effect + '; put it below the check, or make it part of a policy' });
  }
  return notices;
}

/** Whether a section has a rule for every request, in small letters, that is meant. */
function hasRule({ base, lines }: Section, isMeant: (this: void, rule: string) => boolean): boolean {
  return [...(base?.lines ?? []), ...lines].some(
    ({ line: { words }, blocks }) =>
      words[0] === 'http-request' && blocks.length === 0 && isMeant(words.slice(1).join(' ').toLowerCase()),
  );
}

/** Whether a section gives no backend an `Upgrade` to another HTTP: it removes it, or refuses such requests. */
function barsUpgrade(section: Section): boolean {
  return hasRule(
    section,
    (rule) =>
      rule === 'del-header upgrade' ||
      rule === KEEPS_WEBSOCKETS ||
      string.match(rule, REFUSES_UPGRADE)[0] !== undefined,
  );
}

function barsConnect(section: Section): boolean {
  return hasRule(section, (rule) => REFUSES_CONNECT.some((pattern) => string.match(rule, pattern)[0] !== undefined));
}

const KEEPS_HEADERS =
  'keeps the headers that the policy removes or sets; take the condition away, and let the policy say what is public';
const KEEPS_UPGRADE =
  'keeps `Upgrade`, and a backend that accepts it (`h2c`) opens a tunnel whose requests nobody judges; ' +
  'put `http-request del-header upgrade` above it, or take the condition away and make the exceptions below it';
const KEEPS_CONNECT =
  'may be a `CONNECT`, and a backend that accepts it opens a tunnel whose requests nobody judges; ' +
  'put `http-request deny if METH_CONNECT` above it, or take the condition away and make the exceptions below it';

/** What the requests may do that no action of a section runs for. */
function findEffects(section: Section, hasPolicy: boolean): readonly string[] {
  if (hasPolicy) return [KEEPS_HEADERS];
  return [...(barsUpgrade(section) ? [] : [KEEPS_UPGRADE]), ...(barsConnect(section) ? [] : [KEEPS_CONNECT])];
}

/** What a rule asks for that opens a way for reading alone: neither `CONNECT` nor an `Upgrade` has it. */
const READS: readonly string[] = ['{ method GET', '!{ req.hdr(upgrade) -m found }'];

/** Whether an action leaves out nothing but requests that a variable is set for, and only reading sets it. */
function leavesReads({ lines, meaningOf }: Section, { condition }: Rule): boolean {
  const suites = condition?.suites ?? [];
  const literals = suites.length === 1 ? (suites[0] ?? []) : [];
  const reads = literals.length === 1 ? meaningOf(literals[0]?.name ?? '').reads : [];
  const [variable] = reads.length === 1 ? string.match(reads[0] ?? '', '^variable (.*)$') : [];
  if (variable === undefined) return false;
  const setters = lines.filter(({ line: { words } }) => words[1] === 'set-var(' + variable + ')');
  return setters.every(({ line: { words } }) => READS.every((part) => words.join(' ').includes(part)));
}

/** Names each action that does not run for every request: it cleans the headers of those alone that it runs for. */
function noticeConditions(section: Section, hasPolicy: boolean): readonly Problem[] {
  const judges = section.rules.filter(({ kind }) => kind === 'judge');
  const isForAll = judges.some(({ condition }) => condition?.suites.some((suite) => suite.length === 0) === true);
  if (isForAll || (!hasPolicy && judges.every((rule) => leavesReads(section, rule)))) return [];
  const notices: Problem[] = [];
  for (const effect of findEffects(section, hasPolicy)) {
    for (const { action, place } of judges) {
      const cause = '`http-request ' + action + '` has a condition: every other request ';
      notices.push({ setting: place, message: cause + effect });
    }
  }
  return notices;
}

/** Whether a rule that opens something goes by the path. */
function looksAtPath({ meaningOf, rules }: Section): boolean {
  return rules.some(({ condition }) =>
    (condition?.suites ?? []).some((suite) => suite.some(({ name }) => meaningOf(name).reads.includes('request'))),
  );
}

const OPENS_BY_PATH =
  '`/open/..%2fadmin.php` becomes `/open/../admin.php`), and rules match the path as the client wrote it; ' +
  'let a policy say which paths are public';
const READS_SLASH =
  '`/admin%2fx.php` becomes `/admin/x.php`), and `encoded_slash` has rules read it as one segment; ' +
  'take that out of `paths.allow`';

/** Names each backend of FastCGI beside rules on paths: HAProxy itself decodes the path for it, after they have matched. */
function noticeFastCgi(sections: readonly Section[], policy: Policy | undefined): readonly Problem[] {
  const judges = sections.filter(({ rules }) => rules.some(({ kind }) => kind === 'judge'));
  const isRead =
    policy === undefined
      ? judges.some((section) => looksAtPath(section))
      : judges.length > 0 && policy.paths.allow.includes('encoded_slash');
  if (!isRead) return [];
  const notices: Problem[] = [];
  for (const { lines } of sections) {
    const line = lines.find(({ line: { words } }) => words[0] === USES_FCGI);
    if (line === undefined) continue;
    const cause = '`' + USES_FCGI + '` gives the backend the decoded path (';
    notices.push({ setting: line.place, message: cause + (policy === undefined ? OPENS_BY_PATH : READS_SLASH) });
  }
  return notices;
}

export function findNotices(sections: readonly Section[], policy: Policy | undefined): readonly Problem[] {
  const notices: Problem[] = [];
  const hasPolicy = policy !== undefined;
  for (const section of sections) notices.push(...noticeAllows(section), ...noticeConditions(section, hasPolicy));
  return [...notices, ...noticeFastCgi(sections, policy)];
}
