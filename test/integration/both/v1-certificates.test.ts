// Certificates of version 1 as key files: the key out of them verifies, another does not; both proxies.
import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SHOW_ALL, shown, startHaproxy } from '../helpers/haproxy-server';
import { ENGINES, startNginx } from '../helpers/nginx-server';
import { SUITES } from '../helpers/suite';
import { AUDIENCE, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';
import { makeV1Certificate } from '../helpers/v1-certificate';

const PAIRS = [makeKeyPair('RS256'), makeKeyPair('ES256')] as const;
const [rsa, ec] = PAIRS;
const FILE = PAIRS.map(({ privateKey }) => makeV1Certificate(privateKey, createPublicKey(privateKey))).join('');
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/cert.pem' };
const files = { 'cert.pem': FILE };

async function verdicts(isAllowed: (token: string) => Promise<boolean>): Promise<readonly boolean[]> {
  const foreign = makeKeyPair('RS256').privateKey;
  const tokens = [
    await signToken(rsa.privateKey, 'RS256'),
    await signToken(ec.privateKey, 'ES256'),
    await signToken(foreign, 'RS256'),
  ];
  return Promise.all(tokens.map(isAllowed));
}

describe.each(SUITES)('HAProxy of %s', (suite) => {
  test('reads the keys of certificates of version 1', async () => {
    const haproxy = await startHaproxy(suite, { settings: ENV, files, rules: SHOW_ALL });
    const ask = async (token: string): Promise<boolean> => shown(await haproxy.askWith(token))['authorized'] === '1';
    expect(await verdicts(ask)).toEqual([true, true, false]);
    await haproxy.stop();
  });
});

describe.each(ENGINES)('nginx in $suite, $name', (engine) => {
  test('reads the keys of certificates of version 1', async () => {
    const nginx = await startNginx(engine, { env: ENV, files });
    expect(await verdicts(async (token) => (await nginx.askWith(token)).status === 200)).toEqual([true, true, false]);
    await nginx.stop();
  });
});
