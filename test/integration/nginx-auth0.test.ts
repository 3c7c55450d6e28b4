// The real Auth0 token of the article, through nginx, with the key in each form that Auth0 hands out.
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { ENGINES, startNginx, type Engine, type Nginx, type NginxOptions } from './nginx-server';
import type { HttpAnswer } from './suite';

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/auth0/${name}`, import.meta.url), 'utf8');
const TOKEN = fixture('token.jwt').trim();
const FILES = Object.fromEntries(['pubkey.pem', 'certificate.pem', 'jwks.json'].map((name) => [name, fixture(name)]));
const DAY_OF_THE_TOKEN = '2018-11-07 00:00:00';
const POST_TURBO = { method: 'POST', path: '/api/hamsters/turbo', body: '{"name":"turbo"}' };
const ENV = {
  OAUTH_ISSUER: 'https://nickram44.auth0.com/',
  OAUTH_AUDIENCE: 'https://api.mywebsite.com',
  OAUTH_PUBKEY_PATH: 'DIRECTORY/pubkey.pem',
};

/** The token with the middle character of one segment changed. */
function changeSegment(index: number): string {
  const segments = TOKEN.split('.');
  const segment = segments[index] ?? '';
  const middle = Math.floor(segment.length / 2);
  segments[index] = segment.slice(0, middle) + (segment[middle] === 'A' ? 'B' : 'A') + segment.slice(middle + 1);
  return segments.join('.');
}

function expectRefused(answer: HttpAnswer): void {
  expect(answer.status).toBe(401);
  expect(answer.body).not.toContain('reached');
}

describe.each(ENGINES)('$suite, $name', (engine: Engine) => {
  let nginx: Nginx;
  const start = async (options: NginxOptions = {}): Promise<void> => {
    nginx = await startNginx(engine, { env: ENV, files: FILES, faketime: DAY_OF_THE_TOKEN, ...options });
  };

  afterEach(async () => {
    await nginx.stop();
    expect(nginx.leaks()).toEqual([]);
  });

  test.each([
    ['OAUTH_PUBKEY_PATH', 'pubkey.pem'],
    ['OAUTH_PUBKEY_PATH', 'certificate.pem'],
    ['OAUTH_JWKS_PATH', 'jwks.json'],
  ])('A2, A12: passes POST /api/hamsters/turbo with %s=%s', async (setting, file) => {
    const { OAUTH_ISSUER, OAUTH_AUDIENCE } = ENV;
    await start({ env: { OAUTH_ISSUER, OAUTH_AUDIENCE, [setting]: `DIRECTORY/${file}` } });
    const answer = await nginx.askWith(TOKEN, POST_TURBO);
    expect(answer).toMatchObject({
      status: 200,
      body: 'reached: POST /api/hamsters/turbo (write:hamsters read:hamsters)',
    });
    expect(nginx.messages()).toEqual([]);
  });

  test('refuses the token once one character of a segment is changed', async () => {
    await start();
    for (const index of [0, 1, 2]) {
      expectRefused(await nginx.askWith(changeSegment(index), POST_TURBO));
    }
    expect((await nginx.askWith(TOKEN, POST_TURBO)).status).toBe(200);
  });

  test.each([
    ['A3: another issuer', { OAUTH_ISSUER: 'https://nickram44.auth0.com' }, 'issuer_refused'],
    ['A3: another audience', { OAUTH_AUDIENCE: 'https://api.mywebsite.com/' }, 'audience_refused'],
  ])('refuses the token under %s', async (_, env, reason) => {
    await start({ env: { ...ENV, ...env } });
    expectRefused(await nginx.askWith(TOKEN, POST_TURBO));
    expect((await nginx.askWith(TOKEN, { path: '/authorizer' })).headers['x-oauth-reason']).toBe(reason);
  });

  test("refuses the token by today's clock", async () => {
    nginx = await startNginx(engine, { env: ENV, files: FILES });
    expectRefused(await nginx.askWith(TOKEN, POST_TURBO));
    expect((await nginx.askWith(TOKEN, { path: '/authorizer' })).headers['x-oauth-reason']).toBe('expired');
  });
});
