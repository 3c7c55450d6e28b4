// What in nginx's configuration lets a request pass that nobody judged, or refuses one that is good. Configurations that
// do not load the module are left alone.
import { resolve } from 'node:path';
import { findGaps, findLeniencies } from '../../nginx/operate/configuration-gaps';
import { findOpenLocations } from '../../nginx/operate/open-locations';
import { findHttpBlocks, readNginxConf, valueOf } from '../../nginx/ports/configuration';
import { readText } from '../ports/source';
import { failure } from './failure';
import { error, warning, type Finding } from './finding';
import {
  everyDirective,
  functionOf,
  importsOf,
  inherited,
  isAsked,
  locationsOf,
  named,
  type Block,
  type Placed,
} from './nginx-blocks';
import { checkBroker, findCallbackLocations } from './nginx-broker';
import { checkDictionaries } from './nginx-dictionaries';
import { checkEnvironment, findPolicy } from './nginx-environment';
import { findBare } from './nginx-forward';
import { checkNginxHeaders } from './nginx-headers';
import { checkNginxLines } from './nginx-lines';
import { checkLogs } from './nginx-logs';
import { checkFunctions, checkOwnVariables, isFunction } from './nginx-names';

/** What lets a request pass by its status. */
const JUDGES = ['auth', 'authorizer'];

/** The location that `auth_request` or a gateway asks. */
function checkJudge(placed: Placed, name: string): readonly Finding[] {
  const own = placed.blocks[0] ?? [];
  const found: Finding[] = [];
  if (name === 'auth' && valueOf(own, 'internal') === undefined) {
    found.push(error(placed.name, 'is not `internal`: clients can ask it about any token; write `internal;`'));
  }
  const pages = inherited(placed, 'error_page');
  // Codes 300 to 598 are those of refusals; 599 is none that anybody answers with.
  const isReplaced = pages.some(({ words }) =>
    words.slice(1, -1).some((code) => /^[345]\d\d$/.test(code) && code !== '599'),
  );
  if (isReplaced) {
    const message =
      'has or inherits an `error_page`, which can replace a refusal by an answer that lets the request pass';
    found.push(error(placed.name, `${message}; write \`error_page 599 /_;\``));
  } else if (pages.length === 0) {
    found.push(warning(placed.name, 'has no `error_page 599 /_;`: one that is added around it could replace refusals'));
  }
  if (inherited(placed, 'client_max_body_size')[0]?.words[1] !== '0') {
    found.push(warning(placed.name, 'has no `client_max_body_size 0;`: uploads of more than 1 MB are refused'));
  }
  return found;
}

/** `return` answers in a phase before anybody is asked. */
function checkReturn(placed: Placed): readonly Finding[] {
  const own = placed.blocks[0] ?? [];
  const isOwn = named(own, 'auth_request').length + named(own, 'js_access').length > 0;
  const inner = [own, ...named(own, 'if').map((one) => one.block ?? [])];
  const codes = inner.flatMap((block) => named(block, 'return')).map((one) => one.words[1] ?? '');
  if (!isOwn || !isAsked(placed) || !codes.some((code) => /^2\d\d$/.test(code))) return [];
  const message =
    'has a `return` that answers before anybody is asked, with or without a token; use `try_files` or a backend';
  return [error(placed.name, message)];
}

/** RFC 9111: one user's page must not be another's. */
function checkCache(placed: Placed): readonly Finding[] {
  const [cache] = inherited(placed, 'proxy_cache');
  if (cache === undefined || cache.words[1] === 'off' || !isAsked(placed)) return [];
  const bypass = ['proxy_no_cache', 'proxy_cache_bypass'].filter((name) =>
    inherited(placed, name).some(({ words }) => words.some((word) => /http_authorization|jwtverify_cache/.test(word))),
  );
  if (bypass.length === 2) return [];
  const lines =
    'proxy_no_cache $jwtverify_cache $http_authorization; proxy_cache_bypass $jwtverify_cache $http_authorization;';
  return [error(placed.name, `caches pages that a token opens, and serves them to everybody; write \`${lines}\``)];
}

function checkAsking(placed: Placed, own: readonly Placed[], modules: readonly string[]): readonly Finding[] {
  const asked = named(placed.blocks[0] ?? [], 'auth_request')[0]?.words[1] ?? 'off';
  if (asked === 'off') return [];
  const target = own.find((one) => one.name.replace(/^location (?:= )?/, '') === asked);
  if (target === undefined)
    return [error(placed.name, `asks \`${asked}\` (auth_request), and no location has this path`)];
  const name = functionOf(target, modules);
  if (name === undefined || JUDGES.includes(name) || !isFunction(name)) return [];
  return [error(target.name, `calls \`${name}\`, which judges nobody; write \`js_content jwtverify.auth;\``)];
}

/** Under `satisfy any` an address that `allow` names passes without a token. */
function checkSatisfy(placed: Placed): readonly Finding[] {
  const isAny = inherited(placed, 'satisfy')[0]?.words[1] === 'any';
  if (!isAny || !isAsked(placed) || inherited(placed, 'allow').length === 0) return [];
  return [warning(placed.name, 'has `satisfy any`: addresses of `allow` pass without a token')];
}

function checkAll(configuration: Block, modules: readonly string[], path: string): readonly Finding[] {
  const { http, servers } = findHttpBlocks(configuration);
  const placed = servers.flatMap((server) => {
    const locations = locationsOf(server, [http]);
    const whole = { name: `server ${valueOf(server, 'listen') ?? ''}`.trim(), blocks: [server, http] };
    return [
      ...[whole, ...locations].flatMap((one) => [...checkAsking(one, locations, modules), ...checkReturn(one)]),
      ...locations.flatMap((one) => {
        const name = functionOf(one, modules);
        return name !== undefined && JUDGES.includes(name) ? checkJudge(one, name) : [];
      }),
      ...locations.flatMap((one) => [...checkCache(one), ...checkSatisfy(one)]),
    ];
  });
  const open = findOpenLocations(configuration).map((name) =>
    error(
      `location ${name}`,
      'is open, and leads to a backend that a judged location leads to; `/judged/..%2fopen/` could reach it: judge it, or give it another backend',
    ),
  );
  const gaps = findGaps(configuration).map((name) =>
    error(
      `location ${name}`,
      'hands requests on without the lines of `jwtverify.forward`, so clients can send identity headers; include them',
    ),
  );
  const lenient = findLeniencies(configuration).map(({ directive, names }) =>
    error('http', `has \`${directive}\`, so clients can send ${names.join(', ')} in another spelling; remove it`),
  );
  const whole = everyDirective(configuration);
  const policy = findPolicy(configuration, path);
  const bare = findBare(configuration, modules, policy);
  return [
    ...checkEnvironment(configuration, path, policy),
    ...checkDictionaries(configuration),
    ...placed,
    ...open,
    ...gaps.filter(({ place }) => !bare.some((one) => one.place === place)),
    ...bare,
    ...lenient,
    ...checkFunctions(whole, modules),
    ...checkOwnVariables(whole),
    ...checkBroker(configuration, modules, policy),
    ...checkLogs(configuration, modules, findCallbackLocations(configuration, modules, policy)),
    ...checkNginxLines(configuration, modules),
    ...checkNginxHeaders(http, everyDirective(http)),
  ];
}

/** Findings with their line, where one line alone of the file itself begins so. */
function withLines(path: string, findings: readonly Finding[]): readonly Finding[] {
  const file = readText(path);
  const lines = (file.ok ? file.text : '').split('\n').map((line) => line.trim().replaceAll(/\s+/g, ' '));
  return findings.map((finding) => {
    const starts = lines.flatMap((line, index) => {
      const next = line.charAt(finding.place.length);
      return line.startsWith(finding.place) && [' ', '{', ';', ''].includes(next) ? [index + 1] : [];
    });
    return finding.place === '' || starts.length !== 1 ? finding : { ...finding, line: starts[0] };
  });
}

/** What a file that is included and cannot be read is for. */
const mendOf = (file: string): string =>
  /forward[^/]*\.conf$/.test(file)
    ? '; `jwtverify generate nginx POLICY --part forward` prints it'
    : /jwtverify[^/]*env[^/]*\.conf$/.test(file)
      ? '; `jwtverify generate nginx POLICY --part env` prints it'
      : '';

/**
 * Reads and checks a configuration with its includes.
 * @throws a failure where the file itself cannot be read
 */
export function checkNginxConf(path: string): readonly Finding[] | undefined {
  const own = readText(path);
  if (!own.ok) throw failure(`${path}: ${own.problem}`);
  let configuration: Block;
  try {
    configuration = readNginxConf(resolve(path));
  } catch (problem) {
    const file = (problem as { readonly path?: unknown }).path;
    const name = typeof file === 'string' ? file : '';
    const answer = readText(name);
    const why = answer.ok ? '' : `: ${answer.problem}`;
    return [error('', `includes \`${name}\`, which cannot be read${why}${mendOf(name)}`)];
  }
  const modules = importsOf(configuration);
  return modules.length === 0 ? undefined : withLines(path, checkAll(configuration, modules, path));
}
