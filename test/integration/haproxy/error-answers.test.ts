// A gateway that asks HAProxy reads 2xx as "let it pass": no answer that HAProxy makes itself may say so.
import { describe, expect, test } from 'vitest';
import { checkHaproxy, failHaproxy, startHaproxy, type HaproxyOptions } from '../helpers/haproxy-server';
import { SUITES } from '../helpers/suite';

const YES = 'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nback soon\n';
const NO = YES.replace('200 OK', '503 Service Unavailable');
const SETTINGS = ['OAUTH_ISSUER https://issuer.example', 'OAUTH_AUDIENCE https://api.example'];
const SECRET = 'OAUTH_HMAC_SECRET "a secret of thirty-two characters"';
const ASKED = 'http-request use-service lua.jwtauthorizer';
const ENFORCED = [
  'http-request lua.jwtenforce',
  'http-request deny deny_status 503 unless { var(txn.authorized) -m bool }',
];

interface Parts {
  /** Lines of `global`, above `lua-load`. */
  readonly global?: readonly string[];
  readonly settings?: readonly string[];
  /** Sections above `defaults`. */
  readonly sections?: readonly string[];
  readonly defaults?: readonly string[];
  readonly frontend?: readonly string[];
  /** What judges or answers. */
  readonly action?: readonly string[];
}

function optionsFor(parts: Parts): HaproxyOptions {
  const { global = [], settings = [SECRET], action = [ASKED] } = parts;
  const { sections = [], defaults = [], frontend = [] } = parts;
  const configuration = [
    'global',
    ...global,
    ...[...SETTINGS, ...settings].map((setting) => `setenv ${setting}`),
    'lua-load DIRECTORY/jwtverify.lua',
    ...sections,
    'defaults',
    'mode http',
    'timeout connect 5s',
    'timeout client 10s',
    'timeout server 10s',
    ...defaults,
    'frontend api',
    'bind 127.0.0.1:PORT',
    ...frontend,
    ...action,
  ].join('\n');
  return { configuration: `${configuration}\n`, files: { 'yes.http': YES, 'no.http': NO }, isCheckedByItself: true };
}

const PAGE = 'errorfile 503 DIRECTORY/yes.http';
const GROUP = ['http-errors site', PAGE, 'errorfile 403 DIRECTORY/no.http'];
const ANSWERS_YES = /yes\.http` answers 200 for an error; .*would let the request pass/;

const REFUSED: readonly (readonly [what: string, parts: Parts, problem: RegExp])[] = [
  ['an error page of the frontend', { frontend: [PAGE] }, ANSWERS_YES],
  ['an error page of the defaults', { defaults: [PAGE] }, ANSWERS_YES],
  ['a page for malformed requests', { defaults: ['errorfile 400 DIRECTORY/yes.http'] }, ANSWERS_YES],
  ['a page of an http-error line', { frontend: ['http-error status 500 errorfile DIRECTORY/yes.http'] }, ANSWERS_YES],
  ['a group of pages', { sections: GROUP, frontend: ['errorfiles site'] }, ANSWERS_YES],
  ['the page of a refusal', { frontend: ['http-request deny errorfile DIRECTORY/yes.http if FALSE'] }, ANSWERS_YES],
  ['a status of every response', { frontend: ['http-after-response set-status 200'] }, /makes 2xx of an error/],
  [
    'a response of its own',
    { frontend: ['http-response return content-type text/plain string ok if { status 500 }'] },
    /makes 2xx of an error/,
  ],
  [
    'the page of a response that a rule returns',
    { frontend: ['http-response return status 403 errorfile DIRECTORY/yes.http if { status 500 }'] },
    ANSWERS_YES,
  ],
  [
    'the page of a rule that returns an error',
    { frontend: ['http-request return status 400 errorfile DIRECTORY/yes.http if FALSE'] },
    ANSWERS_YES,
  ],
  ['the status of a refusal', { frontend: ['http-request deny deny_status 200 if FALSE'] }, /makes 2xx of an error/],
  ['the status of a refused response', { frontend: ['http-response deny deny_status 200'] }, /makes 2xx of an error/],
  [
    'a status that the environment names',
    { global: ['setenv STATUS 200'], frontend: ['http-after-response set-status "${STATUS}"'] },
    /the environment names the status/,
  ],
  [
    'a rule that the environment names',
    { global: ['setenv ACTION set-status'], frontend: ['http-after-response "${ACTION}" 200'] },
    /the environment names the status/,
  ],
  [
    'the status of a refusal that the environment names',
    { global: ['setenv STATUS 200'], frontend: ['http-request deny deny_status "${STATUS}" if FALSE'] },
    /the environment names the status/,
  ],
  [
    'a page of the frontend whose backend answers',
    { frontend: [PAGE, 'default_backend asked', 'backend asked'] },
    ANSWERS_YES,
  ],
  [
    'a page that the environment names',
    { frontend: ['errorfile 503 "${NOTHING}DIRECTORY/yes.http"'] },
    /the environment names/,
  ],
];

const ACCEPTED: readonly (readonly [what: string, parts: Parts])[] = [
  ['pages that say an error, or nothing', { defaults: ['errorfile 503 DIRECTORY/no.http', 'errorfile 408 /dev/null'] }],
  ['other pages of a group', { sections: GROUP, frontend: ['errorfiles site 403'] }],
  ['a status of its own that refuses', { frontend: ['http-after-response set-status 403 if { status 400 503 }'] }],
  [
    'refusals whose status or page says so',
    {
      global: ['setenv NODE one'],
      frontend: [
        'http-request deny deny_status 429 if FALSE',
        'http-request return status 403 errorfile DIRECTORY/no.http if FALSE',
        'http-response return errorfile DIRECTORY/no.http if { status 500 }',
        'http-response set-header X-Node "${NODE}"',
      ],
    },
  ],
  ['an answer of the operator', { frontend: ['http-request return status 200 if { path /health }'] }],
  [
    'a page of a frontend that answers no gateway',
    { action: [ASKED, 'frontend site', 'bind 127.0.0.1:8097', PAGE, 'http-request deny'] },
  ],
];

describe.each(SUITES)('HAProxy of %s, asked by a gateway,', (suite) => {
  test.each(REFUSED)('S2: does not start with %s that says 200', async (_, parts, problem) => {
    for (const run of [checkHaproxy, failHaproxy]) {
      const { code, output } = await run(suite, optionsFor(parts));
      expect([code, output]).toEqual([1, expect.stringMatching(problem)]);
    }
  });

  test.each(ACCEPTED)('S2: starts with %s', async (_, parts) => {
    const { code, output } = await checkHaproxy(suite, optionsFor(parts));
    expect([code, output]).toEqual([0, expect.not.stringContaining('jwtverify:')]);
  });

  // The gateway hands on what the client says twice. The operator may vouch for the page.
  test.each([
    ['yes.http', 200, [SECRET, 'OAUTH_CHECKED_ELSEWHERE api']],
    ['no.http', 503, [SECRET]],
  ] as const)('S2: answers a question that a rule refuses with the page %s: %i', async (page, expected, settings) => {
    const action = ['http-request deny if { req.fhdr_cnt(X-Forwarded-Uri) gt 1 }', ASKED];
    const defaults = [`errorfile 403 DIRECTORY/${page}`];
    const haproxy = await startHaproxy(suite, optionsFor({ settings, defaults, action }));
    const uri = ['X-Forwarded-Uri', '/x'] as const;
    expect((await haproxy.ask({ headers: [uri, uri] })).status).toBe(expected);
    expect((await haproxy.ask({ headers: [uri] })).status).not.toBe(expected);
    await haproxy.stop();
  });

  test('S2: logs a page that says 200 where jwtverify judges requests itself', async () => {
    const haproxy = await startHaproxy(suite, optionsFor({ defaults: [PAGE], action: ENFORCED }));
    expect(haproxy.output()).toMatch(/yes\.http` answers 200 for an error; .*would read a refusal as success/);
    await haproxy.stop();
  });
});
