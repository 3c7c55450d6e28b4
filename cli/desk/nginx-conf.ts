// What in nginx's configuration lets a request pass that nobody judged, or refuses one that is good. Of configurations that
// do not load the module it says nothing.
import { resolve } from 'node:path';
import { findGaps, findLeniencies } from '../../nginx/operate/configuration-gaps';
import { findOpenLocations } from '../../nginx/operate/open-locations';
import { findHttpBlocks, readNginxConf, valueOf } from '../../nginx/ports/configuration';
import { readText } from '../ports/source';
import { failure } from './failure';
import { error, warning, type Finding } from './finding';
import { everyDirective, named, type Block } from './nginx-blocks';
import { checkNginxHeaders } from './nginx-headers';
import { checkNginxLines } from './nginx-lines';

/** A block and those around it, the innermost first. */
interface Placed {
  /** As it is written: `location /api/`. */
  readonly name: string;
  readonly blocks: readonly Block[];
}

const SETTINGS = /^(?:OAUTH_ISSUER|OAUTH_POLICY)(?:=|$)/;
/** What lets a request pass by its status. */
const JUDGES = ['auth', 'authorizer'];

/** The directives of a name that count in a block: its own, or those of the nearest block around it that has any. */
function inherited(placed: Placed, name: string): Block {
  for (const block of placed.blocks) {
    const own = named(block, name);
    if (own.length > 0) return own;
  }
  return [];
}

/** Every location within a block. */
function locationsOf(block: Block, around: readonly Block[]): readonly Placed[] {
  return named(block, 'location').flatMap((location) => {
    const own = location.block ?? [];
    const placed = { name: location.words.join(' '), blocks: [own, block, ...around] };
    return [placed, ...locationsOf(own, [block, ...around])];
  });
}

/** The names that `js_import` gives the module. */
function importsOf(configuration: Block): readonly string[] {
  const { http, servers } = findHttpBlocks(configuration);
  const lines = [http, ...servers].flatMap((block) => named(block, 'js_import'));
  return lines.flatMap(({ words }) => {
    const path = words[2] === 'from' ? (words[3] ?? '') : (words[1] ?? '');
    const file = path.slice(path.lastIndexOf('/') + 1);
    if (!/^jwtverify.*\.js$/.test(file)) return [];
    return [words[2] === 'from' ? (words[1] ?? '') : file.slice(0, -3)];
  });
}

/** The function of the module that a location calls; undefined when it calls none. */
function functionOf(placed: Placed, modules: readonly string[]): string | undefined {
  const value = valueOf(placed.blocks[0] ?? [], 'js_content');
  const [module = '', name] = (value ?? '').split('.');
  return modules.includes(module) ? name : undefined;
}

/** Whether a block, or one around it, asks about each request. */
function isAsked(placed: Placed): boolean {
  const [asked] = inherited(placed, 'auth_request');
  const isOn = asked !== undefined && asked.words[1] !== 'off';
  return isOn || inherited(placed, 'js_access').length > 0;
}

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
  if (name === undefined || JUDGES.includes(name)) return [];
  return [error(target.name, `calls \`${name}\`, which judges nobody; write \`js_content jwtverify.auth;\``)];
}

/** Under `satisfy any` an address that `allow` names passes without a token. */
function checkSatisfy(placed: Placed): readonly Finding[] {
  const isAny = inherited(placed, 'satisfy')[0]?.words[1] === 'any';
  if (!isAny || !isAsked(placed) || inherited(placed, 'allow').length === 0) return [];
  return [warning(placed.name, 'has `satisfy any`: addresses of `allow` pass without a token')];
}

function checkHttp(http: Block): readonly Finding[] {
  const zones = named(http, 'js_shared_dict_zone').map(({ words }) => words.join(' '));
  const missing = ['jwtverify', 'jwtverify_keys'].filter(
    (name) => !zones.some((zone) => zone.includes(`zone=${name}:`)),
  );
  if (missing.length === 0) return [];
  const lines = missing.map((name) => `js_shared_dict_zone zone=${name}:4m timeout=1h evict;`).join(' ');
  return [
    warning(
      'http',
      `has no dictionary ${missing.join(' and ')}, so workers remember nothing together; from njs 0.8.0 on write \`${lines}\``,
    ),
  ];
}

function checkAll(configuration: Block, modules: readonly string[]): readonly Finding[] {
  const { http, servers } = findHttpBlocks(configuration);
  const hasSettings = named(configuration, 'env').some(({ words }) => SETTINGS.test(words[1] ?? ''));
  const settings = hasSettings
    ? []
    : [
        error(
          'main',
          'has no `env` line for OAUTH_ISSUER or OAUTH_POLICY, so workers have no settings; write `env OAUTH_POLICY;`',
        ),
      ];
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
  const further = [...checkNginxLines(configuration, modules), ...checkNginxHeaders(http, everyDirective(http))];
  return [...settings, ...checkHttp(http), ...placed, ...open, ...gaps, ...lenient, ...further];
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

/** Reads and checks a configuration with its includes. @throws a failure where a file cannot be read */
export function checkNginxConf(path: string): readonly Finding[] {
  let configuration: Block;
  try {
    configuration = readNginxConf(resolve(path));
  } catch (problem) {
    const file = (problem as { readonly path?: unknown }).path;
    throw failure(`${path}: ${typeof file === 'string' ? `\`${file}\`` : 'a file that it includes'} cannot be read`);
  }
  const modules = importsOf(configuration);
  return modules.length === 0 ? [] : withLines(path, checkAll(configuration, modules));
}
