// HAProxy follows a real OpenID provider: start, rotation, outage, refetch and readiness.
import type { JWK } from 'jose';
import { describe, expect, test } from 'vitest';
import { cliLine, runCli, until } from './haproxy-cli';
import { checkHaproxy, failHaproxy, SHOW, shown, startHaproxy, type Haproxy, type Load } from './haproxy-server';
import { AUDIENCE, makeKey, signWith, startIssuer, type IssuerServer } from './issuer-server';
import { freePort, SUITES, type HttpAnswer, type SuiteName } from './suite';

const READY = 'http-request return status 503 if { path /ready } !{ lua.jwtverify_ready -m bool }';
const RULES = [READY, 'http-request return status 200 if { path /ready }', 'http-request lua.jwtverify', ...SHOW];

interface Gateway extends Haproxy {
  readonly cli: number;
}

function settingsFor(issuer: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { OAUTH_ISSUER: issuer, OAUTH_AUDIENCE: AUDIENCE, OAUTH_ALLOW_HTTP: '1', OAUTH_JWKS_COOLDOWN: '1', ...more };
}

async function startGateway(
  suite: SuiteName,
  settings: Readonly<Record<string, string>>,
  load: Load = 'lua-load',
): Promise<Gateway> {
  const cli = await freePort();
  const haproxy = await startHaproxy(suite, { settings, load, rules: RULES, global: [cliLine(cli), 'nbthread 2'] });
  return { ...haproxy, cli };
}

/** Runs a test with a provider and a gateway that follows it, and ends both. */
async function withGateway(
  suite: SuiteName,
  more: Readonly<Record<string, string>>,
  run: (issuer: IssuerServer, gateway: Gateway) => Promise<void>,
  load: Load = 'lua-load',
): Promise<void> {
  const issuer = await startIssuer();
  const gateway = await startGateway(suite, settingsFor(issuer.issuer, more), load);
  try {
    await run(issuer, gateway);
    expect(gateway.leaks()).toEqual([]);
    expect(gateway.output()).not.toMatch(/lua (runtime )?error|internal error/i);
  } finally {
    await gateway.stop();
    await issuer.stop();
  }
}

const reasonOf = (answer: HttpAnswer): string => shown(answer)['reason'] ?? '';
const isAllowed = (answer: HttpAnswer): boolean => shown(answer)['authorized'] === '1';

/** Tells `1` or the reason, until it is as wanted. */
async function verdict(gateway: Gateway, token: string, wanted: string, seconds = 15): Promise<string> {
  const ask = async (): Promise<string> => {
    const answer = await gateway.askWith(token);
    return isAllowed(answer) ? 'allowed' : reasonOf(answer);
  };
  return until(seconds, ask, (seen) => seen === wanted);
}

// Each has a provider and a gateway of its own, and waits more than it works: several at once.
describe.concurrent.each(SUITES)('%s', (suite) => {
  test.each(['lua-load', 'lua-load-per-thread'] as const)(
    'C3: the keys are discovered at start, before the first request is judged (%s)',
    async (load) => {
      await withGateway(
        suite,
        {},
        async (issuer, gateway) => {
          const token = await issuer.token();
          for (let request = 0; request < 10; request++) {
            expect(shown(await gateway.askWith(token))).toMatchObject({ authorized: '1', status: '200' });
          }
          expect((await gateway.ask({ path: '/ready' })).status).toBe(200);
          const status = await runCli(gateway.cli, 'show jwtverify');
          expect(status).toContain('ready: yes');
          expect(status).toContain(`issuer: ${issuer.issuer}`);
          expect(status).toContain('keys: 1, revision: 1');
          expect(status).not.toContain(issuer.keys()[0]?.kid);
        },
        load,
      );
    },
  );

  test('a new key that is published first is known before it signs, and no token is refused', async () => {
    await withGateway(suite, {}, async (issuer, gateway) => {
      const [old] = issuer.keys() as [JWK];
      const next = await makeKey();
      const before = await issuer.token();
      expect(await verdict(gateway, before, 'allowed')).toBe('allowed');
      issuer.setKeys([old, next]);
      issuer.setKeys([next, old]);
      expect(isAllowed(await gateway.askWith(before))).toBe(true);
      await until(
        5,
        () => runCli(gateway.cli, 'show jwtverify'),
        (text) => !/last attempt: 0s ago/.test(text),
      );
      expect(isAllowed(await gateway.askWith(await issuer.token()))).toBe(true);
      expect(isAllowed(await gateway.askWith(before))).toBe(true);
    });
  });

  test('a key that is swapped at once is found within the request that first brings it, and the old one ends', async () => {
    await withGateway(suite, {}, async (issuer, gateway) => {
      const before = await issuer.token();
      expect(await verdict(gateway, before, 'allowed')).toBe('allowed');
      expect(await verdict(gateway, before, 'allowed')).toBe('allowed');
      issuer.setKeys([await makeKey()]);
      await until(
        5,
        () => runCli(gateway.cli, 'show jwtverify'),
        (text) => !/last attempt: [01]s ago/.test(text),
      );
      const fetches = issuer.count('/jwks');
      const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.token()));
      const answers = await Promise.all(tokens.map((token) => gateway.askWith(token)));
      expect(answers.map(isAllowed)).toEqual(answers.map(() => true));
      expect(issuer.count('/jwks')).toBe(fetches + 1);
      // It is in the cache, but its key has left the set.
      expect(reasonOf(await gateway.askWith(before))).toBe('key_unknown');
    });
  });

  test('a new key under an old kid replaces it', async () => {
    await withGateway(suite, { OAUTH_JWKS_REFRESH: '10' }, async (issuer, gateway) => {
      const [old] = issuer.keys() as [JWK];
      const before = await issuer.token();
      expect(await verdict(gateway, before, 'allowed')).toBe('allowed');
      const next = await makeKey('ES256', old.kid);
      issuer.setKeys([next]);
      const after = await issuer.token();
      expect(await verdict(gateway, after, 'allowed', 20)).toBe('allowed');
      expect(reasonOf(await gateway.askWith(before))).toBe('signature_invalid');
    });
  });

  test('a provider that is stopped changes nothing for known keys, and new ones are found when it is back', async () => {
    await withGateway(suite, { OAUTH_JWKS_REFRESH: '10' }, async (issuer, gateway) => {
      const [key] = issuer.keys() as [JWK];
      const known = await issuer.token();
      expect(await verdict(gateway, known, 'allowed')).toBe('allowed');
      await issuer.stop();
      const failed = await until(
        25,
        async () => {
          expect(isAllowed(await gateway.askWith(known))).toBe(true);
          expect(isAllowed(await gateway.askWith(await signWith(key, issuer.issuer)))).toBe(true);
          return runCli(gateway.cli, 'show jwtverify');
        },
        (text) => text.includes('problem: '),
      );
      expect(failed).toContain('problem: there is no answer');
      expect(failed).toContain('ready: yes');
      await issuer.start();
      issuer.setKeys([await makeKey(), key]);
      expect(await verdict(gateway, await issuer.token(), 'allowed', 20)).toBe('allowed');
    });
  });

  test('a provider that is down at start means 503 for tokens, not ready, and recovery by itself', async () => {
    const issuer = await startIssuer();
    const [key] = issuer.keys() as [JWK];
    await issuer.stop();
    const gateway = await startGateway(suite, settingsFor(issuer.issuer));
    try {
      const token = await signWith(key, issuer.issuer);
      expect(shown(await gateway.askWith(token))).toMatchObject({ status: '503', reason: 'keys_unavailable' });
      expect((await gateway.ask({ path: '/ready' })).status).toBe(503);
      expect(reasonOf(await gateway.ask())).toBe('credentials_missing');
      expect(await runCli(gateway.cli, 'show jwtverify')).toContain('ready: no');
      await issuer.start();
      expect(await verdict(gateway, token, 'allowed', 20)).toBe('allowed');
      expect((await gateway.ask({ path: '/ready' })).status).toBe(200);
    } finally {
      await gateway.stop();
      await issuer.stop();
    }
  });

  test('while a provider is dead, unknown kids are refused at once after one bounded wait', async () => {
    await withGateway(suite, { OAUTH_JWKS_COOLDOWN: '30' }, async (issuer, gateway) => {
      expect(await verdict(gateway, await issuer.token(), 'allowed')).toBe('allowed');
      const stranger = await makeKey();
      await issuer.stop();
      for (let request = 0; request < 20; request++) {
        expect(reasonOf(await gateway.askWith(await signWith(stranger, issuer.issuer)))).toBe('key_unknown');
      }
    });
  });

  test('a discovery document of another issuer is refused, and named', async () => {
    const issuer = await startIssuer();
    const other = await startIssuer();
    issuer.misbehave((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ issuer: other.issuer, jwks_uri: other.jwksUrl }));
    });
    const gateway = await startGateway(suite, settingsFor(issuer.issuer));
    const [key] = other.keys() as [JWK];
    const answer = await gateway.askWith(await signWith(key, issuer.issuer));
    const status = await until(
      10,
      () => runCli(gateway.cli, 'show jwtverify'),
      (text) => text.includes('problem: '),
    );
    await gateway.stop();
    await Promise.all([issuer.stop(), other.stop()]);
    expect(reasonOf(answer)).toBe('keys_unavailable');
    expect(status).toContain('problem: the discovery document is of another issuer');
    expect(gateway.output()).toContain('the discovery document is of another issuer; there are none yet');
    expect(other.count('/jwks')).toBe(0);
  });

  test('plain http is refused unless the operator allows it, and `-c` fetches nothing', async () => {
    const issuer = await startIssuer();
    const settings = { OAUTH_ISSUER: issuer.issuer, OAUTH_AUDIENCE: AUDIENCE };
    for (const options of [{ settings }, { settings: { ...settings, OAUTH_JWKS_URL: issuer.jwksUrl } }]) {
      const failed = await failHaproxy(suite, options);
      expect(failed.code).toBe(1);
      expect(failed.output).toContain('set OAUTH_ALLOW_HTTP=1 if you mean it');
    }
    const checked = await checkHaproxy(suite, { settings: settingsFor(issuer.issuer) });
    const paths = issuer.count('');
    await issuer.stop();
    expect(checked).toMatchObject({ code: 0 });
    expect(paths).toBe(0);
  });
});
