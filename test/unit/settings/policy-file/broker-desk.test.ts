// What makes the broker sign people in: `broker.providers` and all that goes with it.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { describeProblems } from '../../../../src/model/problem';
import type { Settings } from '../../../../src/model/settings';
import { answerFor, FILES } from '../../policy/compile';

const PEM = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const ALL = { ...FILES, '/rsa': String(PEM) };
const SECRETS = { SECRET: 'client-secret', COOKIE: 'k'.repeat(32) };
const CLIENT = { client_id: 'gateway', client_secret_env: 'SECRET' };
const CORP = { ...CLIENT, issuer: 'https://sso.corp.example', user_claims: ['email'] };
const GOOD = {
  issuer: 'https://login.example/a',
  keys: [{ kid: 'k', private_key_file: '/rsa' }],
  providers: { corp: CORP },
  audiences: { zoo: { redirect: 'https://zoo.example/in', look_up: false } },
  cookie: { secret_env: 'COOKIE' },
};

function settingsWith(broker: object = {}, more: object = {}): Settings {
  const answer = answerFor({ broker: { ...GOOD, ...broker }, otherwise: 'authenticated', ...more }, SECRETS, ALL);
  if (!answer.ok) throw new Error(describeProblems(answer.problems).join('\n'));
  return answer.settings;
}

const deskWith = (broker: object = {}, more: object = {}) => settingsWith(broker, more).broker?.desk;

describe('the desk of a broker', () => {
  it('is undefined without providers: such a broker publishes only', () => {
    expect(deskWith({ providers: undefined, audiences: undefined, cookie: undefined })).toBeUndefined();
    expect(deskWith()).toMatchObject({ issuer: 'https://login.example/a', prefix: '/a', lifetime: 86_400 });
  });

  it('signs with the first key, or with the one that `signs_with` names', () => {
    const keys = [...GOOD.keys, { kid: 'next', private_key_file: '/private.pem' }];
    expect(deskWith({ keys })?.signing).toMatchObject({
      type: 'RSA',
      algorithm: 'RS256',
      header: '{"alg":"RS256","kid":"k","typ":"JWT"}',
    });
    expect(deskWith({ keys, signs_with: 'next' })?.signing.header).toBe('{"alg":"ES256","kid":"next","typ":"JWT"}');
  });
});
