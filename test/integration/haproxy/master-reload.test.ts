// HAProxy is reloaded by its master: under load no request is dropped and none wrongly answered, and no provider delays it.
import { describe, expect, test } from 'vitest';
import { until } from '../helpers/haproxy-cli';
import { startHaproxy, type Load } from '../helpers/haproxy-server';
import { AUDIENCE, makeKey, signWith, startIssuer } from '../helpers/issuer-server';
import { pause, startLoad } from '../helpers/keep-alive';
import { childrenOf } from '../helpers/processes';
import { SUITES } from '../helpers/suite';

const RULES = ['http-request lua.jwtenforce', 'http-request return status 200 content-type text/plain string fine'];

// One after the other: loads and providers share this process, and a request waits for keys two seconds at the most.
describe.each(SUITES)('%s', (suite) => {
  test.each(['lua-load', 'lua-load-per-thread'] as const)(
    'reloads under load drop no request and answer none wrongly (%s)',
    async (load: Load) => {
      const issuer = await startIssuer();
      const settings = { OAUTH_ISSUER: issuer.issuer, OAUTH_AUDIENCE: AUDIENCE, OAUTH_ALLOW_HTTP: '1' };
      const haproxy = await startHaproxy(suite, {
        settings,
        load,
        rules: RULES,
        global: ['nbthread 2'],
        arguments: ['-W'],
        isReloaded: true,
      });
      const good = await issuer.token();
      const bad = await signWith(await makeKey('ES256', issuer.keys()[0]?.kid), issuer.issuer);
      const clients = startLoad(haproxy.port, (turn) => (turn % 2 === 0 ? ['good', good] : ['bad', bad]));
      try {
        for (let reload = 0; reload < 3; reload++) {
          await pause(1500);
          process.kill(haproxy.pid, 'SIGUSR2');
        }
        await pause(2500);
        await clients.end();
        expect([clients.seen('good'), clients.seen('bad')]).toEqual([['200'], ['401']]);
        expect(clients.count('good')).toBeGreaterThan(100);
        // Each reload began a process with keys of its own.
        expect(issuer.count('/jwks')).toBeGreaterThanOrEqual(4);
        expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
      } finally {
        await clients.end();
        await haproxy.stop();
        await issuer.stop();
      }
    },
  );

  test('a provider that never answers keeps neither a reload nor a stop from ending', async () => {
    const issuer = await startIssuer();
    issuer.misbehave(() => undefined);
    const settings = { OAUTH_ISSUER: issuer.issuer, OAUTH_AUDIENCE: AUDIENCE, OAUTH_ALLOW_HTTP: '1' };
    const haproxy = await startHaproxy(suite, { settings, rules: RULES, arguments: ['-W'], isReloaded: true });
    try {
      const asked = await until(
        10,
        () => Promise.resolve(issuer.count('')),
        (count) => count > 0,
      );
      expect(asked).toBeGreaterThan(0);
      // A master that is still starting does not hear the signal.
      await pause(1500);
      const [before = ''] = childrenOf(haproxy.pid);
      process.kill(haproxy.pid, 'SIGUSR2');
      const left = await until(
        40,
        () => Promise.resolve(childrenOf(haproxy.pid)),
        (children) => !children.includes(before) && children.length > 0,
      );
      expect(left).not.toContain(before);
      expect(left).toHaveLength(1);
    } finally {
      await haproxy.stop();
      await issuer.stop();
    }
  });
});
