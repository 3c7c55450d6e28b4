// Gateways with the lane beside the same action without it: in one process, with one set of keys and remembered tokens.
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { cliLine, runCli } from './haproxy-cli';
import { failHaproxy, startHaproxy, VARIABLES, type Haproxy, type HaproxyOptions, type Load } from './haproxy-server';
import { AUDIENCE, publicPart } from './issuer-server';
import { freePort, makeWorkDirectory, type SuiteName } from './suite';

export const ISSUER = 'https://issuer.example';

/** A plain server of keys, which can be replaced. */
export interface KeyServer {
  readonly url: string;
  readonly setKeys: (keys: readonly JWK[]) => void;
  readonly stop: () => Promise<void>;
}

export async function startKeys(keys: readonly JWK[]): Promise<KeyServer> {
  let served = keys;
  const server: Server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: served.map((key) => publicPart(key)) }));
  });
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${String(port)}/jwks`,
    setKeys: (next) => (served = next),
    stop: () =>
      new Promise((done) => {
        server.close(() => {
          done();
        });
        server.closeAllConnections();
      }),
  };
}

export interface LaneOptions {
  readonly keys: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly load?: Load;
  readonly global?: readonly string[];
  /** Changes the lines of the lane with the action's, as an operator might. */
  readonly edit?: (lines: readonly string[]) => readonly string[];
  /** Lines of the frontend below the check. */
  readonly more?: readonly string[];
  readonly hasDenyList?: boolean;
}

export const ACTION = 'http-request lua.jwtverify unless { var(txn.authorized) -m bool }';
export const CHECK = 'http-request deny deny_status 503 unless { var(txn.authorized) -m bool }';

/** What a backend would see of the headers that an action may change, and what of the request came so far. */
const SEEN = ['upgrade', 'connection', 'http2-settings', 'authorization'];
const SHOW = [
  ...SEEN.map((name) => `http-request set-var(txn.seen_${name.replaceAll('-', '_')}) req.fhdr(${name}),sha1,hex`),
  ...Object.entries(VARIABLES).map(([name, fetch]) => `http-after-response set-header x-${name} "%[${fetch}]"`),
  ...SEEN.map(
    (name) => `http-after-response set-header x-seen-${name} "%[var(txn.seen_${name.replaceAll('-', '_')})]"`,
  ),
  'http-after-response set-header x-kinds "%[var(txn.oauth.exp),add(1)] %[var(txn.authorized),iif(yes,no)]"',
];
const RETURN = 'http-request return status 200 content-type text/plain string shown';

function configurationFor(
  options: LaneOptions,
  deny: string,
  plain: number,
  lane: readonly string[],
  cli: number,
): string {
  const settings: Record<string, string> = {
    OAUTH_ISSUER: ISSUER,
    OAUTH_AUDIENCE: AUDIENCE,
    OAUTH_JWKS_URL: options.keys,
    OAUTH_ALLOW_HTTP: '1',
    OAUTH_JWKS_REFRESH: '10',
    OAUTH_JWKS_COOLDOWN: '1',
    OAUTH_CLOCK_SKEW: '0',
    OAUTH_CLAIM_VARIABLES: 'iss sub aud exp iat scope azp groups address only_first email_verified',
    OAUTH_LANE_SIZE: '1000',
    OAUTH_LANE_SOCKETS: `ipv4@127.0.0.1:${String(cli)}`,
    ...(options.hasDenyList === false ? {} : { OAUTH_DENY_PATH: deny }),
    ...options.settings,
  };
  const frontend = (port: string, lines: readonly string[]): string => `frontend f${port}
  bind 127.0.0.1:${port}
  ${[...lines, CHECK, ...(options.more ?? []), ...SHOW, RETURN].join('\n  ')}
`;
  return `global
  log stdout format raw local0
  ${[cliLine(cli), ...(options.global ?? [])].join('\n  ')}
  ${Object.entries(settings)
    .filter(([, value]) => value !== 'UNSET')
    .map(([name, value]) => `setenv ${name} "${value}"`)
    .join('\n  ')}
  ${options.load ?? 'lua-load'} DIRECTORY/jwtverify.lua
defaults
  log global
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
${frontend('PORT', lane)}
${frontend(String(plain), ['http-request lua.jwtverify'])}`;
}

interface Prepared {
  readonly deny: string;
  readonly plain: number;
  readonly cli: number;
}

async function prepare(suite: SuiteName): Promise<Prepared> {
  const work = makeWorkDirectory(suite);
  writeFileSync(join(work.outside, 'deny.map'), '');
  return { deny: `${work.inside}/deny.map`, plain: await freePort(), cli: await freePort() };
}

function haproxyOptions(configuration: string): HaproxyOptions {
  return { configuration, isCheckedByItself: true };
}

/** The lines that HAProxy prints where it has none, the action's below; and all that it says. */
async function print(
  suite: SuiteName,
  options: LaneOptions,
  { deny, plain, cli }: Prepared,
): Promise<{ lines: readonly string[]; output: string }> {
  const configuration = configurationFor(options, deny, plain, ['http-request lua.jwtverify'], cli);
  const { output } = await failHaproxy(suite, haproxyOptions(configuration));
  const lines = output.split('\n').filter((line) => /^ {2}(?:http-request|acl) /.test(line));
  return { lines: lines.map((line) => line.trim().replace('lua.jwtenforce', 'lua.jwtverify')), output };
}

export async function printLane(
  suite: SuiteName,
  options: LaneOptions,
): Promise<{ lines: readonly string[]; output: string }> {
  return print(suite, options, await prepare(suite));
}

/** What HAProxy says of lines that an operator has changed. */
export async function failLane(
  suite: SuiteName,
  options: LaneOptions,
  printed: LaneOptions = options,
): Promise<string> {
  const prepared = await prepare(suite);
  const { lines } = await print(suite, printed, prepared);
  const edited = options.edit?.(lines) ?? lines;
  const configuration = configurationFor(options, prepared.deny, prepared.plain, edited, prepared.cli);
  const { code, output } = await failHaproxy(suite, haproxyOptions(configuration));
  return code === 0 ? 'it starts' : output;
}

export interface LaneAnswer {
  readonly status: number;
  /** The variables and headers that it shows. */
  readonly shown: string;
}

export interface LaneGateway {
  readonly haproxy: Haproxy;
  readonly deny: string;
  /** Asks by the way of the lane, or of the action alone. */
  ask(way: 'lane' | 'plain', headers: readonly (readonly [string, string])[]): Promise<LaneAnswer>;
  /** A number of `show jwtverify`. */
  count(name: string): Promise<number>;
  cli(command: string): Promise<string>;
  /** How many tokens are in the map. */
  entries(): Promise<number>;
  stop(): Promise<void>;
}

function askOnce(agent: Agent, port: number, headers: readonly (readonly [string, string])[]): Promise<LaneAnswer> {
  return new Promise((done, fail) => {
    const sent = httpRequest({ agent, host: '127.0.0.1', port, path: '/', headers: headers.flat() }, (answer) => {
      answer.resume();
      answer.once('end', () => {
        const shown = Object.entries(answer.headers).filter(([name]) => name.startsWith('x-'));
        done({ status: answer.statusCode ?? 0, shown: JSON.stringify(shown.sort()) });
      });
    });
    sent.once('error', (problem) => {
      // HAProxy may close a connection that waits for its next request just when that one is sent.
      if (sent.reusedSocket) askOnce(agent, port, headers).then(done, fail);
      else fail(problem);
    });
    sent.end();
  });
}

export async function startLane(suite: SuiteName, options: LaneOptions): Promise<LaneGateway> {
  const prepared = await prepare(suite);
  const { lines, output } = await print(suite, options, prepared);
  if (lines.length === 0) throw new Error(`HAProxy printed no lines: ${output}`);
  const edited = options.edit?.(lines) ?? lines;
  const configuration = configurationFor(options, prepared.deny, prepared.plain, edited, prepared.cli);
  const haproxy = await startHaproxy(suite, haproxyOptions(configuration));
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const ports = { lane: haproxy.port, plain: prepared.plain };
  const cli = (command: string): Promise<string> => runCli(prepared.cli, command);
  return {
    haproxy,
    deny: prepared.deny,
    ask: (way, headers) => askOnce(agent, ports[way], [['Host', 'api.example'], ...headers]),
    count: async (name) => {
      const status = await cli('show jwtverify');
      return Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(status)?.[1] ?? '0');
    },
    cli,
    entries: async () => (await cli('show map /dev/./null')).split('\n').filter((line) => line !== '').length,
    stop: async () => {
      agent.destroy();
      await haproxy.stop();
    },
  };
}

/** The header of a token. */
export const bearer = (token: string): readonly [string, string] => ['Authorization', `Bearer ${token}`];
