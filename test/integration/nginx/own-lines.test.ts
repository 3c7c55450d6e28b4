// What an operator's own lines around jwtverify can open (SECURITY.md), each with the lines that keep it shut.
import { describe, test } from 'vitest';
import { ENGINES, startNginx, type NginxRequest } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('RS256');
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' };

interface Lines {
  readonly http?: string;
  readonly server: string;
}
interface Case {
  readonly what: string;
  /** Lines with which a request passes that has no token. */
  readonly open: Lines;
  readonly shut: Lines;
  /** What is asked, where it is not the protected location: by a gateway, which reads 2xx as leave. */
  readonly asked?: NginxRequest;
  /** Whether a good token comes first. */
  readonly after?: true;
}

const PASS = 'proxy_pass http://apiservers;';
const JUDGED = `location /api/ { auth_request /_jwtverify; ${PASS} }`;
const OURS =
  'location = /_jwtverify { internal; client_max_body_size 0; error_page 599 /_; js_content jwtverify.auth; }';
const PAGE = 'location = /page { return 200 "page"; }';
const ASKED = 'location = /authorizer { client_max_body_size 0; error_page 599 /_; js_content jwtverify.authorizer; }';
const asks = (lines: string, target = '$server_port/authorizer'): string => `location = /_jwtverify {
      internal;
      ${lines}
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_pass http://127.0.0.1:${target};
    }`;
const CACHE = 'proxy_cache_path DIRECTORY/cache keys_zone=all:1m; proxy_ignore_headers Cache-Control;';
const CACHED = 'proxy_cache all; proxy_cache_valid 200 1m;';

const CASES: readonly Case[] = [
  {
    what: 'an inherited page in place of an error in the location of jwtverify.auth',
    open: {
      server: `error_page 500 =200 /page; ${PAGE} ${JUDGED} location = /_jwtverify { internal; js_content jwtverify.nothing; }`,
    },
    shut: {
      server: `error_page 500 =200 /page; ${PAGE} ${JUDGED}
        location = /_jwtverify { internal; error_page 599 /_; js_content jwtverify.nothing; }`,
    },
  },
  {
    what: 'an inherited page in place of an authorizer that cannot be reached',
    open: { server: `error_page 502 =200 /page; ${PAGE} ${JUDGED} ${asks('', '1')}` },
    shut: { server: `error_page 502 =200 /page; ${PAGE} ${JUDGED} ${asks('error_page 599 /_;', '1')}` },
  },
  {
    what: 'an inherited page in place of the answer of an authorizer',
    open: {
      server: `error_page 401 =200 /page; proxy_intercept_errors on; ${PAGE} ${ASKED} ${JUDGED} ${asks('')}`,
    },
    shut: {
      server: `error_page 401 =200 /page; proxy_intercept_errors on; ${PAGE} ${ASKED} ${JUDGED}
        ${asks('error_page 599 /_; proxy_intercept_errors off;')}`,
    },
  },
  {
    what: "an inherited cache, which gives one client's answer of an authorizer to another",
    after: true,
    open: { http: CACHE, server: `${CACHED} ${ASKED} ${JUDGED} ${asks('')}` },
    shut: { http: CACHE, server: `${CACHED} ${ASKED} ${JUDGED} ${asks('proxy_cache off;')}` },
  },
  {
    what: 'an inherited page in place of a request that the nginx of an authorizer refuses',
    asked: { path: '/authorizer', method: 'POST', body: 'zz\r\n', headers: [['Transfer-Encoding', 'chunked']] },
    open: { server: `error_page 400 =200 /page; ${PAGE} location = /authorizer { js_content jwtverify.authorizer; }` },
    shut: { server: `error_page 400 =200 /page; ${PAGE} ${ASKED}` },
  },
  {
    what: 'a page of http in place of a request line that is too long for the nginx of an authorizer',
    asked: { path: `/authorizer?${'x'.repeat(140_000)}` },
    open: { http: 'error_page 414 =200 /page;', server: `${PAGE} ${ASKED}` },
    shut: { http: 'error_page 414 =200 /page;', server: `error_page 599 /_; ${PAGE} ${ASKED}` },
  },
  {
    what: 'an error_page that hands requests to a backend past the judgement',
    open: { server: `${OURS} ${JUDGED.replace('{', '{ error_page 401 = @old;')} location @old { ${PASS} }` },
    shut: {
      server: `auth_request /_jwtverify; ${OURS} ${JUDGED.replace('{', '{ error_page 401 = @old;')} location @old { ${PASS} }`,
    },
  },
  {
    what: 'a rewrite of the server, which takes the question elsewhere',
    open: { server: `rewrite ^/_ /index last; ${OURS} ${JUDGED} location = /index { ${PASS} }` },
    shut: { server: `rewrite ^/(?!_jwtverify$)_ /index last; ${OURS} ${JUDGED} location = /index { ${PASS} }` },
  },
  {
    what: 'satisfy any, where an address is enough',
    open: { server: `${OURS} ${JUDGED.replace('{', '{ satisfy any; allow 127.0.0.1; deny all;')}` },
    shut: { server: `${OURS} ${JUDGED.replace('{', '{ allow 127.0.0.1; deny all;')}` },
  },
];

describe.concurrent.each(ENGINES)('$suite, $name', { timeout: 60_000 }, (engine) => {
  test.for(CASES)('S2: $what', async ({ open, shut, asked, after }, { expect }) => {
    const token = await signToken(key.privateKey, 'RS256', claims());
    const reached: boolean[] = [];
    for (const { http, server } of [open, shut]) {
      const nginx = await startNginx(engine, { env: ENV, files: { k: key.pem }, http: http ?? '', server });
      if (after === true) expect((await nginx.askWith(token)).status).toBe(200);
      const answer = await nginx.ask(asked);
      reached.push(asked === undefined ? answer.body.startsWith('reached') : answer.status === 200);
      await nginx.stop();
    }
    expect(reached).toEqual([true, false]);
  });
});
