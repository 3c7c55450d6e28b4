// One issuer with several sources of keys, over HTTP: each key verifies what is its own, and no source stops another.
import { createHmac, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EITHER } from '../helpers/either-proxy';
import { keySet, startKeyServer, type KeyServer } from '../helpers/nginx-provider';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken, type KeyPair } from '../helpers/tokens';

const SECRET = 'a secret of thirty-two characters';
const [first, second, third, pem] = ['ES256', 'RS256', 'ES256', 'RS256'].map(makeKeyPair) as [
  KeyPair,
  KeyPair,
  KeyPair,
  KeyPair,
];
const named = (pair: KeyPair, kid: string): object => ({ ...pair.jwk, kid });
const sign = (pair: KeyPair | string, algorithm: string, kid?: string): Promise<string> =>
  signToken(typeof pair === 'string' ? pair : pair.privateKey, algorithm, claims(), kid === undefined ? {} : { kid });

/** Tokens signed by whoever knows the public keys, with each form of them as the secret. */
function confused(pair: KeyPair, kid: string): readonly string[] {
  const der = createPublicKey(pair.pem).export({ type: 'spki', format: 'der' });
  const forms = [pair.pem, pair.pem.trimEnd(), der, der.toString('base64'), JSON.stringify(named(pair, kid)), kid];
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return forms.flatMap((form) =>
    [{ alg: 'HS256' }, { alg: 'HS256', kid }].map((header) => {
      const input = `${encode(header)}.${encode(claims())}`;
      return `${input}.${createHmac('sha256', form).update(input).digest('base64url')}`;
    }),
  );
}

describe.concurrent.each(EITHER)('%s', (_, start) => {
  let servers: readonly [KeyServer, KeyServer];

  beforeAll(async () => {
    servers = [
      await startKeyServer(keySet([named(first, 'first')], 'max-age=1')),
      await startKeyServer(keySet([named(second, 'second')], 'max-age=1')),
    ];
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });

  const startAll = (urls: readonly string[]): ReturnType<typeof start> =>
    start({
      issuers: [
        {
          issuer: ISSUER,
          audiences: [AUDIENCE],
          keys: [
            ...urls.map((url) => ({ jwks_url: url })),
            { secret_env: 'SHARED' },
            { public_key_file: 'DIRECTORY/key.pem' },
          ],
        },
      ],
      env: { SHARED: SECRET },
      files: { 'key.pem': pem.pem },
      keyUrls: urls,
    });

  test('accepts a token of each source, and no public key as the secret', { timeout: 90_000 }, async () => {
    const proxy = await startAll(servers.map(({ origin }) => `${origin}/keys`));
    for (const token of [
      await sign(first, 'ES256', 'first'),
      await sign(second, 'RS256', 'second'),
      await sign(SECRET, 'HS256'),
      await sign(SECRET, 'HS512', 'a kid of the secret'),
      await sign(pem, 'RS256'),
      await sign(pem, 'PS256', 'any kid'),
    ]) {
      expect(await proxy.judgeUntil(token, 200)).toEqual({ status: 200, reason: '' });
    }
    const attacks = [...confused(first, 'first'), ...confused(second, 'second'), ...confused(pem, 'pem')];
    const reasons = new Set<string>();
    for (const token of attacks) {
      const { status, reason } = await proxy.judge(token);
      expect(status).toBe(401);
      reasons.add(reason);
    }
    expect([...reasons].sort()).toEqual(['key_mismatch', 'signature_invalid']);
    await proxy.stop();
  });

  test(
    'a source that is down stops no other, and its tokens get 503 until it is back',
    { timeout: 120_000 },
    async () => {
      const late = await startKeyServer(keySet([named(third, 'third')], 'max-age=1'));
      await late.stop();
      const proxy = await startAll([`${late.origin}/keys`, `${servers[1].origin}/keys`]);
      const [awaited, nameless] = [await sign(third, 'ES256', 'third'), await sign(third, 'ES256')];
      expect((await proxy.judgeUntil(await sign(second, 'RS256', 'second'), 200)).status).toBe(200);
      expect((await proxy.judge(await sign(SECRET, 'HS256'))).status).toBe(200);
      expect((await proxy.judge(await sign(pem, 'RS256'))).status).toBe(200);
      for (const token of [awaited, nameless, await sign(third, 'ES256', 'a key of whom')]) {
        expect(await proxy.judge(token)).toEqual({ status: 503, reason: 'keys_unavailable' });
      }
      // No source that is down could give another secret.
      expect((await proxy.judge(await sign('another secret of thirty-two', 'HS256'))).status).toBe(401);
      await late.start();
      expect(await proxy.judgeUntil(awaited, 200)).toEqual({ status: 200, reason: '' });
      expect((await proxy.judge(nameless)).status).toBe(200);
      expect((await proxy.judgeUntil(await sign(third, 'ES256', 'a key of whom'), 401)).reason).toBe('key_unknown');
      await proxy.stop();
      await late.stop();
    },
  );

  test('a key that a source changes is fetched for the token that names it', { timeout: 90_000 }, async () => {
    const changing = await startKeyServer(keySet([named(first, 'old')], 'max-age=600'));
    const proxy = await startAll([`${changing.origin}/keys`, `${servers[1].origin}/keys`]);
    expect((await proxy.judgeUntil(await sign(first, 'ES256', 'old'), 200)).status).toBe(200);
    changing.answer(keySet([named(second, 'new')], 'max-age=600'));
    // The key of the PEM file, which has no name, fits too and does not verify it.
    expect(await proxy.judgeUntil(await sign(second, 'RS256', 'new'), 200)).toEqual({ status: 200, reason: '' });
    expect((await proxy.judgeUntil(await sign(first, 'ES256', 'old'), 401)).status).toBe(401);
    expect((await proxy.judge(await sign(SECRET, 'HS256'))).status).toBe(200);
    await proxy.stop();
    await changing.stop();
  });
});
