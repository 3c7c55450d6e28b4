// HAProxy is reloaded under load with keep-alive clients, by its master and by `-sf`: no request is dropped, none wrongly
// answered.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { until } from './haproxy-cli';
import { startHaproxy, type Load } from './haproxy-server';
import { AUDIENCE, makeKey, publicPart, signWith, startIssuer } from './issuer-server';
import { pause, startLoad } from './keep-alive';
import { SUITES } from './suite';

const RULES = ['http-request lua.jwtenforce', 'http-request return status 200 content-type text/plain string fine'];

/** The processes that another one started and that are still there. */
function childrenOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8')
    .trim()
    .split(' ');
}

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

  test.each(['lua-load', 'lua-load-per-thread'] as const)(
    'a process that takes over with `-sf` under load drops no request, and its keys count from then on (%s)',
    async (load: Load) => {
      const [removed, kept, added] = [await makeKey(), await makeKey(), await makeKey('RS256')];
      const issuer = 'https://issuer.example';
      const tokens = {
        removed: await signWith(removed, issuer),
        kept: await signWith(kept, issuer),
        added: await signWith(added, issuer),
      };
      const setOf = (...keys: (typeof kept)[]) => JSON.stringify({ keys: keys.map(publicPart) });
      let haproxy = await startHaproxy(suite, {
        settings: { OAUTH_ISSUER: issuer, OAUTH_AUDIENCE: AUDIENCE, OAUTH_JWKS_PATH: 'DIRECTORY/jwks.json' },
        files: { 'jwks.json': setOf(removed, kept) },
        load,
        isReloaded: true,
        rules: RULES,
        // The heir asks for the sockets that the old process listens on: no connection waits on one that is closed.
        global: ['nbthread 2', 'stats socket DIRECTORY/admin.sock level admin expose-fd listeners'],
      });
      let phase = 'before';
      const clients = startLoad(haproxy.port, (turn) => {
        const kind = (['removed', 'kept', 'added'] as const)[turn % 3] ?? 'kept';
        return [kind === 'kept' ? kind : `${kind}, ${phase}`, tokens[kind]];
      });
      try {
        await clients.more('removed, before', 50);
        for (const files of [{}, {}, { 'jwks.json': setOf(kept, added) }]) {
          if ('jwks.json' in files) {
            phase = 'meanwhile';
            await clients.settle();
          }
          haproxy = await haproxy.succeed({ arguments: ['-x', 'DIRECTORY/admin.sock'], files });
          await clients.more('kept', 50);
        }
        phase = 'after';
        await clients.more('added, after', 50);
      } finally {
        await clients.end();
        await haproxy.stop();
      }
      expect(clients.seen('kept')).toEqual(['200']);
      expect([clients.seen('removed, before'), clients.seen('added, before')]).toEqual([['200'], ['401']]);
      expect([clients.seen('removed, after'), clients.seen('added, after')]).toEqual([['401'], ['200']]);
      expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
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
        (children) => !children.includes(before) && children.length > 0 && children[0] !== '',
      );
      expect(left).not.toContain(before);
      expect(left).toHaveLength(1);
    } finally {
      await haproxy.stop();
      await issuer.stop();
    }
  });
});
