// Lines of HAProxy's configuration that jwtverify needs or that work against it.
import { splitLine } from '../../haproxy/ports/configuration-line';
import { distance } from '../../src/settings/policy-file/suggest';
import type { Finding } from './finding';
import { findingAt, linesOf, type Scene } from './haproxy-scene';

interface Line {
  readonly place: string;
  readonly words: readonly string[];
}

const MODULE = /(?:^|\/)jwtverify[^/]*\.lua\}?$/;
const NAMES = ['enforce', 'verify', 'authorizer', 'login', 'session', 'broker']
  .concat(['verify_health', 'verify_metrics', 'verify_ready'])
  .map((name) => `lua.jwt${name}`)
  .concat('lua.oauth_has');
/** What judges requests, or answers those who ask about one. */
const WORK = /\blua\.jwt(?:enforce|verify|authorizer|login|broker)\b/;
const LIBRARIES = ['os', 'string', 'table', 'math', 'utf8'];
/** Seconds that an action may wait for keys, with what it needs besides. */
const LEAST_WAIT = 4;

const errorAt = ({ place }: Line, message: string): Finding => findingAt(place, 'error', message);
const warningAt = ({ place }: Line, message: string): Finding => findingAt(place, 'warning', message);

const UNITS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86400 };

/** A time of HAProxy in seconds; a number alone counts milliseconds. */
function secondsOf(time: string): number {
  const found = /^(\d+)(us|ms|s|m|h|d)?$/.exec(time);
  return found === null ? Infinity : Number(found[1]) * (UNITS[found[2] ?? 'ms'] ?? 1);
}

function checkModule(lines: readonly Line[]): readonly Finding[] {
  const loads = lines.filter(({ words }) => /^lua-load(?:-per-thread)?$/.test(words[0] ?? ''));
  const ours = loads.filter(({ words }) => words.slice(1).some((word) => MODULE.test(word)));
  const calls = lines.filter(({ words }) => words.some((word) => NAMES.includes(word)));
  const [call] = calls;
  const [, again] = ours;
  if (again !== undefined)
    return [errorAt(again, 'loads jwtverify a second time, and HAProxy refuses its names; keep one `lua-load` line')];
  if (ours.length > 0 || call === undefined) return [];
  const mend = 'write `lua-load-per-thread /usr/local/share/haproxy/jwtverify.lua` into `global`';
  return [
    errorAt(
      call,
      `calls \`${call.words.find((word) => NAMES.includes(word)) ?? ''}\`, and no line loads jwtverify.lua; ${mend}`,
    ),
  ];
}

function checkWork(lines: readonly Line[]): readonly Finding[] {
  const load = lines.find(({ words }) => /^lua-load/.test(words[0] ?? '') && words.some((word) => MODULE.test(word)));
  if (load === undefined || lines.some(({ words }) => WORK.test(words.join(' ')))) return [];
  return [
    errorAt(load, 'loads jwtverify, and no line calls it: nobody is judged; write `http-request lua.jwtenforce`'),
  ];
}

function checkName(line: Line): readonly Finding[] {
  return line.words.flatMap((word) => {
    const [name] = /\blua\.(?:jwt|oauth_)\w*/.exec(word) ?? [];
    if (name === undefined || NAMES.includes(name)) return [];
    const near = NAMES.find((known) => distance(name, known) <= 3);
    // What is like none of ours is somebody else's.
    return near === undefined ? [] : [errorAt(line, `jwtverify has no \`${name}\`; did you mean \`${near}\`?`)];
  });
}

/** Settings of `global`. */
const GLOBALS: Readonly<Record<string, (line: Line) => readonly Finding[]>> = {
  'httpclient.ssl.verify': (line) =>
    line.words[1] === 'none'
      ? [errorAt(line, 'lets whoever answers in place of the issuer give its keys; use `httpclient.ssl.ca-file`')]
      : [],
  'tune.lua.session-timeout': (line) =>
    secondsOf(line.words[1] ?? '') < LEAST_WAIT
      ? [warningAt(line, 'ends an action that waits for keys, whose request then gets 503; set it to 4s or more')]
      : [],
  'tune.lua.task-timeout': (line) => [warningAt(line, 'ends the task that fetches keys; remove the line')],
  'tune.lua.openlibs': (line) => {
    const libraries = (line.words[1] ?? '').split(',');
    const missing = libraries.includes('all') ? [] : LIBRARIES.filter((name) => !libraries.includes(name));
    return missing.length === 0 ? [] : [errorAt(line, `leaves out what jwtverify needs; add \`${missing.join(',')}\``)];
  },
};

const isAction = ({ words }: Line): boolean =>
  words[0] === 'http-request' && /^lua\.jwt(?:enforce|verify)$/.test(words[1] ?? '');

/** Rules above an action that take from it what it needs, or answer before it. */
function checkAbove(above: readonly Line[]): readonly Finding[] {
  return above.flatMap((line) => {
    const [, action = '', name = ''] = line.words;
    if (action === 'cache-use')
      return [errorAt(line, 'answers from the cache before anybody is asked; put it below the check')];
    const isLost = /^(?:del|set)-header$/.test(action) && name.toLowerCase() === 'authorization';
    const isForAll = !line.words.includes('if') && !line.words.includes('unless');
    if (isLost && isForAll)
      return [errorAt(line, 'changes `Authorization` above the action, which reads the token there; put it below')];
    return [];
  });
}

function checkForms({ settings }: Scene, lines: readonly Line[]): readonly Finding[] {
  const reads = settings?.tokenPlaces?.some(({ kind }) => kind === 'form') === true;
  const action = lines.findIndex(isAction);
  const line = lines[action];
  if (!reads || line === undefined || lines.slice(0, action).some(({ words }) => words[1] === 'wait-for-body'))
    return [];
  return [
    errorAt(
      line,
      'reads tokens of forms, for which HAProxy must wait; put `http-request wait-for-body time 1s` above it',
    ),
  ];
}

export function findDeskFaults(scene: Scene): readonly Finding[] {
  const lines = scene.configuration.lines.map(({ place, text }) => ({ place, words: splitLine(text).words }));
  const rules = scene.sections
    .filter(({ kind }) => kind !== 'defaults')
    .map((section) =>
      linesOf(section)
        .map(({ place, line: { words } }) => ({ place, words }))
        .filter(({ words }) => words[0] === 'http-request'),
    );
  return [
    ...checkModule(lines),
    ...checkWork(lines),
    ...lines.flatMap(checkName),
    ...lines.flatMap((line) => GLOBALS[line.words[0] ?? '']?.(line) ?? []),
    ...rules.flatMap((own) => checkAbove(own.slice(0, Math.max(own.findIndex(isAction), 0)))),
    ...rules.flatMap((own) => checkForms(scene, own)),
  ];
}
