// Requests over HTTP/3, which have no `Host` line: nginx knows their host, and so do rules, issuers and conditions.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificates, type Certificates } from '../helpers/certificates';
import { startEchoBackend, type EchoBackend } from '../helpers/echo-backend';
import { ISSUERS, SECRET, tokenOf } from '../helpers/haproxy-policy-server';
import { askingsOf, startWithPolicy, type Asking } from '../helpers/nginx-policy';
import { ENGINES, type Engine, type Nginx } from '../helpers/nginx-server';
import { freePort, runIn } from '../helpers/suite';

const HOST = 'api.example';
const POLICIES: readonly (readonly [string, object])[] = [
  ['a rule names hosts', { issuers: ISSUERS, rules: [{ hosts: [HOST], paths: ['/**'] }] }],
  [
    'an issuer names hosts',
    { issuers: ISSUERS.map((issuer) => ({ ...issuer, hosts: [HOST] })), otherwise: 'authenticated' },
  ],
  [
    'a condition compares the host',
    { issuers: ISSUERS, rules: [{ paths: ['/**'], require: { claims: { tenant: { equals_host: true } } } }] },
  ],
];

/** The UDP ports of 127.0.0.1 are the locks of `freePort`. */
const ADDRESS = '127.0.0.2';

let certificates: Certificates;
let backend: EchoBackend;
beforeAll(async () => {
  certificates = await makeCertificates();
  backend = await startEchoBackend();
});
afterAll(async () => {
  await backend.stop();
});

async function start(engine: Engine, asking: Asking, policy: object): Promise<{ nginx: Nginx; port: number }> {
  const port = await freePort();
  const nginx = await startWithPolicy(engine, { ...policy, forward: { 'X-User': 'subject' } }, backend, {
    asking,
    env: { HAMSTER_SECRET: SECRET },
    server: `listen ${ADDRESS}:${String(port)} quic; ssl_certificate DIRECTORY/own.pem; ssl_certificate_key DIRECTORY/own.key;`,
    files: { 'own.pem': certificates.cert, 'own.key': certificates.key },
  });
  return { nginx, port };
}

/** Asks with curl, which knows no other version then. */
async function askOverHttp3(port: number, host: string, headers: readonly string[]): Promise<number> {
  const to = `${host}:${String(port)}`;
  const lines = headers.flatMap((line) => ['--header', line]);
  const words = ['curl', '--silent', '--insecure', '--http3-only', '--max-time', '10', ...lines];
  const { output } = await runIn('sid', [
    ...words,
    ...['--output', '/dev/null', '--write-out', '%{http_version} %{http_code}', '--resolve', `${to}:${ADDRESS}`],
    `https://${to}/a`,
  ]);
  const [version, status] = output.trim().split(' ');
  expect(version).toBe('3');
  return Number(status);
}

// Debian 12's nginx has no HTTP/3.
const CASES = ENGINES.filter(({ suite }) => suite !== 'bookworm').flatMap((engine) =>
  askingsOf(engine).map((asking) => ({ engine, asking })),
);

describe.each(CASES)('nginx of $engine.suite, $engine.name, $asking', ({ engine, asking }) => {
  test.each(POLICIES)('%s: a request over HTTP/3 passes for this host, and for no other', async (_, policy) => {
    const { nginx, port } = await start(engine, asking, policy);
    try {
      const bearer = `Authorization: Bearer ${tokenOf({ tenant: HOST })}`;
      const before = backend.count();
      expect(await askOverHttp3(port, HOST, [bearer])).toBe(200);
      expect(await askOverHttp3(port, 'API.example', [bearer])).toBe(200);
      expect(backend.count() - before).toBe(2);
      expect([403, 401]).toContain(await askOverHttp3(port, 'other.example', [bearer]));
      expect(await askOverHttp3(port, HOST, [])).toBe(401);
      expect(await askOverHttp3(port, 'other.example', [bearer, `X-Forwarded-Host: ${HOST}`])).not.toBe(200);
      expect(backend.count() - before).toBe(2);
    } finally {
      await nginx.stop();
    }
    expect(nginx.leaks()).toEqual([]);
  });
});
