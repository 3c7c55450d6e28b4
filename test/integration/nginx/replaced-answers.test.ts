// Every answer of ours where `error_page` and its kin are inherited: exact statuses, and no refusal becomes a 2xx.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENGINES, startNginx, type Engine, type Nginx, type NginxRequest } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('RS256');
const forger = makeKeyPair('RS256');
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' };

const CODES = '400 401 403 404 405 413 414 494 500 502 503 504';
const PAGES: readonly (readonly [name: string, http: string, server: string])[] = [
  ['nothing', '', ''],
  ['error_page =200 of http', `error_page ${CODES} =200 /page;`, ''],
  [
    'error_page =200, recursive, with proxy_intercept_errors',
    '',
    `error_page ${CODES} =200 /page; recursive_error_pages on; proxy_intercept_errors on;`,
  ],
  ['error_page to a named location', '', `error_page ${CODES} = @page; proxy_intercept_errors on;`],
];

/** What asks us, and what its caller gets without a page: `asked` is replaced by the page where one is inherited. */
interface Case {
  readonly path: string;
  readonly location: string;
  readonly access?: true;
  /** Whether nginx itself answers a refusal, so that the page takes its place. */
  readonly asked: boolean;
  /** Statuses with good settings: no token, a forged one, a good one; and with settings that have a problem. */
  readonly good: readonly [number, number, number];
  readonly broken: number;
}

const asking = (path: string, location: string, good: Case['good'] = [401, 401, 200], broken = 403): Case => ({
  path,
  location: `location ${path} { ${location} }`,
  asked: true,
  good,
  broken,
});
const answering = (path: string, handler: string, good: Case['good'], broken = 503): Case => ({
  path,
  location: `location = ${path} { client_max_body_size 0; error_page 599 /_; js_content jwtverify.${handler}; }`,
  asked: false,
  good,
  broken,
});
const accessing = (path: string, location: string): Case => ({
  path,
  location: `location ${path} { ${location} }`,
  access: true,
  asked: false,
  good: [401, 401, 200],
  broken: 503,
});

const PASS = 'proxy_pass http://apiservers;';
const CASES: readonly Case[] = [
  asking('/auth/', `auth_request /_jwtverify; ${PASS}`),
  asking('/any/', `satisfy any; deny all; auth_request /_jwtverify; ${PASS}`),
  asking('/files/', 'auth_request /_jwtverify; try_files /_ @backend;'),
  asking('/rewritten/', 'rewrite ^/rewritten/(.*)$ /auth/$1 last;'),
  asking('/asks/', `auth_request /_asks; ${PASS}`, [401, 401, 200], 500),
  asking('/down/', `auth_request /_down; ${PASS}`, [500, 500, 500], 500),
  asking('/broken/', `auth_request /_broken; ${PASS}`, [500, 500, 500], 500),
  accessing('/access/', `js_access jwtverify.access; ${PASS}`),
  accessing('/access-any/', `satisfy any; deny all; js_access jwtverify.access; ${PASS}`),
  accessing('/access-allowed/', `satisfy any; allow all; js_access jwtverify.access; ${PASS}`),
  accessing('/access-files/', 'js_access jwtverify.access; try_files /_ @backend;'),
  answering('/authorizer', 'authorizer', [401, 401, 200]),
  answering('/metadata', 'metadata', [404, 404, 404]),
  answering('/forward', 'forward', [404, 404, 404]),
  answering('/ready', 'health', [200, 200, 200]),
  answering('/revoked', 'deny', [503, 503, 503]),
];

/** The location that asks another proxy, as docs/gateways.md has it. */
const ask = (name: string, port: string): string => `location = ${name} {
      internal;
      error_page 599 /_;
      proxy_intercept_errors off;
      proxy_cache off;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_pass http://127.0.0.1:${port}/authorizer;
    }`;

const serverOf = (engine: Engine): string => `
    ${CASES.filter((one) => engine.hasAccess || one.access !== true)
      .map((one) => one.location)
      .join('\n    ')}
    location @backend { ${PASS} }
    location = /_jwtverify { internal; client_max_body_size 0; error_page 599 /_; js_content jwtverify.auth; }
    location = /_broken { internal; client_max_body_size 0; error_page 599 /_; js_content jwtverify.nothing; }
    ${ask('/_asks', '$server_port')}
    ${ask('/_down', '1')}
    location = /page { return 200 "page"; }
    location @page { return 200 "page"; }
`;

describe.each(ENGINES)('$suite, $name', (engine) => {
  describe.each(PAGES)('with %s', (inherited, http, pages) => {
    describe.each([true, false])('settings are good: %s', (isGood) => {
      let nginx: Nginx;
      let tokens: readonly [good: string, forged: string];
      const cases = CASES.filter((one) => engine.hasAccess || one.access !== true);

      beforeAll(async () => {
        nginx = await startNginx(engine, {
          env: isGood ? ENV : { ...ENV, OAUTH_CLOCK_SKEW: 'none' },
          files: { k: key.pem },
          http,
          server: pages + serverOf(engine),
        });
        tokens = [
          await signToken(key.privateKey, 'RS256', claims()),
          await signToken(forger.privateKey, 'RS256', claims()),
        ];
      });
      afterAll(async () => {
        await nginx.stop();
      });

      test.each(cases)('S2: $path answers each request with its own status', async ({ path, asked, good, broken }) => {
        const answers = [
          await nginx.ask({ path }),
          await nginx.askWith(tokens[1], { path }),
          await nginx.askWith(tokens[0], { path }),
        ];
        const wanted = isGood
          ? good
          : good.map((status) => (path === '/down/' || path === '/broken/' ? status : broken));
        const isReplaced = (status: number): boolean => asked && inherited !== 'nothing' && status !== 200;
        expect(answers.map((answer) => (answer.body === 'page' ? 'page' : answer.status))).toEqual(
          wanted.map((status) => (isReplaced(status) ? 'page' : status)),
        );
        const passes = good[0] !== 200;
        expect(answers.map((answer) => answer.body.startsWith('reached'))).toEqual(
          wanted.map((status) => passes && status === 200 && path !== '/authorizer'),
        );
      });

      test('S2: an authorizer never answers 2xx to a request that nginx itself refuses', async () => {
        const requests: readonly NginxRequest[] = [
          { method: 'POST', body: 'zz\r\n', headers: [['Transfer-Encoding', 'chunked']] },
          { method: 'POST', body: 'x'.repeat(2_000_000) },
        ];
        for (const request of requests) {
          expect((await nginx.ask({ path: '/authorizer', ...request })).status).toBeGreaterThanOrEqual(400);
        }
      });
    });
  });
});
