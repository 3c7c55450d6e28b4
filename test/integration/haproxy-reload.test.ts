// HAProxy is reloaded under load with keep-alive clients: no request is dropped, none wrongly answered.
import { Agent, request } from 'node:http';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { until } from './haproxy-cli';
import { startHaproxy, type Load } from './haproxy-server';
import { AUDIENCE, makeKey, signWith, startIssuer } from './issuer-server';
import { SUITES } from './suite';

const RULES = ['http-request lua.jwtenforce', 'http-request return status 200 content-type text/plain string fine'];

/** One request of a keep-alive client; `again` when the connection was closed while it lay idle (RFC 9112 §9.3.1). */
function ask(agent: Agent, port: number, token: string): Promise<number | 'again'> {
  return new Promise((done, fail) => {
    const headers = { authorization: `Bearer ${token}` };
    const sent = request({ agent, host: '127.0.0.1', port, path: '/', headers }, (answer) => {
      answer.resume();
      answer.once('end', () => {
        done(answer.statusCode ?? 0);
      });
      answer.once('error', fail);
    });
    sent.once('error', (error: NodeJS.ErrnoException) => {
      if (sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) done('again');
      else fail(error);
    });
    sent.end();
  });
}

async function askTwice(agent: Agent, port: number, token: string): Promise<number | 'again'> {
  const first = await ask(agent, port, token);
  return first === 'again' ? ask(agent, port, token) : first;
}

/** The processes that another one started and that are still there. */
function childrenOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8')
    .trim()
    .split(' ');
}

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

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
      });
      const good = await issuer.token();
      const bad = await signWith(await makeKey('ES256', issuer.keys()[0]?.kid), issuer.issuer);
      let ended = false;
      const seen = { good: new Map<unknown, number>(), bad: new Map<unknown, number>() };
      async function client(): Promise<void> {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        while (!ended) {
          for (const [kind, token] of [
            ['good', good],
            ['bad', bad],
          ] as const) {
            const status = await askTwice(agent, haproxy.port, token);
            seen[kind].set(status, (seen[kind].get(status) ?? 0) + 1);
          }
          await pause(5);
        }
        agent.destroy();
      }
      try {
        const clients = Array.from({ length: 8 }, client);
        for (let reload = 0; reload < 3; reload++) {
          await pause(1500);
          process.kill(haproxy.pid, 'SIGUSR2');
        }
        await pause(2500);
        ended = true;
        await Promise.all(clients);
        expect([...seen.good.keys()]).toEqual([200]);
        expect([...seen.bad.keys()]).toEqual([401]);
        expect(seen.good.get(200)).toBeGreaterThan(100);
        // Each reload began a process with keys of its own.
        expect(issuer.count('/jwks')).toBeGreaterThanOrEqual(4);
        expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
      } finally {
        ended = true;
        await haproxy.stop();
        await issuer.stop();
      }
    },
  );

  test('a provider that never answers keeps neither a reload nor a stop from ending', async () => {
    const issuer = await startIssuer();
    issuer.misbehave(() => undefined);
    const settings = { OAUTH_ISSUER: issuer.issuer, OAUTH_AUDIENCE: AUDIENCE, OAUTH_ALLOW_HTTP: '1' };
    const haproxy = await startHaproxy(suite, { settings, rules: RULES, arguments: ['-W'] });
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
