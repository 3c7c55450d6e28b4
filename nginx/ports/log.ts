// The error log: each line once in each worker, where the engine can remember that it was logged.
import { describeError, describeRefusal, describeShadow } from '../../src/answer/log-line';
import type { KeyReport } from '../../src/keys/key-report';
import type { EngineObject, NginxObject } from '../njs';
import { findZone, put } from './shared-dictionaries';

declare const ngx: NginxObject;
declare const njs: EngineObject;
declare const process: { readonly pid: number };

/** nginx cuts a line of its error log at 2048 bytes. */
const LINE_LIMIT = 1800;
/** Seconds in which a line about an outage is logged once. */
const QUIET = 60;

/**
 * Whether this worker logs `line` for the first time; undefined where nothing remembers it. The shared dictionary
 * `jwtverify_keys` remembers it; so does QuickJS, which compiles settings once. njs starts every request afresh.
 */
function isFirst(line: string): boolean | undefined {
  const dictionary = findZone('jwtverify_keys');
  if (dictionary === undefined) return njs.engine === 'QuickJS' ? true : undefined;
  try {
    return dictionary.add('logged:' + String(process.pid) + ':' + line, '1');
  } catch {
    return undefined;
  }
}

/** When each line was logged, for an engine that remembers without a dictionary. */
const loggedAt: Record<string, number | undefined> = {};

/**
 * Logs a line that every request of an outage would log: once a minute in each worker. The engine njs without a dictionary
 * remembers nothing, and logs it for each request.
 */
function logOnce(line: string): void {
  const now = Math.floor(Date.now() / 1000);
  const dictionary = findZone('jwtverify_keys');
  const name = 'logged at:' + String(process.pid) + ':' + line;
  const before = Number(dictionary === undefined ? loggedAt[line] : dictionary.get(name));
  if (now - before < QUIET && now >= before) return;
  if (dictionary === undefined) loggedAt[line] = now;
  else put(dictionary, name, now.toString());
  ngx.log(ngx.ERR, 'jwtverify: ' + line);
}

function join(lines: readonly string[], write: (line: string) => void): void {
  let joined = '';
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (joined !== '' && joined.length + line.length > LINE_LIMIT) {
      write(joined);
      joined = '';
    }
    joined = joined === '' ? line : joined + '; ' + line;
  }
  if (joined !== '') write(joined);
}

/** Logs why every request is refused: in one message unless nginx would cut it, and also when the dictionary is full. */
export function logProblems(lines: readonly string[]): void {
  join(lines, (line) => {
    if (isFirst(line) !== false) ngx.log(ngx.ERR, 'jwtverify: every request is refused: ' + line);
  });
}

/**
 * Logs what the operator should know about settings that work.
 * @param urged whether a line explains a refusal, and so is logged even where every request may log it again
 * @returns the lines that were not logged, since nothing would remember it
 */
export function logNotices(lines: readonly string[], urged: boolean): readonly string[] {
  return lines.filter((line) => {
    const first = isFirst(line);
    if (first === true || (first === undefined && urged)) ngx.log(ngx.WARN, 'jwtverify: ' + line);
    return first === undefined && !urged;
  });
}

/** The state of the deny list's file whose faults were logged last, where module state lasts. */
let loggedStamp = '';

/** Whether faults were not logged yet; true wherever nothing remembers. */
function isNews(stamp: string): boolean {
  const first = findZone('jwtverify_keys') === undefined ? undefined : isFirst('deny ' + stamp);
  if (first !== undefined) return first;
  const isSame = loggedStamp === stamp;
  loggedStamp = stamp;
  return !isSame;
}

/**
 * Logs the faulty lines of the deny list's file, once for each state of the file where something remembers.
 * @param stamp differs from state to state
 */
export function logDenyFaults(path: string, stamp: string, faults: readonly string[]): void {
  if (faults.length === 0 || !isNews(stamp)) return;
  join([`the deny list \`${path}\` has faulty lines`].concat(faults), (line) => {
    ngx.log(ngx.ERR, 'jwtverify: ' + line);
  });
}

/**
 * Logs what requests are judged by, once in each worker; not where nothing would remember it.
 * @returns whether it was logged
 */
export function logInForce(what: string): boolean {
  if (findZone('jwtverify_keys') === undefined) {
    if (njs.engine !== 'QuickJS' || loggedAt[what] !== undefined) return false;
    loggedAt[what] = 1;
  } else if (isFirst(what) !== true) return false;
  ngx.log(ngx.WARN, 'jwtverify: in force: ' + what.slice(0, LINE_LIMIT));
  return true;
}

/** Logs locations of nginx's configuration, once. @param what is wrong with them, up to their names */
function logLocations(what: string, locations: readonly string[]): void {
  const line = (what + ': location `' + locations.join('`, `') + '`').slice(0, LINE_LIMIT);
  if (isFirst(line) !== false) ngx.log(ngx.ERR, 'jwtverify: ' + line);
}

/** Logs which locations lack the lines that keep clients' own identity headers from a backend. */
export function logGap(locations: readonly string[]): void {
  const what = 'without the lines of `jwtverify.forward`, a backend believes the identity headers of clients';
  logLocations(what, locations);
}

/** Logs which headers of the caller a client can send too, in a spelling that a backend may read as the same header. */
export function logLeniency(directive: string, names: readonly string[]): void {
  const line =
    'with `' +
    directive +
    '` a client sends other spellings of these headers (`X_OAuth_Subject`), which many backends read as the same; remove the ' +
    'directive, or with `underscores_in_headers` alone set each spelling with `_` to "" beside: `' +
    names.join('`, `') +
    '`';
  if (isFirst(line) !== false) ngx.log(ngx.ERR, 'jwtverify: ' + line.slice(0, LINE_LIMIT));
}

/** Logs which `add_header` lines are not in force where the lines of `jwtverify.forward` set cookies. */
export function logLostHeaders(names: readonly string[]): void {
  const line =
    'a location with the lines of `jwtverify.forward` adds cookies to answers, and so inherits no `add_header` of its `server`; write ' +
    'into it those of `' +
    names.join('`, `') +
    '`';
  if (isFirst(line) !== false) ngx.log(ngx.ERR, 'jwtverify: ' + line.slice(0, LINE_LIMIT));
}

/** Logs that the dictionary of those who signed out forgets some. */
export function logForgetting(): void {
  const line =
    'the dictionary `jwtverify_ended` has `evict`: when it is full, it forgets who signed out, and their sessions count again; ' +
    'remove that word, and make it larger';
  if (isFirst(line) !== false) ngx.log(ngx.ERR, 'jwtverify: ' + line);
}

/** Logs which locations are open and share a backend with judged ones. */
export function logOpenLocations(locations: readonly string[]): void {
  const what =
    'jwtverify does not judge these locations, and `proxy_pass` without a path, or with `$request_uri`, sends the path as the ' +
    'client wrote it (`/admin/..%2fpublic/x`) to a backend that judged locations share, or may share; give `proxy_pass` a path, or open the paths by a rule of ' +
    'a policy';
  logLocations(what, locations);
}

/** Logs what the configuration lacks to judge a request. */
export function logMisconfiguration(what: string): void {
  logOnce('this request is refused: ' + what);
}

/** Logs that an upstream which this request depends on failed. */
export function logOutage(what: string): void {
  logOnce(what.slice(0, LINE_LIMIT));
}

/**
 * Logs why a sign-in or sign-out ended as it did; nginx itself adds which request it was.
 * @param detail bounded, without code, token or claim
 */
export function logLogin(status: number, detail: string): void {
  if (status >= 500) logOnce('nobody signs in: ' + detail.slice(0, LINE_LIMIT));
  else
    ngx.log(
      ngx.WARN,
      'jwtverify: a sign-in or sign-out ends with ' + status.toString() + ': ' + detail.slice(0, LINE_LIMIT),
    );
}

/** Logs a change of an issuer's keys. */
export function logKeys(report: KeyReport): void {
  ngx.log(report.isError ? ngx.ERR : ngx.WARN, 'jwtverify: ' + report.line);
}

/** Logs that a request passed in shadow mode. */
export function logShadow(rule: string, reason: string): void {
  ngx.log(ngx.WARN, 'jwtverify: ' + describeShadow(rule, reason));
}

/** Logs a decision on a verified token. @param line from `describeAudit` */
export function logAudit(line: string): void {
  ngx.log(ngx.WARN, 'jwtverify: ' + line);
}

/** Logs why a token was refused, at level `info`. @param detail bounded ASCII */
export function logDetail(reason: string, detail: string): void {
  ngx.log(ngx.INFO, 'jwtverify: ' + describeRefusal(reason, detail));
}

/**
 * Logs an error of this product by its kind and place.
 * INVARIANT: never its message, which may quote what it was working on.
 */
export function logError(error: unknown): void {
  const isError = error instanceof Error;
  const stack = isError && typeof error.stack === 'string' ? error.stack : '';
  const places = stack.split('\n').filter((line) => line.indexOf('    at ') === 0);
  const kind = isError ? error.name : typeof error;
  logOnce(describeError(kind + places.join('').slice(0, LINE_LIMIT)));
}
