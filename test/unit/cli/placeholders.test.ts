// What the command makes of a policy where its files are missing: keys that sign by the algorithm beside them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { compileDeployment } from '../../../cli/desk/placeholders';

const folder = mkdtempSync(join(tmpdir(), 'placeholders-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('has private keys of each kind', () => {
  const path = join(folder, 'policy.json');
  const key = (kid: string, alg?: string) => ({
    kid,
    private_key_file: `/none/${kid}`,
    ...(alg === undefined ? {} : { alg }),
  });
  const policy = {
    issuers: [{ issuer: 'https://us/', audiences: 'api' }],
    otherwise: 'authenticated',
    broker: {
      issuer: 'https://login.example',
      keys: [key('a'), key('b', 'PS256'), key('c', 'ES256'), key('d', 'ES512')],
      signs_with: 'c',
      providers: {
        corp: {
          issuer: 'https://sso.example',
          user_claims: ['email'],
          client_id: 'gateway',
          token_endpoint_auth_method: 'private_key_jwt',
          client_key_file: ['/none/e'],
          token_endpoint_auth_signing_alg: 'ES384',
        },
      },
      audiences: { zoo: { redirect: 'https://zoo.example', look_up: false } },
      cookie: { secret_file: '/none/cookie' },
      pages: '/none/pages',
    },
  };
  writeFileSync(path, JSON.stringify(policy));
  const { desk } = compileDeployment(path, '').settings.broker ?? {};
  expect(desk?.signing.algorithm).toBe('ES256');
  expect(desk?.providers[0]?.client.credentials).toMatchObject([{ key: { algorithm: 'ES384' } }]);
});
