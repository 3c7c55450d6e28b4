// The secrets of the client that asks about opaque tokens: out of variables and files, in each encoding, sent by both methods,
// and several during a rotation. The issuer is a real server that checks what it gets (RFC 6749 §2.3.1).
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { EITHER, type EitherOptions, type EitherProxy, type Start } from '../helpers/either-proxy';
import { startLoad } from '../helpers/keep-alive';
import { AUDIENCE } from '../helpers/tokens';

const ID = 'gate:way/1';
/** What forms write differently, and what Basic would split at. */
const SECRET = 'p@ss:w/+%&=~rd';
const CLAIMS = JSON.stringify({ active: true, aud: AUDIENCE, sub: 'turbo' });

type Method = 'client_secret_basic' | 'client_secret_post';

interface Endpoint {
  readonly url: string;
  /** The secrets that it accepts now. */
  accepted: readonly string[];
  /** The secrets of all questions so far, in their order. */
  readonly asked: string[];
  /** What it did not understand. */
  readonly faults: string[];
  stop(): Promise<void>;
}

function decodeForm(value: string): string {
  return decodeURIComponent(value.split('+').join(' '));
}

async function readBody(request: IncomingMessage): Promise<URLSearchParams> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return new URLSearchParams(Buffer.concat(pieces).toString());
}

/** The client and its secret by the one method that the issuer allows; a second proof is a fault (RFC 6749 §2.3). */
function readClient(method: Method, request: IncomingMessage, form: URLSearchParams): readonly string[] {
  const field = request.headers.authorization;
  if (method === 'client_secret_post') {
    if (field !== undefined) return ['an Authorization field beside the form'];
    return [form.get('client_id') ?? '', form.get('client_secret') ?? ''];
  }
  if (form.has('client_secret') || form.has('client_id')) return ['a client in the form beside the field'];
  const [scheme, encoded = ''] = (field ?? '').split(' ');
  const parts = Buffer.from(encoded, 'base64').toString().split(':');
  return scheme === 'Basic' && parts.length === 2 ? parts.map(decodeForm) : [`no Basic: ${String(parts.length)}`];
}

/** An issuer that accepts one method: it rejects others and unknown secrets as RFC 6749 §5.2 says. */
async function startEndpoint(method: Method, accepted: readonly string[]): Promise<Endpoint> {
  const asked: string[] = [];
  const faults: string[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((form) => {
      const [id, secret] = readClient(method, request, form);
      const isKnown = id === ID && secret !== undefined && endpoint.accepted.includes(secret);
      if (id !== ID) faults.push(id ?? '');
      if (secret !== undefined) asked.push(secret);
      response.setHeader('Content-Type', 'application/json');
      if (isKnown) response.end(form.get('token')?.startsWith('good') === true ? CLAIMS : '{"active":false}');
      else response.writeHead(method === 'client_secret_post' ? 400 : 401).end('{"error":"invalid_client"}');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/introspect`;
  const stop = (): Promise<void> =>
    new Promise((done) => {
      server.closeAllConnections();
      server.close(() => {
        done();
      });
    });
  const endpoint: Endpoint = { url, accepted, asked, faults, stop };
  return endpoint;
}

function optionsFor(endpoint: Endpoint, secrets: object, more: Partial<EitherOptions> = {}): EitherOptions {
  const introspection = { url: endpoint.url, client_id: ID, inactive_age: 0, ...secrets };
  return { issuers: [{ issuer: 'https://issuer.example/', audiences: [AUDIENCE], introspection }], ...more };
}

/** A proxy and its issuer; afterwards nothing in its log may be a secret, in any form. */
async function run(
  start: Start,
  endpoint: Endpoint,
  options: EitherOptions,
  body: (proxy: EitherProxy) => Promise<void>,
): Promise<void> {
  const proxy = await start(options);
  try {
    await body(proxy);
  } finally {
    await proxy.stop();
    await endpoint.stop();
  }
  const log = proxy.log();
  const known = new Set([...endpoint.asked, ...endpoint.accepted]);
  for (const secret of known)
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
      expect(log.includes(form)).toBe(false);
  expect(log).not.toContain('Basic ');
  expect(log).not.toContain('client_secret=');
}

const WRITTEN: readonly (readonly [encoding: BufferEncoding | 'text', method: Method, isFile: boolean])[] = [
  ['text', 'client_secret_basic', false],
  ['text', 'client_secret_post', true],
  ['base64', 'client_secret_basic', true],
  ['base64url', 'client_secret_post', false],
  ['hex', 'client_secret_basic', false],
];

describe.concurrent.each(EITHER)('%s', (_, start) => {
  test('sends the secret by the method of the policy, however it is written', { timeout: 90_000 }, async () => {
    for (const [encoding, method, isFile] of WRITTEN) {
      const written = encoding === 'text' ? SECRET : Buffer.from(SECRET).toString(encoding);
      const endpoint = await startEndpoint(method, [SECRET]);
      const named = isFile ? { client_secret_file: 'DIRECTORY/secret' } : { client_secret_env: 'KEEPER_SECRET' };
      const secrets = { ...named, client_secret_encoding: encoding, token_endpoint_auth_method: method };
      const given = isFile ? { files: { secret: `${written}\n` } } : { env: { KEEPER_SECRET: written } };
      await run(start, endpoint, optionsFor(endpoint, secrets, given), async (proxy) => {
        expect(await proxy.judge('good')).toEqual({ status: 200, reason: '' });
        expect(await proxy.judge('bad')).toEqual({ status: 401, reason: 'token_inactive' });
        // The issuer no longer knows the client: nobody passes, and nobody is called inactive.
        endpoint.accepted = [];
        expect(await proxy.judge('good-2')).toEqual({ status: 503, reason: 'introspection_unavailable' });
        expect(proxy.log()).toContain('it rejects the client');
      });
      expect(endpoint.faults).toEqual([]);
    }
  });

  test('sends no secret by a method that the policy does not name', { timeout: 60_000 }, async () => {
    const endpoint = await startEndpoint('client_secret_post', [SECRET]);
    const options = optionsFor(endpoint, { client_secret_env: 'KEEPER_SECRET' }, { env: { KEEPER_SECRET: SECRET } });
    await run(start, endpoint, options, async (proxy) => {
      expect(await proxy.judge('good')).toEqual({ status: 503, reason: 'introspection_unavailable' });
    });
    expect([...new Set(endpoint.faults)]).toEqual(['an Authorization field beside the form']);
  });

  test.each(['client_secret_basic', 'client_secret_post'] as const)(
    'tries the next secret where the issuer rejects one, and keeps the one that it accepts: %s',
    { timeout: 60_000 },
    async (method) => {
      const endpoint = await startEndpoint(method, ['old-secret']);
      const secrets = {
        client_secret_file: ['DIRECTORY/new', 'DIRECTORY/old', 'DIRECTORY/oldest'],
        token_endpoint_auth_method: method,
      };
      const files = { new: 'new-secret\n', old: 'old-secret\n', oldest: 'oldest-secret\n' };
      await run(start, endpoint, optionsFor(endpoint, secrets, { files }), async (proxy) => {
        const ask = async (token: string): Promise<readonly string[]> => {
          const before = endpoint.asked.length;
          expect(await proxy.judge(token)).toEqual({ status: 200, reason: '' });
          return endpoint.asked.slice(before);
        };
        // Each thread, and each njs without a dictionary, learns for itself.
        const seen = new Set<string>();
        for (let turn = 0; turn < 6; turn += 1) seen.add((await ask(`good-${String(turn)}`)).join(' '));
        seen.delete('old-secret');
        expect([...seen]).toEqual(['new-secret old-secret']);
        // The issuer forgets the old one.
        endpoint.accepted = ['new-secret'];
        for (let turn = 6; turn < 12; turn += 1) {
          const tried = await ask(`good-${String(turn)}`);
          expect(tried.at(-1)).toBe('new-secret');
          expect(tried.length).toBeLessThanOrEqual(3);
        }
        // It forgets all of them: each is tried once.
        endpoint.accepted = [];
        const before = endpoint.asked.length;
        expect((await proxy.judge('good-12')).reason).toBe('introspection_unavailable');
        expect(endpoint.asked.slice(before).sort()).toEqual(['new-secret', 'old-secret', 'oldest-secret']);
        expect(proxy.log()).toContain('accepts secret 2 of 3');
      });
    },
  );

  test('reads a changed secret file, and refuses no good token meanwhile', { timeout: 120_000 }, async () => {
    const endpoint = await startEndpoint('client_secret_basic', ['first-secret', 'second-secret']);
    const options = optionsFor(
      endpoint,
      { client_secret_file: ['DIRECTORY/current'] },
      { files: { current: 'first-secret\n' } },
    );
    await run(start, endpoint, options, async (proxy) => {
      const clients = startLoad(proxy.port, (turn) => ['good', `good-${String(turn)}`]);
      try {
        await clients.more('good', 20);
        await proxy.change({ current: 'second-secret\n' });
        await clients.more('good', 20);
      } finally {
        await clients.end();
      }
      expect(clients.seen('good')).toEqual(['200']);
      endpoint.accepted = ['second-secret'];
      expect((await proxy.judgeUntil('good-after', 200)).status).toBe(200);
      expect(endpoint.asked.at(-1)).toBe('second-secret');
    });
  });
});
