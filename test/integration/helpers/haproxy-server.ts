// Runs real HAProxy with the built Lua file in a Debian suite, and keeps everything that it said.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { recordAnswer } from './answer-record';
import { withLane } from './lane-variant';
import {
  freePort,
  HAPROXY,
  makeWorkDirectory,
  request,
  runIn,
  startIn,
  waitForPort,
  type HttpAnswer,
  type HttpRequest,
  type SuiteName,
} from './suite';

/** Whether these tests run without luaossl (the Vitest project `stock`): Lua finds no module then. */
export const IS_STOCK = process.env['JWTVERIFY_STOCK'] === '1';

/** What HAProxy says at its start where luaossl checks signatures. */
const FOUND = /signatures are checked by [^\n]*luaossl/;

/** Tests send more new tokens a second than a proxy should take. */
const STOCK_PATHS = { LUA_PATH: '', LUA_CPATH: '' };
const STOCK_ENVIRONMENT = { ...STOCK_PATHS, OAUTH_PLAIN_BUDGET: '10000' };

/** Where files stand inside the suite: `DIRECTORY` in options becomes the real one. */
const DIRECTORY = 'DIRECTORY';

/** Lines of a shell that gives HAProxy (`"$@"`) its configuration through a pipe. */
export const FEEDS = {
  'a named pipe': 'mkfifo DIRECTORY/pipe; cat DIRECTORY/haproxy.cfg > DIRECTORY/pipe & exec "$@" -f DIRECTORY/pipe',
  'its standard input': 'exec "$@" -f /dev/stdin < <(cat DIRECTORY/haproxy.cfg)',
  'a pipe of the shell': 'exec "$@" -f <(cat DIRECTORY/haproxy.cfg)',
  'its standard input without a shell':
    'mount --bind /dev/null /bin/sh; exec "$@" -f /dev/stdin < <(cat DIRECTORY/haproxy.cfg)',
} as const;
export type Feed = keyof typeof FEEDS;

export type Load = 'lua-load' | 'lua-load-per-thread';

export interface HaproxyOptions {
  /** `setenv` lines. They stand below `lua-load`, as in the document. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The environment of the process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Other lines of `global`, above `lua-load`. */
  readonly global?: readonly string[];
  readonly load?: Load;
  /** What the frontend does; `SHOW_ALL` when left out. */
  readonly rules?: readonly string[];
  /** The port of a backend of the test's own; HAProxy has one itself when left out. */
  readonly backend?: number;
  /** A whole configuration instead; `PORT` and `BACKEND` in it become ports. */
  readonly configuration?: string;
  /** Files beside the configuration, by name; `DIRECTORY` in them becomes the real one. */
  readonly files?: Readonly<Record<string, string>>;
  readonly faketime?: string;
  /** More on the command line, as `-W`. */
  readonly arguments?: readonly string[];
  /** Whether another process takes its ports over: it shares them then, as HAProxy does by itself. */
  readonly isReloaded?: boolean;
  /** What HAProxy gets its configuration from; the file by itself when left out. */
  readonly feed?: Feed;
  /** Whether `/proc` is there. */
  readonly hasProc?: boolean;
  /** Whether remembered tokens pass in the lane, whose lines are put above each action without a condition. */
  readonly hasLane?: boolean;
  /** Whether HAProxy looks for the checks below its actions; other tests say that they are elsewhere. */
  readonly isCheckedByItself?: boolean;
}

export interface Succession {
  /** More on the command line. */
  readonly arguments?: readonly string[];
  /** Files that are written before. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface Haproxy {
  readonly port: number;
  /** The process; with `-W` the master. */
  readonly pid: number;
  ask(wanted?: Omit<HttpRequest, 'port'>): Promise<HttpAnswer>;
  /** Asks with one bearer token. */
  askWith(token: string, wanted?: Omit<HttpRequest, 'port'>): Promise<HttpAnswer>;
  /** Notes an answer that was had in another way. */
  note(token: string, answer: string): void;
  output(): string;
  /** Starts HAProxy anew with the same configuration, as `haproxy -sf` does it; resolves when this one has ended. */
  succeed(options?: Succession): Promise<Haproxy>;
  /** Each token or signature that was sent and that HAProxy's output has; empty when all is well. */
  leaks(): readonly string[];
  stop(): Promise<void>;
}

/** Every variable of the contract, as a header of the answer. A length tells an empty string from none. */
export const VARIABLES: Readonly<Record<string, string>> = {
  authorized: 'var(txn.authorized)',
  scopes: 'var(txn.oauth_scopes)',
  'scopes-length': 'var(txn.oauth_scopes),length',
  status: 'var(txn.oauth_status)',
  reason: 'var(txn.oauth_reason)',
  'reason-length': 'var(txn.oauth_reason),length',
  challenge: 'var(txn.oauth_challenge)',
  'challenge-length': 'var(txn.oauth_challenge),length',
  names: 'var(txn.oauth_claims)',
  ...Object.fromEntries(
    ['iss', 'sub', 'aud', 'exp', 'iat', 'scope', 'scp', 'gty', 'azp', 'admin', 'level', 'groups', 'address']
      .concat(['https___hamsters_example_team', 'ratio', 'only_first'])
      .map((claim) => [`claim-${claim}`, `var(txn.oauth.${claim})`]),
  ),
};

/** The claims among them. */
const CLAIMS = Object.keys(VARIABLES)
  .filter((name) => name.startsWith('claim-'))
  .map((name) => name.slice('claim-'.length));

/** Puts every variable into the headers of each answer, whoever gives it. */
export const SHOW: readonly string[] = [
  ...Object.entries(VARIABLES).map(([name, fetch]) => `http-after-response set-header x-${name} "%[${fetch}]"`),
  'http-request return status 200 content-type text/plain string shown',
];

export const SHOW_ALL: readonly string[] = ['http-request lua.jwtverify', ...SHOW];

/** What the log has of each request: all that an operator could put there, but the header itself. */
const LOG_FORMAT = `"%ci %ST %ts %HM %HP ${Object.values(VARIABLES)
  .map((fetch) => `%[${fetch}]`)
  .join(' ')}"`;

const APISERVER = `frontend apiserver
  bind 127.0.0.1:BACKEND
  http-request return status 200 content-type text/plain lf-string "reached: %[method] %[path]"
`;

function configurationFor(options: HaproxyOptions): string {
  const settings = Object.entries(options.settings ?? {});
  return `global
  log stdout format raw local0
  ${(options.global ?? []).join('\n  ')}
  ${options.load ?? 'lua-load'} ${DIRECTORY}/jwtverify.lua
  ${settings.map(([name, value]) => `setenv ${name} "${value}"`).join('\n  ')}
defaults
  log global
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
frontend api
  bind 127.0.0.1:PORT
  log-format ${LOG_FORMAT}
  ${(options.rules ?? SHOW_ALL).join('\n  ')}
  default_backend apiservers
backend apiservers
  server api 127.0.0.1:${String(options.backend ?? 'BACKEND')}
${options.backend === undefined ? APISERVER : ''}`;
}

/** A check below an action, or a line that refuses every request. */
const CHECK =
  /^ +http-request (?:.* (?:unless \{ var\(txn\.authorized\)|if !\{ var\(txn\.authorized\))|(?:return status [45]|deny)(?!.* (?:if|unless) ))/m;

/** The sections in which an action has no check below it, so that a test sees the action's own answer. */
function sectionsWithoutCheck(configuration: string): readonly string[] {
  return configuration
    .split(/^(?=(?:frontend|backend|listen|defaults) ?)/m)
    .filter((section) => /^ +http-request lua\.jwt(?:verify|enforce)/m.test(section) && !CHECK.test(section))
    .map((section) => /^\w+ (\S+)/.exec(section)?.[1] ?? 'defaults');
}

interface Prepared {
  readonly command: readonly string[];
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly hasProc: boolean;
  readonly inside: string;
  readonly outside: string;
  /** More on the command line. */
  readonly more: readonly string[];
}

function writeAll(directory: string, files: Readonly<Record<string, string>> = {}): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
}

async function prepare(suite: SuiteName, options: HaproxyOptions): Promise<Prepared> {
  const work = makeWorkDirectory(suite);
  const [port, backend] = [await freePort(), await freePort()];
  const fill = (text: string): string =>
    text.replaceAll(DIRECTORY, work.inside).replaceAll('PORT', String(port)).replaceAll('BACKEND', String(backend));
  cpSync(inject('artifacts').lua, join(work.outside, 'jwtverify.lua'));
  const files = Object.entries(options.files ?? {});
  writeAll(
    work.outside,
    Object.fromEntries(files.map(([name, content]) => [name, content.replaceAll(DIRECTORY, work.inside)])),
  );
  const configuration = fill(options.configuration ?? configurationFor(options));
  const lane = options.hasLane === true ? withLane(configuration, CLAIMS) : { configuration, env: {} };
  writeFileSync(join(work.outside, 'haproxy.cfg'), lane.configuration);
  const elsewhere = options.isCheckedByItself === true ? [] : sectionsWithoutCheck(configuration);
  // A policy has a budget of its own, and no setting beside it.
  const stock = configuration.includes('OAUTH_POLICY') ? STOCK_PATHS : STOCK_ENVIRONMENT;
  const given = {
    ...(IS_STOCK ? stock : {}),
    ...(elsewhere.length > 0 ? { OAUTH_CHECKED_ELSEWHERE: elsewhere.join(' ') } : {}),
    ...lane.env,
    ...options.env,
  };
  const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, fill(value)]));
  const program = options.isReloaded === true ? ['haproxy', '-db'] : HAPROXY;
  const file = ['-f', `${work.inside}/haproxy.cfg`];
  const command =
    options.feed === undefined ? [...program, ...file] : ['bash', '-c', fill(FEEDS[options.feed]), 'bash', ...program];
  const more = (options.arguments ?? []).map((word) => word.replaceAll(DIRECTORY, work.inside));
  return { command, port, env, hasProc: options.hasProc ?? options.feed !== undefined, more, ...work };
}

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs `haproxy -c`. */
export async function checkHaproxy(suite: SuiteName, options: HaproxyOptions): Promise<Outcome> {
  const { command, env, hasProc, more } = await prepare(suite, options);
  return runIn(suite, ['timeout', '40', ...command, ...more, '-c'], { env, hasProc });
}

/** Starts HAProxy where it is expected to end by itself. */
export async function failHaproxy(suite: SuiteName, options: HaproxyOptions): Promise<Outcome> {
  const { command, env, hasProc } = await prepare(suite, options);
  return runIn(suite, ['timeout', '40', ...command], { env, hasProc });
}

/** The parts of a token that must never be seen again: all of it, what it claims and its signature. */
function secretsOf(token: string): readonly string[] {
  const [, payload = '', signature = ''] = token.split('.');
  return [token, payload, signature].filter((part) => part.length >= 16);
}

/** Starts HAProxy with the Lua file built from these sources, and waits until it listens. */
export async function startHaproxy(suite: SuiteName, options: HaproxyOptions): Promise<Haproxy> {
  const prepared = await prepare(suite, options);
  return run(suite, options, prepared, prepared.more);
}

async function run(
  suite: SuiteName,
  options: HaproxyOptions,
  prepared: Prepared,
  more: readonly string[],
): Promise<Haproxy> {
  const { command, port, env, hasProc } = prepared;
  const running = startIn(suite, [...command, ...more], {
    env,
    hasProc,
    ...(options.faketime === undefined ? {} : { faketime: options.faketime }),
  });
  await waitForPort(port, running);
  if (IS_STOCK && FOUND.test(running.output())) throw new Error('luaossl was found all the same');
  const sent = new Set<string>();
  const answers: string[] = [];
  async function ask(wanted: Omit<HttpRequest, 'port'> = {}): Promise<HttpAnswer> {
    for (const [name, value] of wanted.headers ?? []) {
      // What a gateway asks about is in every log.
      if (/^x-asked-/i.test(name)) continue;
      for (const secret of secretsOf(value.slice(value.indexOf(' ') + 1))) sent.add(secret);
    }
    const answer = await request({ path: '/api/hamsters', ...wanted, port });
    answers.push(JSON.stringify(answer));
    recordAnswer(`HAProxy of ${suite}`, wanted, answer);
    return answer;
  }
  return {
    port,
    pid: running.pid,
    ask,
    askWith: (token, wanted = {}) =>
      ask({ ...wanted, headers: [['Authorization', `Bearer ${token}`], ...(wanted.headers ?? [])] }),
    note: (token, answer) => {
      for (const secret of secretsOf(token)) sent.add(secret);
      answers.push(answer);
    },
    output: () => running.output(),
    succeed: async (how = {}) => {
      writeAll(prepared.outside, how.files);
      const words = (how.arguments ?? []).map((word) => word.replaceAll(DIRECTORY, prepared.inside));
      const heir = await run(suite, options, prepared, [...prepared.more, ...words, '-sf', String(running.pid)]);
      await running.exited;
      return heir;
    },
    leaks: () => {
      const said = { 'the log': running.output(), 'an answer': answers.join('\n') };
      return Object.entries(said).flatMap(([where, text]) =>
        [...sent].filter((secret) => text.includes(secret)).map((secret) => `${where} has ${secret}`),
      );
    },
    stop: () => running.stop(),
  };
}

/** What of the variables `SHOW` answered; those that are not set, or empty, are left out. */
export function shown(answer: HttpAnswer): Readonly<Record<string, string>> {
  const entries = Object.keys(VARIABLES).map((name) => [name, answer.headers[`x-${name}`] ?? ''] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}
