// The real Auth0 token of the article through both proxies, with its key in each form that Auth0 gives it out.
import { afterEach, describe, expect, test } from 'vitest';
import { AUTH0_KEYS, AUTH0_TOKEN, changeSegment, DAY_OF_THE_TOKEN } from '../helpers/auth0';
import { settingsGateways, type RunningSettings } from '../helpers/settings-gateways';

const SETTINGS = {
  OAUTH_ISSUER: 'https://nickram44.auth0.com/',
  OAUTH_AUDIENCE: 'https://api.mywebsite.com',
  OAUTH_PUBKEY_PATH: 'DIRECTORY/pubkey.pem',
};

describe.each(settingsGateways('lua-load', 'no dictionary'))('$name', (gateway) => {
  let running: RunningSettings;
  const start = async (settings: Readonly<Record<string, string>> = SETTINGS, faketime?: string): Promise<void> => {
    running = await gateway.start({ settings, files: AUTH0_KEYS, ...(faketime === undefined ? {} : { faketime }) });
  };

  afterEach(async () => {
    await running.stop();
    expect(running.leaks()).toEqual([]);
  });

  test.each([
    ['OAUTH_PUBKEY_PATH', 'pubkey.pem'],
    ['OAUTH_PUBKEY_PATH', 'certificate.pem'],
    ['OAUTH_JWKS_PATH', 'jwks.json'],
  ])(
    'A2, A12: passes the real client-credentials token with %s %s, and none with a changed segment',
    async (setting, file) => {
      const { OAUTH_ISSUER, OAUTH_AUDIENCE } = SETTINGS;
      await start({ OAUTH_ISSUER, OAUTH_AUDIENCE, [setting]: `DIRECTORY/${file}` }, DAY_OF_THE_TOKEN);
      expect(await running.verdict(AUTH0_TOKEN)).toBe('allowed');
      const answer = await running.askWith(AUTH0_TOKEN);
      expect(answer.headers[gateway.proxy === 'HAProxy' ? 'x-scopes' : 'x-oauth-scopes']).toBe(
        'write:hamsters read:hamsters',
      );
      for (const index of [0, 1, 2]) expect(await running.verdict(changeSegment(index))).not.toBe('allowed');
      expect(await running.verdict(AUTH0_TOKEN)).toBe('allowed');
      if (gateway.proxy === 'nginx') expect(running.log()).not.toMatch(/jwtverify: (?!in force: )/);
    },
  );

  test.each([
    ['another issuer', { OAUTH_ISSUER: 'https://nickram45.auth0.com/' }, 'issuer_refused'],
    ['the issuer without its last slash', { OAUTH_ISSUER: 'https://nickram44.auth0.com' }, 'issuer_refused'],
    ['another audience', { OAUTH_AUDIENCE: 'https://api.mywebsite.org' }, 'audience_refused'],
    ['the audience with a slash at its end', { OAUTH_AUDIENCE: 'https://api.mywebsite.com/' }, 'audience_refused'],
  ])('A3, A7: refuses the real token with %s', async (_, changes, reason) => {
    await start({ ...SETTINGS, ...changes }, DAY_OF_THE_TOKEN);
    expect(await running.verdict(AUTH0_TOKEN)).toBe(reason);
    expect((await running.askWith(AUTH0_TOKEN)).status).toBe(401);
  });

  test("A7: refuses the real token at today's time", async () => {
    await start();
    expect(await running.verdict(AUTH0_TOKEN)).toBe('expired');
  });
});
