// docs/recipes.md does what it says, on every proxy; docs.test.ts shows besides that its configurations judge each request.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { good, type Running } from '../helpers/docs-runner';
import { recipe, run } from '../helpers/recipes';
import { SUITES } from '../helpers/suite';

const APP = ['Origin', 'https://app.mywebsite.com'] as const;

async function askOften(running: Running, sub: string, times: number): Promise<readonly number[]> {
  const token = await good({ sub });
  const first = await running.ask(token);
  const others = await Promise.all(Array.from({ length: times - 1 }, () => running.ask(token)));
  return [first, ...others].map(({ status }) => status);
}

/** The first line of the answer to an upload of which nothing but the head is sent. */
function announce(port: number, length: number, token?: string): Promise<string> {
  const head = [
    'POST /api/hamsters/turbo HTTP/1.1',
    'Host: api.mywebsite.com',
    `Content-Length: ${String(length)}`,
    'Expect: 100-continue',
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
  ];
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${head.join('\r\n')}\r\n\r\n`));
    socket.once('error', fail).once('data', (bytes) => {
      socket.destroy();
      done(bytes.toString('latin1').split(' ').slice(0, 2).join(' '));
    });
  });
}

describe.each(SUITES)('rate limits by subject in %s', (suite) => {
  test.each([
    ['HAProxy', 'http-request track-sc0'],
    ['nginx', 'limited.sock'],
  ])('%s limits one subject, and lets another pass', async (_, line) => {
    await run(recipe(line), suite, async (running) => {
      const statuses = await askOften(running, 'ann', 80);
      expect([...new Set(statuses)].sort()).toEqual([200, 429]);
      expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(36);
      expect(await askOften(running, 'ben', 2)).toEqual([200, 200]);
    });
  });

  test('nginx limits nobody by the subject of the first server, as the document says', async () => {
    const { text, ...block } = recipe('limited.sock');
    const first = text
      .slice(0, text.indexOf('server {\n  listen unix'))
      .replace('$http_x_oauth_subject zone', '$subject zone')
      .replace('auth_request /_jwtverify;', 'limit_req zone=subjects burst=1 nodelay; auth_request /_jwtverify;')
      .replace('http://unix:/run/nginx/limited.sock', 'http://apiservers');
    await run({ ...block, text: first }, suite, async (running) => {
      expect(new Set(await askOften(running, 'ann', 80))).toEqual(new Set([200]));
    });
  });
});

describe('routes and logs by claim', () => {
  test.each(SUITES)('HAProxy of %s chooses the backend, and logs subject and claim', async (suite) => {
    await run(recipe('use_backend premium'), suite, async (running) => {
      const premium = await good({ plan: 'premium', sub: 'an"n' });
      expect(running.reached(await running.ask(premium))).toMatchObject({ 'x-pool': 'premium' });
      expect(running.reached(await running.ask(await good({ plan: 'free' })))).not.toHaveProperty('x-pool');
      const logged = async (): Promise<string> => {
        await running.ask(premium);
        return running.output();
      };
      await expect.poll(logged, { timeout: 20_000 }).toContain('sub="an\\"n" plan="premium" to=premium');
    });
  });

  test.each(['sid'] as const)('nginx of %s chooses the upstream, and logs subject and claim', async (suite) => {
    await run(recipe('map $oauth_claim_plan'), suite, async (running) => {
      const premium = await running.ask(await good({ plan: 'premium' }));
      expect(running.reached(premium)).toMatchObject({ 'x-pool': 'premiumservers' });
      expect(running.reached(await running.ask(await good()))).toMatchObject({ 'x-pool': 'apiservers' });
      const logged = (): string => readFileSync(join(running.work.outside, 'who.log'), 'utf8');
      await expect.poll(logged).toContain('200 reason= sub="turbo" plan="premium" to=premiumservers');
    });
  });
});

describe.each(SUITES)('in %s', (suite) => {
  test.each([
    ['HAProxy', '  tune.bufsize 32768\n'],
    ['nginx', 'large_client_header_buffers 4 32k;\n'],
  ])('%s accepts a large token by one line alone', async (_, line) => {
    const large = await good({ groups: ['x'.repeat(11_350)] });
    expect(large.length).toBeGreaterThan(15_400);
    expect(large.length).toBeLessThan(16_000);
    expect(await run(recipe(line), suite, async (running) => (await running.ask(large)).status)).toBe(200);
    const without = await run(recipe(line, line), suite, async (running) => (await running.ask(large)).status);
    expect([400, 431]).toContain(without);
  });

  test.each([
    ['HAProxy', 'http-after-response'],
    ['nginx', '$preflight_methods'],
  ])('%s lets scripts of one origin read refusals, and answers its preflights alone', async (_, line) => {
    await run(recipe(line), suite, async (running) => {
      const asked = [['Access-Control-Request-Method', 'DELETE'] as const];
      const preflight = await running.ask(undefined, { method: 'OPTIONS', headers: [APP, ...asked] });
      expect(preflight.status).toBe(204);
      expect(preflight.headers).toMatchObject({
        'access-control-allow-origin': APP[1],
        'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers': 'Authorization, Content-Type',
      });
      const refused = await running.ask(undefined, { headers: [APP] });
      expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Bearer']);
      const readable = {
        'access-control-allow-origin': APP[1],
        'access-control-expose-headers': 'WWW-Authenticate',
        vary: 'Origin',
      };
      expect(refused.headers).toMatchObject(readable);
      const passed = await running.ask(await good(), { headers: [APP] });
      expect([passed.status, passed.headers]).toEqual([200, expect.objectContaining(readable)]);
      for (const origin of [`${APP[1]}.evil.example`, 'null', 'https://evil.example']) {
        const headers = [['Origin', origin] as const, ...asked];
        const other = await running.ask(undefined, { method: 'OPTIONS', headers });
        expect([origin, other.status, other.headers['access-control-allow-origin']]).toEqual([origin, 401, undefined]);
      }
      for (const headers of [[APP], asked]) {
        expect((await running.ask(undefined, { method: 'OPTIONS', headers })).status).toBe(401);
      }
    });
  });

  test.each([
    ['HAProxy', 'hdr_val(content-length)'],
    ['nginx', 'client_max_body_size 50m'],
  ])('%s accepts a large upload, and answers one without a token before its body', async (_, line) => {
    await run(recipe(line), suite, async (running) => {
      const token = await good();
      const upload = await running.ask(token, { body: 'x'.repeat(3_000_000) });
      expect([upload.status, running.reached(upload)?.['content-length']]).toEqual([200, '3000000']);
      expect(await announce(running.port, 52_428_801, token)).toBe('HTTP/1.1 413');
      expect(await announce(running.port, 3_000_000)).toBe('HTTP/1.1 401');
    });
  });

  test.each([
    ['HAProxy', 'set-log-level silent'],
    ['nginx', 'location = /health'],
  ])('%s answers health checks without a token, and nothing beside their path', async (_, line) => {
    await run(recipe(line), suite, async (running) => {
      expect((await running.ask(undefined, { method: 'GET', path: '/health' })).status).toBe(200);
      for (const path of ['/api/health', '/api/../health/x', '/health%2f..%2fapi/x', '/health/../api/x']) {
        const answer = await running.ask(undefined, { method: 'GET', path });
        expect([path, running.reached(answer), [401, 404].includes(answer.status)]).toEqual([path, undefined, true]);
      }
    });
  });
});
