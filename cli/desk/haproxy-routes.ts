// Routes that lead past the action to a backend whose other requests are judged.
import { ALWAYS, readCondition, type Condition, type Suite } from '../../haproxy/operate/conditions';
import type { Rule } from '../../haproxy/operate/rules';
import type { Section } from '../../haproxy/operate/sections';
import type { Finding } from './finding';
import { findingAt, judges, linesOf, type Scene } from './haproxy-scene';

/** A line that sends requests to a backend. */
interface Route {
  readonly place: string;
  readonly text: string;
  readonly from: Section;
  readonly to: string;
  readonly condition: Condition | undefined;
}

const LOCAL = /^(?:127\.|localhost|\[?::1\]?:|unix@|abns@|\/|ipv4@127\.|fd@)/;

/** Whether strangers reach a frontend, and nothing else of its own looks at who they are. */
function isPublic(section: Section): boolean {
  const lines = linesOf(section).map(({ line: { words } }) => words);
  const binds = lines.filter(([keyword]) => keyword === 'bind');
  if (binds.every(([, address = '']) => LOCAL.test(address))) return false;
  if (binds.some((words) => words.join(' ').includes('verify required'))) return false;
  // What else its rules look at is beside the action.
  if (judges(section)) return true;
  return !lines.some((words) => {
    const text = words.join(' ');
    if (!/^http-request (?:auth|deny|reject|tarpit|return)|^tcp-request \S+ reject/.test(text)) return false;
    return words[1] === 'auth' || /http_auth|ssl_c_|\bsrc\b|lua\.|var\(/.test(text);
  });
}

function routesOf(section: Section): readonly Route[] {
  return linesOf(section).flatMap(({ line: { words, certain }, place }): readonly Route[] => {
    const [keyword = '', to = ''] = words;
    if (certain < words.length || to.includes('%')) return [];
    const text = words.slice(0, 2).join(' ');
    if (keyword === 'default_backend') return [{ place, text, from: section, to, condition: ALWAYS }];
    if (keyword !== 'use_backend') return [];
    return [{ place, text, from: section, to, condition: readCondition(section.acls, words, 2) }];
  });
}

const isWithin = (inner: Suite, outer: Suite): boolean =>
  inner.every((one) => outer.some(({ name, isNegated }) => name === one.name && isNegated === one.isNegated));

/** Whether an action runs for each request of a route. */
function covers({ condition }: Rule, route: Condition): boolean {
  if (condition === undefined) return true;
  if (condition.kind === 'none') {
    return route.kind === 'none' && condition.suites.every((suite) => route.suites.some((one) => isWithin(one, suite)));
  }
  if (condition.suites.some((suite) => suite.length === 0)) return true;
  if (route.kind === 'none') return false;
  return route.suites.every((suite) => condition.suites.some((one) => isWithin(one, suite)));
}

function isGuarded({ from, condition }: Route): boolean {
  const rules = [from.base, from].flatMap((one) => one?.rules ?? []).filter(({ kind }) => kind === 'judge');
  if (rules.length === 0) return false;
  return condition === undefined || rules.some((rule) => covers(rule, condition));
}

/** Finds each route that leads past the action to a backend that another route leads to below the action. */
export function findStrayRoutes({ sections }: Scene): readonly Finding[] {
  const fronts = sections.filter(({ kind }) => kind === 'frontend' || kind === 'listen');
  const routes = fronts.flatMap(routesOf);
  const judged = routes.filter(isGuarded);
  return routes.flatMap((route) => {
    const target = sections.find(({ kind, name }) => name === route.to && (kind === 'backend' || kind === 'listen'));
    if (target === undefined || judges(target) || isGuarded(route) || !isPublic(route.from)) return [];
    const other = judged.find(({ to, from }) => to === route.to && (from === route.from || !judges(route.from)));
    // Requests that the condition of the action leaves out, and that nothing else routes, are meant to be open.
    const isRest = other?.from === route.from && route.text.startsWith('default_backend');
    if (other === undefined || isRest) return [];
    const way = `\`${route.text}\` of \`${route.from.name}\``;
    const cause = `${way} gives \`${route.to}\` requests that nobody judged, and other requests for it are judged`;
    return [findingAt(route.place, 'error', `${cause}; put the action above it, or into the backend`)];
  });
}
