// Found in nginx's configuration: locations that hand requests to a backend without the lines of `jwtverify.forward`, which
// believes the client's own identity headers when nobody judges, and headers that a client can send in another spelling.
import type { NginxObject } from '../njs';
import { logForgetting, logGap, logLostHeaders, logOpenLocations, logLeniency } from '../ports/log';
import { findLostHeaders, forgetsEnded } from './login-gaps';
import { findOpenLocations } from './open-locations';
import { findHttpBlocks, readNginxConf, valueOf, type Directive } from '../ports/configuration';
import { FORWARD_MARK } from '../answer/forward-mark';

declare const ngx: NginxObject;

const HANDS_ON: readonly string[] = ['proxy_pass', 'grpc_pass', 'fastcgi_pass', 'uwsgi_pass', 'scgi_pass'];
/** By which a header is set for a backend. */
const HEADER_LINES: readonly string[] = ['proxy_set_header', 'grpc_set_header'];
function has(block: readonly Directive[], name: string, value: string): boolean {
  return block.some((directive) => directive.words[0] === name && directive.words[1] === value);
}

function hasLines(block: readonly Directive[]): boolean {
  return has(block, 'set', '$' + FORWARD_MARK);
}

function isGap(location: Directive): boolean {
  const block = location.block ?? [];
  if (hasLines(block) || !block.some((directive) => HANDS_ON.indexOf(directive.words[0] ?? '') >= 0)) return false;
  // What jwtverify and nginx ask themselves; a named location is never asked for by a client either, and yet answers it.
  return valueOf(block, 'internal') === undefined && !has(block, 'proxy_pass_request_headers', 'off');
}

/** Every location of a server, those within locations included. */
function locationsOf(block: readonly Directive[]): readonly Directive[] {
  let found: readonly Directive[] = [];
  for (let index = 0; index < block.length; index++) {
    const directive = block[index];
    if (directive?.block === undefined || directive.words[0] !== 'location') continue;
    found = found.concat(directive, locationsOf(directive.block));
  }
  return found;
}

/** The locations of those servers that have the lines somewhere, as they are written. */
export function findGaps(configuration: readonly Directive[]): readonly string[] {
  let gaps: readonly string[] = [];
  const servers = findHttpBlocks(configuration).servers;
  for (let index = 0; index < servers.length; index++) {
    const locations = locationsOf(servers[index] ?? []);
    if (!locations.some((location) => hasLines(location.block ?? []))) continue;
    gaps = gaps.concat(locations.filter(isGap).map((directive) => directive.words.slice(1).join(' ')));
  }
  return gaps;
}

/** Whether a directive has a value in `http` or in a server. */
function isSet(configuration: readonly Directive[], name: string, value: string): boolean {
  const blocks = findHttpBlocks(configuration);
  return [blocks.http].concat(blocks.servers).some((block) => has(block, name, value));
}

/**
 * The names of jwtverify's headers that a block, or one within it, sets for a backend.
 * @param isRemovable whether a line beside it that removes the spelling with `_` is enough
 */
function findNames(block: readonly Directive[], isRemovable: boolean): readonly string[] {
  const lines = block.filter((one) => HEADER_LINES.indexOf(one.words[0] ?? '') >= 0);
  const known = lines.map((one) => (one.words[1] ?? '').toLowerCase());
  let found = lines
    .filter((one, index) => {
      const name = known[index] ?? '';
      const isOurs = name.indexOf('x-oauth-') === 0 || (one.words[2] ?? '').indexOf('$jwtverify_header_') === 0;
      return isOurs && !(isRemovable && known.indexOf(name.split('-').join('_')) >= 0);
    })
    .map((one) => one.words[1] ?? '');
  for (let index = 0; index < block.length; index++) {
    found = found.concat(findNames(block[index]?.block ?? [], isRemovable));
  }
  return found.filter((name, index) => found.indexOf(name) === index);
}

/** A directive that lets other spellings of header names through, with the headers that a client can send so. */
export interface Leniency {
  readonly directive: string;
  readonly names: readonly string[];
}

/** The headers of the caller that a backend may read out of a client's own in another spelling. */
export function findLeniencies(configuration: readonly Directive[]): readonly Leniency[] {
  const found: Leniency[] = [];
  if (isSet(configuration, 'underscores_in_headers', 'on')) {
    found.push({ directive: 'underscores_in_headers on', names: findNames(configuration, true) });
  }
  // nginx compares no line with such names, so none removes them.
  if (isSet(configuration, 'ignore_invalid_headers', 'off')) {
    found.push({ directive: 'ignore_invalid_headers off', names: findNames(configuration, false) });
  }
  return found.filter((one) => one.names.length > 0);
}

/**
 * Logs what of the configuration a client can use to get past the judge, where it can be found and read by a worker.
 * @param forwards whether a policy sets headers for backends
 */
export function noteGaps(forwards: boolean): void {
  const path = ngx.conf_file_path;
  if (path === undefined) return;
  try {
    const configuration = readNginxConf(path);
    const gaps = forwards ? findGaps(configuration) : [];
    if (gaps.length > 0) logGap(gaps);
    const open = findOpenLocations(configuration);
    if (open.length > 0) logOpenLocations(open);
    const lost = findLostHeaders(configuration);
    if (lost.length > 0) logLostHeaders(lost);
    if (forgetsEnded(configuration)) logForgetting();
    findLeniencies(configuration).forEach((one) => {
      logLeniency(one.directive, one.names);
    });
  } catch {
    // A worker may not read the file.
  }
}
