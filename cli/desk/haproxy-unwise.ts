// Rules beside an action that a client gets round: HAProxy compares a path, a method and a scope as text.
import { wordsInBraces, type Condition, type Suite } from '../../haproxy/operate/conditions';
import type { Rule } from '../../haproxy/operate/rules';
import type { Section } from '../../haproxy/operate/sections';
import type { Finding } from './finding';
import { findingAt, judges, linesOf, type Scene } from './haproxy-scene';
import { isRemoved } from './haproxy-headers';

const OF_TOKEN = /txn\.oauth|lua\.oauth_has/;
const OF_PATH = /^(?:path|url|base)(?:_\w+)?(?:,|$)/;
const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE'];
const OVERRIDE = 'x-http-method-override';

/** A part of a condition with the words of its fetch and patterns. */
interface Part {
  readonly words: readonly string[];
  readonly isNegated: boolean;
}

function partsOf({ acls }: Section, suite: Suite): readonly Part[] {
  return suite.flatMap(({ name, isNegated }) => {
    const inBraces = wordsInBraces(name);
    if (inBraces !== undefined) return [{ words: inBraces, isNegated }];
    if (name.startsWith('METH_')) return [{ words: ['method', name.slice('METH_'.length)], isNegated }];
    return (acls.get(name)?.lines ?? []).map(({ words }) => ({ words, isNegated }));
  });
}

const suitesOf = (section: Section, condition: Condition | undefined): readonly (readonly Part[])[] =>
  (condition?.suites ?? []).map((suite) => partsOf(section, suite));

const isOfToken = ({ words }: Part): boolean => OF_TOKEN.test(words.join(' '));
const isOfPath = ({ words, isNegated }: Part): boolean => !isNegated && OF_PATH.test(words[0] ?? '');
const methodsOf = ({ words }: Part): readonly string[] =>
  words[0] === 'method' ? words.slice(1).map((word) => word.toUpperCase()) : [];

/** A rule that refuses requests of some paths or methods that lack something. */
function checkRefusal(section: Section, { kind, condition, place, action }: Rule): readonly Finding[] {
  if (kind !== 'refuse' || condition?.kind !== 'any') return [];
  const suites = suitesOf(section, condition).filter((parts) => parts.some(isOfToken));
  const found: Finding[] = [];
  if (suites.some((parts) => parts.some(isOfPath))) {
    const message = `\`${action}\` is for a path as the client spells it: \`/%61\`, \`//a\` and \`/b/../a\` are other paths here, and \`/a\` for many backends; let a policy require it`;
    found.push(findingAt(place, 'warning', message));
  }
  for (const parts of suites) {
    const methods = parts.filter(({ isNegated }) => !isNegated).flatMap(methodsOf);
    const missing = WRITES.filter((method) => !methods.includes(method));
    if (!methods.some((method) => WRITES.includes(method)) || missing.length === 0) continue;
    const message = `\`${action}\` leaves ${missing.join(', ')} to everybody; write \`unless { method GET HEAD } or ...\``;
    found.push(findingAt(place, 'warning', message));
  }
  return found;
}

function checkAction(section: Section, { kind, condition, place, action }: Rule): readonly Finding[] {
  if (kind !== 'judge' || condition?.kind !== 'any') return [];
  const isByPath = suitesOf(section, condition).some((parts) => parts.some(isOfPath));
  if (!isByPath) return [];
  const message = `\`${action}\` is for a path as the client spells it: \`/%61\`, \`//a\` and \`/b/../a\` are other paths here, and \`/a\` for many backends; judge every request, and let a policy say what is public`;
  return [findingAt(place, 'warning', message)];
}

/** Whether a rule goes by the method, which a header can name another one of to the backend. */
const goesByMethod = (section: Section, { condition }: Rule): boolean =>
  suitesOf(section, condition).some((parts) => parts.some((part) => methodsOf(part).length > 0));

function checkOverrides(scene: Scene, section: Section): readonly Finding[] {
  if (scene.hasPolicy || isRemoved([section], OVERRIDE)) return [];
  const rule = section.rules.find(
    (one) =>
      (one.kind === 'judge' || (one.kind === 'refuse' && suitesOf(section, one.condition).flat().some(isOfToken))) &&
      goesByMethod(section, one),
  );
  if (rule === undefined) return [];
  const line = 'http-request del-header ^x[^a-z0-9](http[^a-z0-9]|original[^a-z0-9]|forwarded[^a-z0-9])?method -m reg';
  const message = `goes by the method, and many backends believe \`X-HTTP-Method-Override\` instead; put \`${line}\` above it`;
  return [findingAt(rule.place, 'warning', message)];
}

/** `-m sub write` is true of `write:all` too. */
function checkScopes(section: Section): readonly Finding[] {
  return section.lines.flatMap(({ line: { words }, place }) => {
    if (!/var\(txn\.oauth_scopes\) (?:-i )?-m (?:sub|beg|end|reg) /.test(words.join(' '))) return [];
    const message =
      'compares a part of the scopes, which other scopes contain too; write `var(txn.oauth_scopes),lua.oauth_has(SCOPE) -m bool`';
    return [findingAt(place, 'warning', message)];
  });
}

export function findUnwiseRules(scene: Scene): readonly Finding[] {
  return scene.sections.flatMap((section) => {
    const isTidied = linesOf(section).some(({ line: { words } }) => words[1] === 'normalize-uri');
    const rules = isTidied || !judges(section) ? [] : section.rules;
    return [
      ...rules.flatMap((rule) => [...checkRefusal(section, rule), ...checkAction(section, rule)]),
      ...(judges(section) ? checkOverrides(scene, section) : []),
      ...checkScopes(section),
    ];
  });
}
