// Key sets as providers send them: members that are there but not set, and bad keys among good ones; both proxies alike.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { failHaproxy, shown, startHaproxy } from '../helpers/haproxy-server';
import { ENGINES, SHARED_DICT, startNginx } from '../helpers/nginx-server';
import { keySet, startKeyServer } from '../helpers/nginx-provider';
import { SUITES, type HttpAnswer } from '../helpers/suite';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken, type KeyPair } from '../helpers/tokens';

type Jwk = Readonly<Record<string, unknown>>;

const rsa = makeKeyPair('RS256');
const nameless = makeKeyPair('RS256');
const ec = makeKeyPair('ES256');
const other = makeKeyPair('ES256');
const bad = makeKeyPair('ES256');

/** Each member that may be there without being set; `kid` is looked at apart. */
const MEMBERS = ['use', 'key_ops', 'alg', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'x5c', 'x5u', 'x5t', 'crv', 'x'];
const UNSET = [null, '', []];

const unset: readonly Jwk[] = MEMBERS.flatMap((member) =>
  UNSET.map((value, index) => ({ ...rsa.jwk, kid: `${member} ${String(index)}`, [member]: value })),
);
const withoutName: readonly Jwk[] = UNSET.map((kid) => ({ ...nameless.jwk, kid }));

const turn = (coordinate: unknown): string => {
  const octets = Buffer.from(String(coordinate), 'base64url');
  octets[0] = (octets[0] ?? 0) ^ 1;
  return octets.toString('base64url');
};
const offCurve: Jwk = { ...bad.jwk, y: turn(bad.jwk['y']) };
const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });

const ZONES = `${SHARED_DICT} js_shared_dict_zone zone=jwtverify_keys:1m timeout=1h evict;`;

/** Keys that nobody should use, and of each a word of why. */
const UNUSABLE: readonly (readonly [Jwk, string])[] = [
  [{ ...offCurve, kid: 'off the curve' }, 'its point is not on the curve P-256'],
  [offCurve, 'its point is not on the curve P-256'],
  [{ kty: 'oct', k: 'AAAA', kid: 'a secret' }, 'private key material'],
  [{ ...ec.privateKey.export({ format: 'jwk' }), kid: 'a private key' }, 'private key material'],
  [{ ...short, kid: 'a short key' }, '1024 bits'],
  [{ ...ec.jwk, kid: 'for encryption', use: 'enc', key_ops: ['verify'] }, 'not for verifying'],
  [{ ...ec.jwk, kid: 'to sign', use: 'sig', key_ops: ['sign'] }, 'not for verifying'],
  [{ ...ec.jwk, kid: 'no list', key_ops: 'verify' }, 'not for verifying'],
  [{ ...ec.jwk, kid: 'of nothing', key_ops: [null] }, 'not for verifying'],
  [{ ...ec.jwk, kid: 'another type', alg: 'RS256' }, 'does not fit its type'],
  [{ kty: 'RSA', kid: 'x5c only', x5c: ['TUlJQg'] }, 'in a certificate .`x5c`. alone'],
];
const BAD = UNUSABLE.map(([jwk]) => jwk);

/** Tokens that must pass, and tokens for keys that were passed over. */
async function makeTokens(): Promise<{ readonly good: readonly string[]; readonly refused: readonly string[] }> {
  const sign = (pair: KeyPair, algorithm: string, kid: unknown): Promise<string> =>
    signToken(pair.privateKey, algorithm, claims(), typeof kid === 'string' ? { kid } : {});
  const good = [...unset.map(({ kid }) => sign(rsa, 'RS256', kid)), sign(nameless, 'RS256', 'nobody')];
  const named = BAD.filter(({ kid }) => kid !== undefined);
  return {
    good: await Promise.all([...good, sign(ec, 'ES256', 'good'), sign(other, 'ES256', 'nobody')]),
    refused: await Promise.all(named.map(({ kid }) => sign(ec, 'ES256', kid))),
  };
}

const SET = JSON.stringify({ keys: [...BAD, ...unset, ...withoutName, other.jwk, { ...ec.jwk, kid: 'good' }] });
const BASIC = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE };
const ENV = { ...BASIC, OAUTH_JWKS_PATH: 'DIRECTORY/keys.json' };
const onlyBad = { 'keys.json': JSON.stringify({ keys: BAD }) };

/** What both proxies must answer. A token whose key has no entry of its name is tried with those that have no name. */
async function expectAnswers(ask: (token: string) => Promise<HttpAnswer>, isGood: (answer: HttpAnswer) => boolean) {
  const tokens = await makeTokens();
  for (const token of tokens.good) expect(isGood(await ask(token))).toBe(true);
  for (const token of tokens.refused) {
    const answer = await ask(token);
    expect([isGood(answer), answer.headers['retry-after']]).toEqual([false, undefined]);
  }
}

describe.each(SUITES)('HAProxy in %s', (suite) => {
  test('members that are not set do not count, and each bad key of a file is passed over with a notice', async () => {
    const haproxy = await startHaproxy(suite, { settings: ENV, files: { 'keys.json': SET } });
    await expectAnswers(
      (token) => haproxy.askWith(token),
      (answer) => shown(answer)['authorized'] === '1',
    );
    for (const [index, [, why]] of UNUSABLE.entries()) {
      expect(haproxy.output()).toMatch(
        new RegExp(`OAUTH_JWKS_PATH: .*key ${String(index + 1)} cannot be used: [^;]*${why}`),
      );
    }
    await haproxy.stop();
  });

  test('a key that only the engine refuses is passed over with a notice', async () => {
    // No point of the curve has this y (RFC 8032 section 5.1.3).
    const noPoint = {
      kty: 'OKP',
      crv: 'Ed25519',
      x: Buffer.from([2, ...Array<number>(31).fill(0)]).toString('base64url'),
    };
    const files = { 'keys.json': JSON.stringify({ keys: [noPoint, { ...ec.jwk, kid: 'good' }] }) };
    const haproxy = await startHaproxy(suite, { settings: ENV, files });
    const answer = await haproxy.askWith(await signToken(ec.privateKey, 'ES256', claims(), { kid: 'good' }));
    expect(shown(answer)['authorized']).toBe('1');
    expect(haproxy.output()).toMatch(/OAUTH_JWKS_PATH: a key is ignored: .*Ed25519/);
    await haproxy.stop();
    const alone = await failHaproxy(suite, {
      settings: ENV,
      files: { 'keys.json': JSON.stringify({ keys: [noPoint] }) },
    });
    expect(alone.output).toMatch(/OAUTH_JWKS_PATH: no key can be used: .*Ed25519/);
  });

  test('a file in which no key is left stops the start', async () => {
    const { code, output } = await failHaproxy(suite, { settings: ENV, files: onlyBad });
    expect(code).not.toBe(0);
    expect(output).toMatch(/OAUTH_JWKS_PATH: no key can be used from .*not on the curve/);
  });
});

const fetching = ENGINES.filter((engine) => engine.hasSharedDict);

describe.each(ENGINES)('nginx in $suite, $name', (engine) => {
  const http = engine.hasSharedDict
    ? `${SHARED_DICT} js_shared_dict_zone zone=jwtverify_keys:1m timeout=1h evict;`
    : '';

  test('members that are not set do not count, and each bad key of a file is passed over with a notice', async () => {
    const nginx = await startNginx(engine, { env: ENV, files: { 'keys.json': SET }, http });
    await expectAnswers(
      (token) => nginx.askWith(token),
      ({ status }) => status === 200,
    );
    if (engine.hasSharedDict) {
      const log = nginx.errorLog();
      for (const [index, [, why]] of UNUSABLE.entries()) {
        expect(log).toMatch(new RegExp(`OAUTH_JWKS_PATH: .*key ${String(index + 1)} cannot be used: [^;]*${why}`));
      }
    }
    await nginx.stop();
  });

  test('from a file in which no key is left nobody passes', async () => {
    const nginx = await startNginx(engine, { env: ENV, files: onlyBad, http });
    const answer = await nginx.askWith(await signToken(ec.privateKey, 'ES256', claims(), { kid: 'to sign' }));
    expect(answer.status).toBe(403);
    expect(nginx.errorLog()).toMatch(/OAUTH_JWKS_PATH: no key can be used from .*not on the curve/);
    await nginx.stop();
  });
});

describe.each(fetching)('nginx in $suite, $name', (engine) => {
  const http = ZONES;

  test('the same set from a URL gives the same answers', async () => {
    const provider = await startKeyServer(keySet((JSON.parse(SET) as { keys: readonly unknown[] }).keys));
    const nginx = await startNginx(engine, {
      env: { ...BASIC, OAUTH_JWKS_URL: `${provider.origin}/keys`, OAUTH_ALLOW_HTTP: '1' },
      http,
    });
    await expectAnswers(
      (token) => nginx.askWith(token),
      ({ status }) => status === 200,
    );
    await nginx.stop();
    await provider.stop();
  });
});
