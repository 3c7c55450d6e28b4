// Runs a block of the documents: a proxy in front of a backend that says what reached it.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';
import { envLines, policyOf, runnable, type Block } from './docs-blocks';
import { reloadWorkers } from './processes';
import { claims, makeKeyPair, signToken } from './tokens';
import {
  freePort,
  HAPROXY,
  makeWorkDirectory,
  request,
  startIn,
  waitForPort,
  type HttpAnswer,
  type HttpRequest,
  type SuiteName,
} from './suite';

/** What the documents' configurations expect of a token. */
export const ISSUER = 'https://myaccount.auth0.com/';
export const AUDIENCE = 'https://api.mywebsite.com';

const SETTINGS: Readonly<Record<string, string>> = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE };
const key = makeKeyPair('RS256');
const otherKey = makeKeyPair('ES256');

/** A token that every configuration of the documents lets through, unless claims are changed. */
export function good(changes: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return signToken(key.privateKey, 'RS256', claims({ iss: ISSUER, aud: AUDIENCE, azp: 'keeper', ...changes }));
}

/** The same with one character of its signature changed. */
export async function bad(): Promise<string> {
  const token = await good();
  const at = token.length - 20;
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}

export interface Running {
  /** The work directory inside and outside of the suite. */
  readonly work: { readonly inside: string; readonly outside: string };
  readonly port: number;
  /** POST /api/hamsters/turbo with a bearer token, or without any. */
  ask(token: string | undefined, wanted?: Omit<HttpRequest, 'port'>): Promise<HttpAnswer>;
  /** Header fields of the request that reached the backend; undefined when the answer is not the backend's. */
  reached(answer: HttpAnswer): Readonly<Record<string, string>> | undefined;
  output(): string;
  /** Has nginx read its configuration again. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

function fill(folder: string): void {
  const { lua, js } = inject('artifacts');
  for (const [name, built] of [
    ['jwtverify.lua', lua],
    ['jwtverify.js', js],
    ['dist/haproxy/jwtverify.lua', lua],
    ['dist/nginx/jwtverify.js', js],
  ] as const) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    cpSync(built, join(folder, name));
  }
  writeFileSync(join(folder, 'pubkey.pem'), key.pem);
  writeFileSync(join(folder, 'forward.conf'), '');
  writeFileSync(join(folder, 'env.conf'), envLines());
  const keys = [
    { ...key.jwk, use: 'sig', kid: 'first' },
    { ...otherKey.jwk, use: 'sig', kid: 'second' },
  ];
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys }));
}

/** The backend of the proxy. */
export interface Backend {
  stop(): Promise<void>;
}

function listenOn(server: Server, port: number): Promise<Backend> {
  return new Promise((done) => {
    server.listen(port, '127.0.0.1', () => {
      done({
        stop: async () => {
          server.closeAllConnections();
          await new Promise((closed) => server.close(closed));
        },
      });
    });
  });
}

function startBackend(port: number): Promise<Backend> {
  const server = createServer((incoming, answer) => {
    answer.setHeader('x-backend', 'reached');
    answer.setHeader('x-target', incoming.url ?? '');
    incoming.resume().once('end', () => answer.end(JSON.stringify(incoming.headers)));
  });
  return listenOn(server, port);
}

/** The issuer's key set, as a provider serves it. */
export const KEY_SET = JSON.stringify({ keys: [{ ...key.jwk, use: 'sig', kid: 'first' }] });

/** Serves it, for configurations that fetch it. */
function startKeys(port: number): Promise<Backend> {
  const server = createServer((_, answer) => {
    answer.setHeader('content-type', 'application/json');
    answer.end(KEY_SET);
  });
  return listenOn(server, port);
}

/** Where a configuration has the issuer's keys discovered, they come from this machine. */
function nameKeys(text: string, port: number): string {
  if (/OAUTH_(?:PUBKEY|JWKS|HMAC|POLICY)|env\.conf/.test(text)) return text;
  const url = `http://127.0.0.1:${String(port)}/`;
  return text
    .replace(/^( *setenv )OAUTH_AUDIENCE .*$/m, `$&\n$1OAUTH_JWKS_URL ${url}\n$1OAUTH_ALLOW_HTTP 1`)
    .replace(/^env OAUTH_AUDIENCE=.*$/m, `$&\nenv OAUTH_JWKS_URL=${url};\nenv OAUTH_ALLOW_HTTP=1;`);
}

/** The process's environment: a value for every setting that an `env` line of the configuration names without one. */
function environmentFor(configuration: string, directory: string): Record<string, string> {
  const values: Record<string, string> = { ...SETTINGS, OAUTH_PUBKEY_PATH: `${directory}/pubkey.pem` };
  values['OAUTH_POLICY'] = `${directory}/policy.json`;
  const lines = configuration.includes('/env.conf') ? envLines() : configuration;
  const named = [...lines.matchAll(/\benv (\w+);/g)].map((match) => match[1] ?? '');
  // Where other settings have their lines as well, the policy is not the one that is used.
  if (named.includes('OAUTH_ISSUER')) delete values['OAUTH_POLICY'];
  return Object.fromEntries(named.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])));
}

function commandFor(block: Block, directory: string): readonly string[] {
  if (block.language === 'haproxy') return [...HAPROXY, '-f', `${directory}/haproxy.cfg`];
  const globals = `daemon off; pid ${directory}/nginx.pid; error_log stderr notice;`;
  return ['nginx', '-c', `${directory}/nginx.conf`, '-g', globals];
}

/** Changed settings come from the environment, also where the configuration has their values. */
function changeLines(text: string, changes: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\benv (\w+)=.*?;/g, (line, name: string) => (name in changes ? `env ${name};` : line));
}

/**
 * Starts the proxy of a configuration block.
 * @param changes settings to change in the environment of nginx
 * @param policy what OAUTH_POLICY names, as JSON
 * @param serve starts the backend; one that answers with the header fields when left out
 */
export async function startBlock(
  block: Block,
  suite: SuiteName,
  changes: Readonly<Record<string, string>> = {},
  policy = policyOf('docs/haproxy.md'),
  serve: (port: number) => Promise<Backend> = startBackend,
): Promise<Running> {
  const work = makeWorkDirectory(suite);
  fill(work.outside);
  writeFileSync(join(work.outside, 'policy.json'), policy.replaceAll('/etc/haproxy/pem', work.inside));
  const place = { directory: work.inside, port: await freePort(), backendPort: await freePort() };
  const written = runnable(block, place);
  // As the documents say: njs before 0.8.0 has no dictionaries.
  const known = suite === 'bookworm' ? written.replaceAll(/^ *js_shared_dict_zone .*\n/gm, '') : written;
  const keysPort = await freePort();
  const text = changeLines(nameKeys(known, keysPort), changes);
  const keys = await startKeys(keysPort);
  writeFileSync(join(work.outside, block.language === 'haproxy' ? 'haproxy.cfg' : 'nginx.conf'), text);
  const backend = await serve(place.backendPort);
  const env = { ...environmentFor(text, work.inside), ...changes };
  const proxy = startIn(suite, commandFor(block, work.inside), { env });
  async function stop(): Promise<void> {
    await proxy.stop();
    await backend.stop();
    await keys.stop();
  }
  try {
    await waitForPort(place.port, proxy);
  } catch (problem) {
    await stop();
    throw problem;
  }
  return {
    work,
    port: place.port,
    ask: (token, wanted = {}) => {
      const headers = token === undefined ? [] : [['Authorization', `Bearer ${token}`] as const];
      const defaults = { method: 'POST', path: '/api/hamsters/turbo' };
      return request({ ...defaults, ...wanted, port: place.port, headers: [...headers, ...(wanted.headers ?? [])] });
    },
    reached: (answer) =>
      answer.headers['x-backend'] === 'reached' ? (JSON.parse(answer.body) as Record<string, string>) : undefined,
    output: () => proxy.output(),
    reload: () => reloadWorkers(proxy.pid),
    stop,
  };
}
