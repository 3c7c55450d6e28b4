// The configurations of docs/gateways-haproxy.md and docs/gateways-nginx.md, asked as each gateway asks: nginx itself, the
// others header by header; and what is beside the authorizer, which no question may reach.
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policyOf, type Block } from '../helpers/docs-blocks';
import { good, startBlock, type Running } from '../helpers/docs-runner';
import { documentedGateways, startDocumented, testAskingNginx } from '../helpers/documented-gateways';
import { traefik, type Pairs } from '../helpers/gateways';
import { freePort, request, SUITES, type HttpAnswer } from '../helpers/suite';

const POLICY = JSON.stringify({
  ...(JSON.parse(policyOf('docs/haproxy.md')) as object),
  metadata: { resource: 'https://api.mywebsite.com/' },
});

/** A configuration of nginx with its other handlers on the port that gateways ask, and health where the document has it. */
function withHandlers(block: Block, healthPort: number): Block {
  const zone = 'js_shared_dict_zone zone=jwtverify_deny:1m;';
  const handlers = ['health', 'metadata', 'forward', 'deny'].map(
    (name) => `location = /_${name} { js_content jwtverify.${name}; }`,
  );
  const text = block.text
    .replace('events {}\n\nhttp {\n', (head) => `${head}  ${zone}\n`)
    .replace('listen 8080;', (line) => `${line}\n    ${handlers.join('\n    ')}`)
    .replace('listen 8081;', `listen 127.0.0.1:${String(healthPort)};`);
  return { ...block, text };
}

/** Paths that a proxy may resolve to another place of its configuration, behind a gateway's prefix or without one. */
function pathsTo(place: string): readonly string[] {
  const first = place.charCodeAt(1).toString(16);
  const spelled = `/%${first}${place.slice(2)}`;
  const paths = [
    `/admin/..%2f..${place}`,
    `/admin/users/..%2F..%2F..%2F..${place}`,
    `/../..${place}`,
    `/admin/../..${place}`,
    `/admin/%2e%2e/%2e%2e${place}`,
    `/..%2f.${place}`,
    `/../..${place}/.`,
    `/..${place}`,
    `/../${place}`,
    `/..${spelled}`,
    spelled,
  ];
  return [...paths, ...paths.map((path) => `/admin/users/../..${path}`)];
}

interface Authorizer {
  readonly proxy: string;
  readonly document: string;
  /** The status by which the configuration for `X-Original-*` answers a question about nothing. */
  readonly unasked: number;
  /** Whether it is asked for its health on a port of its own. */
  readonly hasHealthPort: boolean;
  /** What is beside the authorizer. */
  readonly places: readonly string[];
  readonly expose: (block: Block, healthPort: number) => Block;
}

const PROXIES: readonly Authorizer[] = [
  {
    proxy: 'HAProxy',
    document: 'docs/gateways-haproxy.md',
    unasked: 400,
    hasHealthPort: false,
    places: ['/ready'],
    expose: (block) => block,
  },
  {
    proxy: 'nginx',
    document: 'docs/gateways-nginx.md',
    unasked: 403,
    hasHealthPort: true,
    places: ['/_health', '/_metadata', '/_forward', '/_deny'],
    expose: withHandlers,
  },
];
const AUTHORIZERS = PROXIES.flatMap((one) => {
  const documented = documentedGateways(one.document);
  return SUITES.map((suite) => [`${one.proxy} of ${suite}`, { ...one, documented, suite }] as const);
});

describe.each(AUTHORIZERS)('%s as the authorizer of', (_, authorizer) => {
  const { documented, unasked, suite } = authorizer;
  const { envoyBlock, forwardedBlock, originalBlock, rows } = documented;

  describe.each(rows)('$gateway', ({ ask, block, malformed }) => {
    let running: Running;
    let healthPort = 0;

    beforeAll(async () => {
      healthPort = await freePort();
      running = await startDocumented(block, suite, healthPort);
    });
    afterAll(async () => {
      await running.stop();
    });

    async function asked(method: string, uri: string, headers: Pairs = []): Promise<HttpAnswer> {
      return request({ ...ask({ method, uri, headers }), port: running.port });
    }

    test('B1, C1: a good token passes, none and a bad one do not', async () => {
      const bearer = ['Authorization', `Bearer ${await good()}`] as const;
      const passed = await asked('POST', '/api/hamsters/turbo?x=1', [bearer]);
      expect([passed.status, passed.headers['x-auth-request-user']]).toEqual([200, 'turbo']);
      expect(passed.headers).toHaveProperty('x-auth-request-email', '');
      const none = await asked('POST', '/api/hamsters/turbo');
      expect([none.status, none.headers['www-authenticate']]).toEqual([401, 'Bearer scope="write:hamsters"']);
      expect(none.headers['content-type']).toBe('application/problem+json');
      const bad = await asked('POST', '/api/hamsters/turbo', [['Authorization', 'Bearer x.y.z']]);
      expect(bad.status).toBe(401);
      for (const answer of [passed, none, bad]) {
        expect([answer.headers['location'], answer.headers['set-cookie']]).toEqual([undefined, undefined]);
      }
    });

    test('B9: method and path are the asked ones: public, refused, malformed', async () => {
      const open = await asked('GET', '/api/hamsters');
      expect([open.status, open.headers['x-auth-request-user']]).toEqual([200, '']);
      const bearer = ['Authorization', `Bearer ${await good({ scope: 'read:hamsters' })}`] as const;
      expect((await asked('POST', '/api/hamsters', [bearer])).status).toBe(403);
      expect((await asked('GET', '/nowhere', [bearer])).status).toBe(403);
      const climbing = await asked('GET', '/api/hamsters/%2e%2e/%2e%2e/x');
      expect([climbing.status, climbing.headers['x-oauth-status']]).toEqual([malformed, '400']);
    });

    test('no log has the query of a question, in which the token may be', async () => {
      const mark = `access_token-${String(healthPort)}-${String(Date.now())}`;
      await asked('GET', `/api/hamsters?${mark}`);
      const { inside, outside } = running.work;
      // Where Debian's nginx logs by itself.
      const log = `${outside.slice(0, -inside.length)}/var/log/nginx/access.log`;
      const logged = existsSync(log) ? readFileSync(log, 'latin1') : '';
      expect(`${logged}${running.output()}`).not.toContain(mark);
    });

    test('B11: it is ready', async () => {
      const status = async (port: number): Promise<number> => (await request({ port, path: '/ready' })).status;
      expect(await status(authorizer.hasHealthPort ? healthPort : running.port)).toBe(200);
      if (authorizer.hasHealthPort) expect(await status(running.port)).not.toBe(200);
    });

    test('no path of a client leads the question to an answer that nobody judged', async () => {
      const other = await startBlock(authorizer.expose(block, await freePort()), suite, {}, POLICY);
      const passed: unknown[] = [];
      for (const path of authorizer.places.flatMap(pathsTo)) {
        for (const method of ['GET', 'DELETE', 'OPTIONS']) {
          const question = ask({ method, uri: path, headers: [] });
          const answer = await request({ ...question, port: other.port });
          if (answer.status < 400) passed.push([method, question.path, answer.status]);
        }
      }
      const [place = ''] = authorizer.places;
      const plain = await request({ port: other.port, path: `${place}?x=%2e%2e` });
      await other.stop();
      expect(passed).toEqual([]);
      // Asked by itself it answers.
      expect(plain.status).toBe(200);
    });

    test('D3: a query of the request that is asked about asks for no groups', async () => {
      const bearer = ['Authorization', `Bearer ${await good()}`] as const;
      expect((await asked('POST', '/api/hamsters?allowed_groups=other', [bearer])).status).toBe(200);
    });
  });

  test('whoever asks without saying what about is refused', async () => {
    const bearer = ['Authorization', `Bearer ${await good()}`] as const;
    for (const [block, status] of [
      [forwardedBlock, 400],
      [originalBlock, unasked],
      [envoyBlock, 403],
    ] as const) {
      const running = await startDocumented(block, suite);
      const answer = await request({ port: running.port, path: '/auth', headers: [bearer] });
      await running.stop();
      expect(answer.status).toBe(status);
    }
  });

  test("D3: allowed_groups on the authorizer's own address: any of them", async () => {
    const running = await startDocumented(forwardedBlock, suite);
    const ask = async (groups: string, claimed: readonly string[]): Promise<number> => {
      const bearer = ['Authorization', `Bearer ${await good({ groups: claimed })}`] as const;
      const question = traefik({ method: 'POST', uri: '/api/hamsters', headers: [bearer] });
      const path = `/auth?allowed_groups=${groups}`;
      return (await request({ ...question, path, port: running.port })).status;
    };
    for (let round = 0; round < 2; round += 1) {
      expect(await ask('a,b', ['b'])).toBe(200);
      expect(await ask('a,b', ['c'])).toBe(403);
      expect(await ask('', ['b'])).toBe(403);
      expect(await ask('a%2Cb', ['a,b'])).toBe(200);
    }
    await running.stop();
  });

  testAskingNginx('another nginx', originalBlock, suite);
});
