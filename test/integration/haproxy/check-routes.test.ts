// HAProxy's start follows a request from a frontend to its backends: to a second action there, and to a FastCGI application.
import { describe, expect, test } from 'vitest';
import { checkHaproxy, startHaproxy, type HaproxyOptions } from '../helpers/haproxy-server';
import { SUITES } from '../helpers/suite';

const AUTHORIZED = '{ var(txn.authorized) -m bool }';
const CHECK = `http-request deny deny_status 503 unless ${AUTHORIZED}`;
const VERIFY = 'http-request lua.jwtverify';
const ENFORCE = 'http-request lua.jwtenforce';
const PARTLY = `http-request deny if METH_POST !${AUTHORIZED}`;
const REWRITE = 'http-request set-path /admin%[path]';
const UNSET = ['txn.authorized', 'txn.oauth_status', 'txn.oauth_scopes'].map(
  (name) => `http-request unset-var(${name})`,
);

const SETTINGS = {
  OAUTH_ISSUER: 'https://issuer.example',
  OAUTH_AUDIENCE: 'https://api.example',
  OAUTH_HMAC_SECRET: 'a secret of thirty-two characters',
};

/** Sections, each with its lines, beside those of the helper. */
function withSections(sections: readonly (readonly string[])[], first: readonly string[] = []): HaproxyOptions {
  const more = sections.map(([head = '', ...lines]) => [head, ...lines.map((line) => `  ${line}`), ''].join('\n'));
  return {
    rules: [...first, 'http-request deny'],
    settings: SETTINGS,
    files: { 'more.cfg': more.join('\n') },
    arguments: ['-f', 'DIRECTORY/more.cfg'],
    isCheckedByItself: true,
  };
}

const JUDGED = ['frontend one', 'mode http', 'bind 127.0.0.1:8093', ENFORCE, CHECK];
const AGAIN = [ENFORCE, CHECK];

/** Sections with two actions, and whether a rule has changed the request between both. */
const TWICE: readonly (readonly [what: string, sections: readonly (readonly string[])[], isNamed: boolean])[] = [
  [
    'the backend rewrites and judges',
    [
      [...JUDGED, 'default_backend two'],
      ['backend two', REWRITE, ...AGAIN],
    ],
    true,
  ],
  [
    'the frontend judges and rewrites, the backend judges',
    [
      [...JUDGED, REWRITE, 'default_backend two'],
      ['backend two', ...AGAIN],
    ],
    true,
  ],
  [
    'a backend among several',
    [
      [...JUDGED, 'use_backend two if { path /x }', 'default_backend three'],
      ['backend two', REWRITE, ...AGAIN],
      ['backend three', ...AGAIN],
    ],
    true,
  ],
  [
    'a backend that the request names',
    [
      [...JUDGED, 'use_backend %[req.hdr(host),lower]'],
      ['backend two', REWRITE, ...AGAIN],
    ],
    true,
  ],
  [
    'a backend that the environment names',
    [
      [...JUDGED, 'default_backend "${POOL-two}"'],
      ['backend two', REWRITE, ...AGAIN],
    ],
    true,
  ],
  [
    'the defaults of the frontend judge',
    [
      ['defaults judging', 'mode http', 'timeout client 1s', ...AGAIN],
      ['frontend one from judging', 'bind 127.0.0.1:8093', REWRITE, ...AGAIN, 'default_backend two'],
      ['defaults plain', 'mode http', 'timeout connect 1s', 'timeout server 1s'],
      ['backend two from plain', 'server s 127.0.0.1:1'],
    ],
    true,
  ],
  [
    'a variable of the first answer stays',
    [
      [...JUDGED, 'default_backend two'],
      ['backend two', REWRITE, ...UNSET.slice(1), ...AGAIN],
    ],
    true,
  ],
  [
    'the first answer is unset for some requests',
    [
      [...JUDGED, 'default_backend two'],
      ['backend two', REWRITE, ...UNSET.map((line) => `${line} if METH_GET`), ...AGAIN],
    ],
    true,
  ],
  [
    'the first answer is unset',
    [
      [...JUDGED, 'default_backend two'],
      ['backend two', REWRITE, ...UNSET, ...AGAIN],
    ],
    false,
  ],
  [
    'nothing is rewritten between',
    [
      [...JUDGED, 'default_backend two'],
      ['backend two', 'http-request set-header X-A b', ...AGAIN, REWRITE],
    ],
    false,
  ],
  [
    'no frontend that judges leads there',
    [
      [...JUDGED, 'default_backend three'],
      ['frontend four', 'mode http', 'bind 127.0.0.1:8094', 'default_backend two'],
      ['backend two', REWRITE, ...AGAIN],
      ['backend three', 'server s 127.0.0.1:1'],
    ],
    false,
  ],
  [
    'one action',
    [
      [...JUDGED, 'default_backend two'],
      ['backend two', REWRITE],
    ],
    false,
  ],
];

const FCGI = ['fcgi-app php', 'docroot /srv/www', 'index index.php'];
const PHP = ['backend php', 'use-fcgi-app php', 'server fpm 127.0.0.1:1 proto fcgi'];

describe.each(SUITES)('HAProxy of %s', (suite) => {
  test.each(TWICE)(
    'S1: refuses a second action behind a change, wherever both are: %s',
    async (_, sections, isNamed) => {
      const { code, output } = await checkHaproxy(suite, withSections(sections));
      const named = /more\.cfg:\d+: `http-request lua\.jwtenforce` judges again what a rule above it/.test(output);
      expect([code, named, output]).toEqual([isNamed ? 1 : 0, isNamed, expect.anything()]);
    },
  );

  test('S1: the operator may vouch for the second action by the name of its section', async () => {
    const options = withSections([
      [...JUDGED, 'default_backend two'],
      ['backend two', REWRITE, ...AGAIN],
    ]);
    const settings = { ...SETTINGS, OAUTH_CHECKED_ELSEWHERE: 'backend two' };
    const { code, output } = await checkHaproxy(suite, { ...options, settings });
    expect([code, output]).toEqual([0, expect.not.stringContaining('jwtverify:')]);
  });

  test.each([
    ['the subject', 'set-param OAUTH_SUBJECT %[var(txn.oauth.sub)]', 0],
    ['the scopes', 'set-param OAUTH_SCOPES %[var(txn.oauth_scopes)]', 0],
    ['the status', 'set-param OAUTH_STATUS %[var(txn.oauth_status)]', 1],
    ['something for some requests', 'set-param DENIED 1 if { var(txn.oauth_reason) -m len gt 0 }', 1],
  ] as const)(
    'S1: an application of FastCGI is given %s: exceptions are refused when it could tell a refusal',
    async (_, line, expected) => {
      const { code, output } = await checkHaproxy(
        suite,
        withSections([
          [...FCGI, line],
          ['frontend web', 'mode http', 'bind 127.0.0.1:8093', VERIFY, PARTLY, 'default_backend php'],
          PHP,
        ]),
      );
      expect([code, output.includes('has no check below it in `web`')]).toEqual([expected, expected === 1]);
      const whole = [
        [...FCGI, line],
        ['frontend web', 'mode http', 'bind 127.0.0.1:8093', VERIFY, CHECK, 'default_backend php'],
        PHP,
      ];
      const checked = await checkHaproxy(suite, withSections(whole));
      expect([checked.code, checked.output]).toEqual([0, expect.not.stringContaining('jwtverify:')]);
    },
  );

  test('S1: names a backend of FastCGI beside a rule on a path, which matches before HAProxy decodes the path', async () => {
    const open = `http-request deny unless { path_beg /open/ } or ${AUTHORIZED}`;
    for (const [rules, isNamed] of [
      [[VERIFY, open], true],
      [[VERIFY, CHECK, 'http-request deny if { path_beg /admin/ } { src 10.0.0.0/8 }'], true],
      [[VERIFY, CHECK], false],
      [[VERIFY, `http-request deny unless { src 10.0.0.0/8 } or ${AUTHORIZED}`], false],
    ] as const) {
      const haproxy = await startHaproxy(suite, withSections([FCGI, PHP], rules));
      const output = haproxy.output();
      await haproxy.stop();
      const named = /more\.cfg:\d+: `use-fcgi-app` gives the backend the decoded path/.test(output);
      expect([rules, named]).toEqual([rules, isNamed]);
    }
  });
});
