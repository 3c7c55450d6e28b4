// HAProxy goes on with a request whose action it ends early: a configuration that would let it pass does not start.
import { describe, expect, test } from 'vitest';
import {
  checkHaproxy,
  failHaproxy,
  FEEDS,
  type Feed,
  startHaproxy,
  type HaproxyOptions,
} from '../helpers/haproxy-server';
import { SUITES } from '../helpers/suite';

const CHECK = 'http-request deny deny_status 503 unless { var(txn.authorized) -m bool }';
const VERIFY = 'http-request lua.jwtverify';
const ENFORCE = 'http-request lua.jwtenforce';

const PARTLY = 'http-request deny if METH_POST !{ var(txn.authorized) -m bool }';
const AUTHORIZED = '{ var(txn.authorized) -m bool }';

/** Each lets a request out that nobody judged, when HAProxy ends the action early. */
const ENDED: readonly (readonly string[])[] = [
  // An `allow` that asks for what is not there then.
  ...[
    'unless { var(txn.oauth_status) -m int ge 400 }',
    'unless { var(txn.oauth_reason) -m len gt 0 }',
    `unless { var(txn.authorized) -m bool false }`,
    `unless ${AUTHORIZED}`,
    'if !refused',
    'if { path /x } or !refused',
  ].map((condition) => [
    'acl refused var(txn.oauth_status) -m int 400 401 403 503',
    VERIFY,
    `http-request allow ${condition}`,
    'http-request deny',
  ]),
  // What a refusal sets refuses elsewhere: the check is for some requests only.
  [VERIFY, 'http-request return status 401 if { var(txn.oauth_challenge) -m len gt 0 }', PARTLY],
  [VERIFY, 'http-request deny if { var(txn.oauth_status),sub(200) -m int gt 0 }', PARTLY],
  [VERIFY, PARTLY, 'use_backend apiservers if { var(txn.oauth_status) -m int 401 }'],
  [VERIFY, PARTLY, 'use_backend %[var(txn.oauth_reason)]'],
  [VERIFY, 'http-request set-var(txn.bad) bool(true) if { var(txn.oauth_status) -m int 401 }', PARTLY],
  [VERIFY, 'http-request set-header X-Status %[var(txn.oauth_status)]', PARTLY],
  [VERIFY, PARTLY, 'http-response deny if { var(txn.oauth_status) -m int 401 }'],
  [VERIFY, 'http-request deny if { var(txn.oauth_status) -m int 401 }', 'http-request allow if { path /open }', CHECK],
  // The same condition is no longer true, or is another one each time.
  ...[
    ['path_beg /api', 'replace-path /api(.*) \\1'],
    ['path_beg /api', 'set-uri /x'],
    ['method POST', 'set-method PUT'],
    ['req.hdr(host) -i api.example', 'set-header host internal'],
    ['req.hdr(host) -i api.example', 'del-header ^h -m reg'],
    ['base_beg api.example/', 'set-header Host internal'],
    ['var(txn.api) -m bool', 'set-var(txn.api) bool(false)'],
    ['rand(2) 0', 'set-header X-A b'],
    // The action removes it.
    ['req.hdr(upgrade) -m found', 'set-header X-A b'],
    ['req.hdr(x-user) -m found', 'set-header X-User b'],
    ['req.cook(session) -m found', 'del-header Cookie'],
    ['path,map_beg(/dev/null,no) -m str yes', 'set-map(/dev/null) a b'],
    ['src 10.0.0.0/8', 'set-src src,ipmask(8)'],
  ].map(([condition = '', change = '']) => [
    `${ENFORCE} if { ${condition} }`,
    `http-request ${change}`,
    `http-request deny if { ${condition} } !${AUTHORIZED}`,
  ]),
  // The target and Host are kept alike: who changes one changes the other.
  [
    `${ENFORCE} if { req.hdr(host) -i api.example }`,
    'http-request set-uri http://internal%[path]',
    `http-request deny if { req.hdr(host) -i api.example } !${AUTHORIZED}`,
  ],
  [
    `${ENFORCE} if { url_beg http://api.example/ }`,
    'http-request set-header Host internal',
    `http-request deny if { url_beg http://api.example/ } !${AUTHORIZED}`,
  ],
  // Whether it answers depends on what a refusal sets.
  [
    VERIFY,
    `http-request deny if METH_POST !${AUTHORIZED}`,
    'http-request redirect location %[var(txn.oauth_reason),map_str(/dev/null)] ignore-empty',
  ],
  // An answer with content refuses nobody.
  [ENFORCE, 'http-request return status 200 content-type text/plain string secret'],
  [ENFORCE, 'http-request return status 200 content-type text/plain string secret if { path /private }', CHECK],
  [ENFORCE, 'http-request return content-type text/plain string secret if { path /private }', CHECK],
  [ENFORCE, 'http-request deny deny_status 200 content-type text/plain string secret'],
  [ENFORCE, 'http-request redirect location https://files.example/%[rand]'],
  [ENFORCE, `http-request redirect location %[var(txn.x)] ignore-empty unless ${AUTHORIZED}`],
  // `lua.jwtenforce` refuses the exceptions itself.
  [ENFORCE, `http-request deny unless METH_GET or ${AUTHORIZED}`],
  [ENFORCE, `http-request deny unless { path /open } OR ${AUTHORIZED}`],
  [`${ENFORCE} if { path_beg /api }`, `http-request deny unless { path /open } || ${AUTHORIZED}`],
  ['acl allowed var(txn.authorized) -m bool', 'acl allowed path /open', ENFORCE, 'http-request deny unless allowed'],
  // Answered by HAProxy itself, between the two.
  [ENFORCE, 'http-request use-service lua.jwtverify_health if { path /metrics }', CHECK],
  // Names that a line below completes.
  [
    'acl w var(txn.oauth_scopes),lua.oauth_has(write) -m bool',
    ENFORCE,
    'http-request deny unless w',
    'acl w method GET',
  ],
  [
    'acl api path_beg /v2',
    `${ENFORCE} if api`,
    `http-request deny if { path_beg /v2 } !${AUTHORIZED}`,
    'acl api path_beg /api',
  ],
  ...['WAIT_END', 'TRUE', 'HTTP_CONTENT'].map((name) => [
    ENFORCE,
    `http-request deny unless ${name}`,
    `acl ${name} var(txn.authorized) -m bool`,
  ]),
  [VERIFY, PARTLY, 'http-request deny unless { req.hdr(upgrade) -m found }'],
  [ENFORCE, 'http-request redirect scheme https set-cookie A=secret'],
  ['acl TRUE path /x', ENFORCE, `http-request deny if TRUE !${AUTHORIZED}`],
  // Words as HAProxy reads them: it stops at an empty one.
  ['http-request lua.\\x6awtenforce'],
  ['http-request\vlua.jwtenforce'],
  ['http-request\flua.jwtenforce'],
  [ENFORCE, `http-request deny if "" !${AUTHORIZED}`],
  [ENFORCE, `http-request deny unless { path /x } "" or ${AUTHORIZED}`],
  [ENFORCE, `http-request deny unless "\${NAME}" or ${AUTHORIZED}`],
  [ENFORCE, 'http-request deny if', CHECK.replace('unless', 'if')],
  // What sets the variable that the check asks for.
  [ENFORCE, 'http-request set-var(txn.authorized) bool(true) if { src 127.0.0.1 }', CHECK],
  [ENFORCE, 'http-request set-var(txn.x) bool(true),set-var(txn.authorized)', CHECK],
  [ENFORCE, 'http-request deny if { bool(true),set-var(txn.authorized) -m bool false }', CHECK],
  [`${ENFORCE} if { bool(true),set-var(txn.authorized) -m bool }`, CHECK],
  ['acl sets bool(true),set-var(txn.authorized) -m bool', ENFORCE, 'http-request set-header X-A b if !sets', CHECK],
  // The backend of those that are not authorized refuses nobody.
  [ENFORCE, `use_backend apiservers if ${AUTHORIZED}`],
  // A scope that is converted further.
  [ENFORCE, 'http-request deny unless { var(txn.oauth_scopes),lua.oauth_has(w),not() -m bool }'],
];

/** Lines of the frontend `api`, each with a check that counts. */
const CHECKED: readonly (readonly string[])[] = [
  [ENFORCE, CHECK],
  [VERIFY, 'http-request deny unless { var(txn.authorized) -m bool }'],
  [VERIFY, 'http-request deny if !{ var(txn.authorized) -m bool }'],
  [VERIFY, 'http-request deny if ! { var(txn.authorized) -m bool }'],
  [VERIFY, 'http-request deny if { path_beg /api } !{ var(txn.authorized) -m bool true }'],
  ['acl allowed var(txn.authorized) -m bool', VERIFY, 'http-request deny if { path_beg /api } !allowed'],
  ['acl allowed var(txn.authorized) -m bool', VERIFY, 'http-request tarpit unless { path /open } or allowed'],
  [VERIFY, 'http-request return status 401 unless { var(txn.oauth_status) -m int 200 }'],
  [VERIFY, 'http-request return status 401 unless { var(txn.oauth_status) -m int eq 200 }'],
  [VERIFY, 'http-request deny unless { var(txn.oauth_scopes),lua.oauth_has(read) -m bool }'],
  [VERIFY, 'http-request redirect location /login unless { "var(txn.authorized)" -m bool } # why'],
  [VERIFY, 'http-request set-header X-A b', ENFORCE, 'http-request set-header X-A c', CHECK],
  [VERIFY, 'http-request deny'],
  // The action's own condition, its exceptions, and those that are named beside the check.
  [`${ENFORCE} if { path_beg /api }`, 'http-request deny if { path_beg /api } !{ var(txn.authorized) -m bool }'],
  [
    `${ENFORCE} if { path /a } or METH_POST`,
    'http-request deny if METH_POST !{ var(txn.authorized) -m bool } or { path /a } !{ var(txn.authorized) -m bool }',
  ],
  [`${ENFORCE} unless METH_GET`, 'http-request deny if !METH_GET !{ var(txn.oauth_scopes),lua.oauth_has(w) -m bool }'],
  // Exceptions, where the action refuses nobody by itself.
  ['acl allowed var(txn.authorized) -m bool', 'acl allowed path /open', VERIFY, 'http-request deny unless allowed'],
  [VERIFY, 'http-request deny unless { path /open } OR { var(txn.authorized) -m bool }'],
  [
    VERIFY,
    'http-request deny deny_status 401 hdr WWW-Authenticate "%[var(txn.oauth_challenge)]" unless { path /open } or { var(txn.authorized) -m bool }',
    'http-request return status 403 if { path_beg /admin } !{ var(txn.oauth_scopes),lua.oauth_has(admin) -m bool }',
  ],
  [VERIFY, 'http-request deny unless METH_GET { path_beg /a } or { var(txn.authorized) -m bool } METH_POST'],
  [VERIFY, 'http-request use-service lua.jwtverify_health if { path /ready }', CHECK],
  [VERIFY, 'http-request deny if METH_POST !{ var(txn.authorized) -m bool }', 'http-request allow'],
  // The same in other words.
  ...[
    'var(txn.authorized) -m bool -i true',
    'var(txn.authorized) -m bool -- true',
    'var(txn.authorized),bool',
    'var(txn.authorized),bool -m bool',
    'var(txn.authorized) -m str 1',
    'var(txn.oauth_status) -m int lt 300',
    'var(txn.oauth_status) -m int 200:200',
    'var(txn.oauth_status) -m str 200',
  ].map((words) => [ENFORCE, `http-request deny unless { ${words} }`]),
  [ENFORCE, 'http-request auth realm x unless { var(txn.authorized) -m bool }'],
  [ENFORCE, 'http-request return status 401 content-type text/plain string if unless { var(txn.authorized) -m bool }'],
  [
    ENFORCE,
    'http-request return status 200 content-type text/html string login unless { var(txn.authorized) -m bool }',
  ],
  ['.if version_atleast(2.0)', ENFORCE, '.endif', '.if version_atleast(2.0)', CHECK, '.endif'],
  ['http-request\flua.jwtenforce', CHECK.replaceAll(' ', '\v')],
  [ENFORCE, CHECK.replace('deny ', '"de\\x6ey" ')],
  // What comes between lets nothing out, and changes nothing that is asked for again.
  [
    ENFORCE,
    'http-request del-header ^x-a -m reg',
    'http-request set-path /x',
    'http-request set-var(txn.x) str(a)',
    'http-request deny if { var(txn.oauth_reason) -m str token_expired }',
    'http-request redirect scheme https unless { ssl_fc }',
    'http-request use-service lua.jwtverify_health if { var(txn.authorized) -m bool }',
    'stick-table type ip size 100 expire 1m store gpc0',
    'http-request track-sc0 src',
    CHECK,
  ],
  [
    `${ENFORCE} if { path_beg /api }`,
    'http-request set-header host x',
    'http-request set-var(txn.y) str(a)',
    'http-request deny if { path_beg /api } !{ var(txn.authorized) -m bool }',
  ],
  [
    'acl vpn src 10.0.0.0/8',
    `${ENFORCE} unless vpn`,
    'http-request deny unless vpn or { var(txn.authorized) -m bool }',
  ],
  [
    'acl write path_beg /write',
    `${ENFORCE} unless METH_GET write or METH_HEAD`,
    'http-request deny unless METH_HEAD or write METH_GET or { var(txn.authorized) -m bool }',
  ],
  [
    ...Array.from({ length: 70 }, (_, place) => `acl a${String(place % 9)} path /p${String(place)}`),
    `${ENFORCE} if a0 a1 a2 a3 a4 a5 !a6 or !a7 a8`,
    'http-request deny if a0 a1 a2 a3 a4 a5 !a6 !{ var(txn.authorized) -m bool } or !a7 a8 !{ var(txn.authorized) -m bool }',
  ],
  ['acl allowed var(txn.authorized) -m bool', VERIFY, 'http-request allow if allowed', 'http-request deny'],
  [VERIFY, 'http-request allow if { path /open }', CHECK],
  // A rule below the check, and a claim, may ask for whatever they like.
  [ENFORCE, CHECK, 'http-request deny if METH_POST !{ var(txn.oauth_scopes),lua.oauth_has(w) -m bool }'],
  [
    VERIFY,
    'http-request deny if METH_POST !{ var(txn.authorized) -m bool }',
    'http-request deny if { var(txn.oauth.off) -m bool }',
  ],
  ['.if version_atleast(2.0)', ENFORCE, CHECK, '.else', ENFORCE, CHECK, '.endif'],
  ['.if version_atleast(2.0)', ENFORCE, '.endif', CHECK],
  [`# ${ENFORCE}`, 'http-request set-header X-A "http-request lua.jwtenforce"'],
  ['http-request return status 200'],
];

/** Each with none. */
const UNCHECKED: readonly (readonly string[])[] = [
  [ENFORCE],
  [VERIFY],
  [`${ENFORCE} if { path_beg /api }`],
  // Above it, between two of them, in a comment.
  [CHECK, ENFORCE],
  [VERIFY, CHECK, ENFORCE],
  [ENFORCE, `# ${CHECK}`],
  [ENFORCE, 'http-request set-header X-A "unless { var(txn.authorized) -m bool }"'],
  // A variable is found for a refused request as well.
  [VERIFY, 'http-request deny unless { var(txn.authorized) -m found }'],
  [VERIFY, 'http-request deny if { var(txn.authorized) -m bool }'],
  [VERIFY, 'http-request deny if { var(txn.authorized) -m bool false }'],
  [VERIFY, 'http-request deny unless !{ var(txn.authorized) -m bool }'],
  [VERIFY, 'http-request deny if { var(txn.oauth_status) -m int 401 }'],
  [VERIFY, 'http-request deny unless { var(txn.oauth_status) -m int 200 401 }'],
  [VERIFY, 'http-request deny unless { var(txn.authorized_by) -m bool }'],
  [VERIFY, 'http-request deny unless { path /open }'],
  [VERIFY, 'http-request set-header X-A b unless { var(txn.authorized) -m bool }'],
  // For some requests only: the others pass when the action is ended.
  [ENFORCE, 'http-request deny if METH_POST !{ var(txn.oauth_scopes),lua.oauth_has(write) -m bool }'],
  [
    'acl reads method GET HEAD',
    'acl may_write var(txn.oauth_scopes),lua.oauth_has(write) -m bool',
    ENFORCE,
    'http-request deny unless reads or may_write',
  ],
  [ENFORCE, 'http-request deny if { path_beg /admin } !{ var(txn.authorized) -m bool }'],
  [`${ENFORCE} if { path /a } or METH_POST`, 'http-request deny if { path /a } !{ var(txn.authorized) -m bool }'],
  [ENFORCE, 'http-request deny if FALSE !{ var(txn.authorized) -m bool }'],
  [
    VERIFY,
    'http-request return status 401 if { var(txn.oauth_status) -m int 401 }',
    'http-request deny if METH_POST !{ var(txn.oauth_scopes),lua.oauth_has(write) -m bool }',
  ],
  // Nothing comes to it, or not always.
  [ENFORCE, 'http-request allow', CHECK],
  [VERIFY, 'http-request allow', CHECK],
  [ENFORCE, 'http-request allow if { path_beg /files }', CHECK],
  [ENFORCE, '.if !version_atleast(2.0)', CHECK, '.endif'],
  ['.if !version_atleast(2.0)', ENFORCE, CHECK, '.else', ENFORCE, '.endif'],
  // The first of two actions.
  [
    `${ENFORCE} if { path /a }`,
    `${ENFORCE} if { path /b }`,
    'http-request deny if { path /b } !{ var(txn.authorized) -m bool }',
  ],
  ['acl allowed var(txn.oauth_rule) -m found', VERIFY, 'http-request deny unless allowed'],
  ...ENDED,
];

const SETTINGS = {
  OAUTH_ISSUER: 'https://issuer.example',
  OAUTH_AUDIENCE: 'https://api.example',
  OAUTH_HMAC_SECRET: 'a secret of thirty-two characters',
};

/** What HAProxy calls each pipe; `DIRECTORY` becomes the real one. */
const PIPES: Readonly<Record<Feed, string>> = {
  'a named pipe': 'DIRECTORY/pipe',
  'its standard input': '/dev/stdin',
  'a pipe of the shell': '/dev/fd/63',
  'its standard input without a shell': '/dev/stdin',
};

/** Without what the other tests are allowed. */
function optionsFor(rules: readonly string[], settings: Readonly<Record<string, string>> = {}): HaproxyOptions {
  return { rules, settings: { ...SETTINGS, ...settings }, isCheckedByItself: true };
}

describe.each(SUITES)('HAProxy of %s', (suite) => {
  test.each(CHECKED.map((rules) => [rules.join('; '), rules] as const))('S1: takes: %s', async (_, rules) => {
    const { code, output } = await checkHaproxy(suite, optionsFor(rules));
    expect([code, output]).toEqual([0, expect.not.stringContaining('cannot start')]);
  });

  test.each(UNCHECKED.map((rules) => [rules.join('; '), rules] as const))('S1: refuses: %s', async (_, rules) => {
    const { code, output } = await checkHaproxy(suite, optionsFor(rules));
    expect(code).toBe(1);
    expect(output).toMatch(
      /jwtverify: (?:\(1 of 2\) )?\S+haproxy\.cfg:\d+: `http-request lua\.jwt\w+` has no check below it in `api`/,
    );
    expect(output).toContain(`put \`${CHECK}\` below it`);
  });

  test('S1: does not start without a check, says so with every other problem, and starts where it is elsewhere', async () => {
    const failed = await failHaproxy(suite, optionsFor([ENFORCE], { OAUTH_AUDIENCE: ' ' }));
    expect(failed.code).not.toBe(0);
    expect(failed.output).toMatch(/jwtverify: \(1 of 2\) OAUTH_AUDIENCE: is empty/);
    expect(failed.output).toMatch(
      /jwtverify: \(2 of 2\) \S+haproxy\.cfg:\d+: `http-request lua\.jwtenforce` has no check/,
    );
    const haproxy = await startHaproxy(suite, optionsFor([ENFORCE], { OAUTH_CHECKED_ELSEWHERE: 'api' }));
    const { status } = await haproxy.ask();
    await haproxy.stop();
    expect(status).toBe(401);
  });

  test('S1: refuses to believe that an unknown section, or a checked one, is checked elsewhere', async () => {
    for (const [rules, names] of [
      [[ENFORCE, CHECK], 'api'],
      [[ENFORCE], 'api apiservers'],
      [[ENFORCE], 'api other'],
    ] as const) {
      const { code, output } = await checkHaproxy(suite, optionsFor(rules, { OAUTH_CHECKED_ELSEWHERE: names }));
      expect([code, output]).toEqual([
        1,
        expect.stringMatching(
          /jwtverify: OAUTH_CHECKED_ELSEWHERE: names `\w+`, where each action of jwtverify has its check/,
        ),
      ]);
    }
    const empty = await checkHaproxy(suite, optionsFor([ENFORCE, CHECK], { OAUTH_CHECKED_ELSEWHERE: ' ' }));
    expect([empty.code, empty.output]).toEqual([1, expect.stringContaining('OAUTH_CHECKED_ELSEWHERE: is empty')]);
  });
  test.each(Object.keys(FEEDS) as readonly Feed[])(
    'a configuration from %s is not believed to be checked',
    async (feed) => {
      // Whether it has its check nobody can see.
      for (const run of [checkHaproxy, failHaproxy]) {
        const { code, output } = await run(suite, { ...optionsFor([ENFORCE, CHECK]), feed });
        expect([code, output]).toEqual([1, expect.stringMatching(/jwtverify: \S+: cannot be read again to look for/)]);
        const named = PIPES[feed].replace('DIRECTORY', '\\S+');
        expect(output).toMatch(new RegExp(`use a regular file, or .*\`setenv OAUTH_CHECKED_ELSEWHERE ${named}\``));
      }
      const haproxy = await startHaproxy(suite, {
        ...optionsFor([ENFORCE], { OAUTH_CHECKED_ELSEWHERE: PIPES[feed] }),
        feed,
      });
      const { status } = await haproxy.ask();
      await haproxy.stop();
      expect(status).toBe(401);
    },
  );

  test('one Lua state looks for the checks of all', async () => {
    const perThread = { load: 'lua-load-per-thread', global: ['nbthread 3'] } as const;
    for (const run of [checkHaproxy, failHaproxy]) {
      const { code, output } = await run(suite, { ...optionsFor([ENFORCE]), ...perThread });
      expect([code, output.match(/has no check below it in `api`/g)?.length]).toEqual([1, 1]);
    }
  });

  test('a regular file of any name and length is read again', async () => {
    const long = Array.from({ length: 60_000 }, () => `# ${'x'.repeat(48)}`);
    const { code, output } = await checkHaproxy(suite, optionsFor([...long, ENFORCE]));
    expect([code, output]).toEqual([1, expect.stringContaining('has no check below it in `api`')]);
    // Two dollars and an apostrophe that a shell would take for its own.
    const name = "it's $(two) $HOME.cfg";
    const more = `backend more\n  http-request lua.jwtenforce\n`;
    const named = await checkHaproxy(suite, {
      ...optionsFor([ENFORCE, CHECK]),
      files: { [name]: more },
      arguments: ['-f', `DIRECTORY/${name}`],
    });
    expect([named.code, named.output]).toEqual([
      1,
      expect.stringContaining(`${name}:2: \`http-request lua.jwtenforce\``),
    ]);
  });
});
