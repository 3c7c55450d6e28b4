// What in HAProxy's configuration lets a request pass that nobody judged, or refuses one that is good: what HAProxy's own
// start finds, by the same code, and what it cannot know. Configurations without jwtverify are left alone.
import '../ports/lua';
import { findUnchecked } from '../../haproxy/operate/configuration-gaps';
import { readSections } from '../../haproxy/operate/sections';
import { planLane } from '../../haproxy/operate/lane-plan';
import { findUnknownNames } from '../../haproxy/operate/unknown-names';
import { readConfiguration, type Configuration } from '../../haproxy/ports/configuration';
import { splitLine } from '../../haproxy/ports/configuration-line';
import { text } from '../../nginx/ports/text';
import type { Problem } from '../../src/model/problem';
import type { SettingsAnswer } from '../../src/model/settings';
import { compileSettings } from '../../src/settings/environment';
import { CHECKED_ELSEWHERE, ISSUER, LANE_SIZE, LANE_SOCKETS, POLICY, REPLACED } from '../../src/settings/table';
import { NOT_HERE, proxySource, readText } from '../ports/source';
import { failure } from './failure';
import type { Finding } from './finding';
import { findDeskFaults } from './haproxy-faults';
import { findStrayRoutes } from './haproxy-routes';
import { findClientHeaders } from './haproxy-headers';
import { findLogged } from './haproxy-logs';
import { findUnwiseRules } from './haproxy-unwise';
import { findUnsetVariables } from './haproxy-variables';
import { hintFor } from './haproxy-hints';
import { signatures } from './settings';
import { findUnwise } from './unwise';
import type { Unwise } from './unwise-issuers';

/** What every configuration with jwtverify has in some line. */
const OURS =
  /lua\.(?:jwt(?:enforce|verify\w*|authorizer|login|session|broker)|oauth_has)\b|(?:^|[\s/])jwtverify[^/\s]*\.lua/;

/** The variables that `setenv` lines give the process; undefined for one whose value comes from its own environment. */
export function readEnvironment({ lines }: Configuration): ReadonlyMap<string, string | undefined> {
  const variables = new Map<string, string | undefined>();
  for (const { text: line } of lines) {
    const { words, certain } = splitLine(line);
    const [keyword, name = '', value = ''] = words;
    if (keyword === 'setenv' || (keyword === 'presetenv' && !variables.has(name)))
      variables.set(name, certain === words.length ? value : undefined);
    else if (keyword === 'unsetenv') for (const one of words.slice(1)) variables.delete(one);
  }
  return variables;
}

/** Settings as the proxy has them; undefined where its own environment has them, or a part of them. */
function compile(
  environment: ReadonlyMap<string, string | undefined>,
  asked: Set<string>,
  folders: readonly string[],
): SettingsAnswer | undefined {
  const isHere = environment.has(POLICY.name) || environment.has(ISSUER.name);
  if (!isHere || [...environment.values()].includes(undefined)) return undefined;
  const read = (name: string): string | undefined => {
    asked.add(name);
    return environment.get(name);
  };
  return compileSettings(proxySource(read, folders), text, signatures.algorithms);
}

const PLACE = /^(.*):(\d+)$/;

function findingOf(severity: Finding['severity'], { setting, message }: Problem): Finding {
  const found = PLACE.exec(setting);
  if (found === null) return { severity, place: setting, message };
  return { severity, file: found[1], line: Number(found[2]), place: '', message };
}

/** A file that only the proxy has is no mistake, but what it says stays unknown. */
const severityOf = ({ message }: Problem): Finding['severity'] => (message.includes(NOT_HERE) ? 'warning' : 'error');

/** What is unwise in a policy, or in the setting that takes its place. */
function unwiseIn(
  environment: ReadonlyMap<string, string | undefined>,
  { place, message, severity = 'warning' }: Unwise,
): Finding {
  const policy = environment.get(POLICY.name);
  const setting = REPLACED.find(({ key }) => key === place)?.name ?? place;
  return { severity, file: policy, place: policy === undefined ? setting : place, message };
}

function readAll(paths: readonly string[]): Configuration {
  const configuration = readConfiguration(paths.join(';'), readText);
  const [unread] = configuration.unread;
  if (unread !== undefined) throw failure(`${unread.path}: ${unread.problem}`);
  return configuration;
}

/** A finding that says the same of the same line as another one is left out. */
const isFirst = (finding: Finding, place: number, all: readonly Finding[]): boolean =>
  all.findIndex((one) => one.line === finding.line && one.file === finding.file && one.message === finding.message) ===
  place;

/**
 * Checks the files of one configuration, in the order in which HAProxy gets them.
 * @param root where the files of the proxy are; empty: where they say, or beside the configuration
 * @returns undefined of one that has nothing of jwtverify
 * @throws a failure where a file cannot be read
 */
export function checkHaproxyConf(paths: readonly string[], root: string): readonly Finding[] | undefined {
  const whole = readAll(paths);
  if (!whole.lines.some(({ text: line }) => OURS.test(splitLine(line).words.join(' ')))) return undefined;
  const environment = readEnvironment(whole);
  const asked = new Set<string>();
  const folders = root === '' ? ['', ...paths] : [root, '', ...paths];
  const answer = compile(environment, asked, folders);
  const settings = answer?.ok === true ? answer.settings : undefined;
  const hasPolicy = settings?.policy !== undefined || environment.has(POLICY.name);
  const wish = { size: environment.get(LANE_SIZE.name), sockets: environment.get(LANE_SOCKETS.name) };
  const lane = planLane(settings, wish, whole, '');
  const { configuration } = lane;
  const source = proxySource((name) => environment.get(name), folders);
  const gaps = findUnchecked(configuration, environment.get(CHECKED_ELSEWHERE.name), settings, (path) =>
    source.readFile(path),
  );
  const names = findUnknownNames(configuration.lines, hasPolicy, {
    names: [],
    read: (name) => environment.get(name),
    wasAsked: (name) => asked.has(name),
  });
  const scene = { configuration, sections: readSections(configuration.lines, hasPolicy).all, hasPolicy, settings };
  const problems = [...(answer?.ok === false ? answer.problems : []), ...lane.problems, ...names.problems];
  return [
    ...problems.map((problem) => findingOf(severityOf(problem), problem)),
    ...gaps.problems.map((problem) =>
      findingOf(severityOf(problem), { ...problem, message: problem.message + hintFor(problem, scene) }),
    ),
    ...[
      ...findDeskFaults(scene),
      ...findLogged(scene),
      ...findStrayRoutes(scene),
      ...findClientHeaders(scene),
      ...findUnsetVariables(scene),
      ...findUnwiseRules(scene),
    ],
    ...(settings === undefined ? [] : findUnwise(settings)).map((one) => unwiseIn(environment, one)),
    ...[...(answer?.ok === true ? answer.notices : []), ...lane.notices, ...names.notices, ...gaps.notices].map(
      (problem) => findingOf('warning', problem),
    ),
  ].filter(isFirst);
}
