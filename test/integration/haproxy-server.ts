// Runs real HAProxy with the built Lua file in a Debian suite, and keeps everything that it said.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
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

/** Tests send more new tokens a second than a proxy should take. */
const STOCK_ENVIRONMENT = { LUA_PATH: '', LUA_CPATH: '', OAUTH_PLAIN_BUDGET: '10000' };

/** Where files stand inside the suite: `DIRECTORY` in options becomes the real one. */
const DIRECTORY = 'DIRECTORY';

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
  /** A whole configuration instead; `PORT` and `BACKEND` in it become ports. */
  readonly configuration?: string;
  /** Files beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly faketime?: string;
  /** More on the command line, as `-W`. */
  readonly arguments?: readonly string[];
  /** Whether another process takes its ports over: it shares them then, as HAProxy does by itself. */
  readonly isReloaded?: boolean;
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
  /** Where a token or signature that was sent stands in anything HAProxy said; empty when all is well. */
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
  server api 127.0.0.1:BACKEND
frontend apiserver
  bind 127.0.0.1:BACKEND
  http-request return status 200 content-type text/plain lf-string "reached: %[method] %[path]"
`;
}

interface Prepared {
  readonly command: readonly string[];
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly inside: string;
  readonly outside: string;
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
  writeAll(work.outside, options.files);
  writeFileSync(join(work.outside, 'haproxy.cfg'), fill(options.configuration ?? configurationFor(options)));
  const given = { ...(IS_STOCK ? STOCK_ENVIRONMENT : {}), ...options.env };
  const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, fill(value)]));
  const program = options.isReloaded === true ? ['haproxy', '-db'] : HAPROXY;
  return { command: [...program, '-f', `${work.inside}/haproxy.cfg`], port, env, ...work };
}

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs `haproxy -c`. */
export async function checkHaproxy(suite: SuiteName, options: HaproxyOptions): Promise<Outcome> {
  const { command, env } = await prepare(suite, options);
  return runIn(suite, [...command, '-c'], { env });
}

/** Starts HAProxy where it is expected to end by itself. */
export async function failHaproxy(suite: SuiteName, options: HaproxyOptions): Promise<Outcome> {
  const { command, env } = await prepare(suite, options);
  return runIn(suite, ['timeout', '20', ...command], { env });
}

/** The parts of a token that must never be seen again: all of it, what it claims and its signature. */
function secretsOf(token: string): readonly string[] {
  const [, payload = '', signature = ''] = token.split('.');
  return [token, payload, signature].filter((part) => part.length >= 16);
}

/** Starts HAProxy with the Lua file built from these sources, and waits until it listens. */
export async function startHaproxy(suite: SuiteName, options: HaproxyOptions): Promise<Haproxy> {
  return run(suite, options, await prepare(suite, options), options.arguments ?? []);
}

async function run(
  suite: SuiteName,
  options: HaproxyOptions,
  prepared: Prepared,
  more: readonly string[],
): Promise<Haproxy> {
  const { command, port, env } = prepared;
  const running = startIn(suite, [...command, ...more], {
    env,
    ...(options.faketime === undefined ? {} : { faketime: options.faketime }),
  });
  await waitForPort(port, running);
  if (IS_STOCK && running.output().includes('luaossl')) throw new Error('luaossl was found all the same');
  const sent = new Set<string>();
  const answers: string[] = [];
  async function ask(wanted: Omit<HttpRequest, 'port'> = {}): Promise<HttpAnswer> {
    for (const [, value] of wanted.headers ?? []) {
      for (const secret of secretsOf(value.slice(value.indexOf(' ') + 1))) sent.add(secret);
    }
    const answer = await request({ path: '/api/hamsters', ...wanted, port });
    answers.push(JSON.stringify(answer));
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
      const heir = await run(suite, options, prepared, [
        ...(options.arguments ?? []),
        ...words,
        '-sf',
        String(running.pid),
      ]);
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
