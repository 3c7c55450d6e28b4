// For which sections HAProxy's start looks for a check, what the operator vouches for, and what the start names in the log.
import { describe, expect, test } from 'vitest';
import { checkHaproxy, startHaproxy, type HaproxyOptions } from '../helpers/haproxy-server';
import { SUITES } from '../helpers/suite';

const CHECK = 'http-request deny deny_status 503 unless { var(txn.authorized) -m bool }';
const AUTHORIZED = '{ var(txn.authorized) -m bool }';
const VERIFY = 'http-request lua.jwtverify';
const ENFORCE = 'http-request lua.jwtenforce';

const SETTINGS = {
  OAUTH_ISSUER: 'https://issuer.example',
  OAUTH_AUDIENCE: 'https://api.example',
  OAUTH_HMAC_SECRET: 'a secret of thirty-two characters',
};

function optionsFor(rules: readonly string[], settings: Readonly<Record<string, string>> = {}): HaproxyOptions {
  return { rules, settings: { ...SETTINGS, ...settings }, isCheckedByItself: true };
}

const POLICY = {
  issuers: [{ issuer: 'https://issuer.example', audiences: ['https://api.example'], keys: { secret_env: 'SECRET' } }],
  rules: [{ name: 'all', paths: ['/**'] }],
};

function optionsWithPolicy(rules: readonly string[]): HaproxyOptions {
  return {
    ...optionsFor(rules),
    settings: {},
    env: { SECRET: SETTINGS.OAUTH_HMAC_SECRET, OAUTH_POLICY: 'DIRECTORY/policy.json' },
    files: { 'policy.json': JSON.stringify(POLICY) },
  };
}

/** Beside the sections of the helper: more of them, in a file of their own. */
function withMore(more: string, rules: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  return { ...optionsFor(rules, settings), files: { 'more.cfg': more }, arguments: ['-f', 'DIRECTORY/more.cfg'] };
}

describe.each(SUITES)('HAProxy of %s', (suite) => {
  test.each([
    'http-request "lua.${JWT_ACTION-jwtenforce}"',
    'http-request "${JWT-lua.jwtenforce}"',
    'http-request "${LINE[*]}"',
    '"${LINE[*]}"',
    'acl "${NAME-open}" path /x',
  ])('S1: refuses a line of which the environment decides what it does: %s', async (line) => {
    const LINE = line.startsWith('http') ? 'lua.jwtenforce' : 'http-request lua.jwtenforce';
    const options = { ...optionsFor([line]), env: { LINE } };
    const { code, output } = await checkHaproxy(suite, options);
    expect([code, output]).toEqual([1, expect.stringMatching(/jwtverify: \S+cfg:\d+: the environment decides what/)]);
  });

  test('S1: accepts a variable of the environment where it is no rule', async () => {
    const { code, output } = await checkHaproxy(suite, {
      ...optionsFor([ENFORCE, CHECK, 'http-request set-header X-A "$NAME"', 'timeout http-keep-alive "${NAME-5s}"']),
      env: { NAME: '5s' },
    });
    expect([code, output]).toEqual([0, expect.not.stringContaining('jwtverify:')]);
  });

  test('S1: refuses a variable of the environment between an action and its check, and in the check', async () => {
    for (const rules of [
      [ENFORCE, 'http-request set-header X-A "$NAME"', CHECK],
      [ENFORCE, 'http-request deny deny_status 503 unless { var(txn.authorized) -m bool "$NAME" }'],
      ['acl allowed "var(txn.authorized)" -m bool "$NAME"', ENFORCE, 'http-request deny unless allowed'],
    ]) {
      const { code, output } = await checkHaproxy(suite, { ...optionsFor(rules), env: { NAME: '1' } });
      expect([code, output]).toEqual([1, expect.stringContaining('has no check below it in `api`')]);
    }
  });

  test('S1: refuses an action in `mode tcp`, whose rules HAProxy ignores, wherever the mode is from', async () => {
    const backend = 'backend other\n  server s 127.0.0.1:1\n';
    for (const [more, name] of [
      [`frontend more\n  mode tcp\n  bind 127.0.0.1:BACKEND1\n  ${ENFORCE}\n  ${CHECK}\n`, 'more'],
      [
        `defaults\n  mode tcp\n  timeout client 1s\nfrontend more\n  bind 127.0.0.1:BACKEND1\n  ${ENFORCE}\n  ${CHECK}\n`,
        'more',
      ],
      [`defaults\n  timeout client 1s\nbackend more\n  ${ENFORCE}\n  ${CHECK}\n`, 'more'],
      [`defaults judged\n  mode http\n  ${ENFORCE}\n  ${CHECK}\nbackend more from judged\n  mode tcp\n`, 'more'],
      [`frontend more\n  .if defined(NO)\n    mode tcp\n  .endif\n  ${ENFORCE}\n  ${CHECK}\n`, 'more'],
    ] as const) {
      const options = withMore(more.replaceAll('BACKEND1', '8099') + backend, ['http-request deny']);
      const { output } = await checkHaproxy(suite, options);
      expect(output).toMatch(
        new RegExp(
          `more.cfg:\\d+: HAProxy ignores \`http-request lua.jwtenforce\` in \`${name}\`, whose mode is \`tcp\``,
        ),
      );
    }
    const good = withMore(
      `defaults judged\n  mode http\n  timeout client 1s\n  timeout connect 1s\n  timeout server 1s\n  ${ENFORCE}\n  ${CHECK}\nbackend more from judged\n  server s 127.0.0.1:1\n`,
      ['http-request deny'],
    );
    const { code, output } = await checkHaproxy(suite, good);
    expect([code, output]).toEqual([0, expect.not.stringContaining('jwtverify:')]);
  });

  test('S1: looks for the check in the section of the action, not in another of its name', async () => {
    const more = (rules: readonly string[]): string => `backend api\n  ${rules.join('\n  ')}\n  server s 127.0.0.1:1\n`;
    for (const [inBackend, named, message] of [
      [[ENFORCE, CHECK], 'frontend api', undefined],
      [[ENFORCE], 'frontend api backend api', undefined],
      [['http-request set-header X-A b'], 'api', undefined],
      [[ENFORCE], 'frontend api', /more\.cfg:\d+: `http-request lua\.jwtenforce` has no check below it/],
      [
        [ENFORCE, CHECK],
        'api',
        /OAUTH_CHECKED_ELSEWHERE: names `api`, which may be `frontend api` and `backend api`; write/,
      ],
      [
        [ENFORCE, CHECK],
        'backend api',
        /OAUTH_CHECKED_ELSEWHERE: names `backend api`, where each action of jwtverify has its check/,
      ],
      [
        [ENFORCE, CHECK],
        'listen api',
        /OAUTH_CHECKED_ELSEWHERE: names `listen api`, where each action of jwtverify has its check/,
      ],
    ] as const) {
      const options = withMore(more(inBackend), [ENFORCE], { OAUTH_CHECKED_ELSEWHERE: named });
      const { code, output } = await checkHaproxy(suite, options);
      expect([named, code, output]).toEqual([
        named,
        message === undefined ? 0 : 1,
        message === undefined ? expect.not.stringContaining('jwtverify:') : expect.stringMatching(message),
      ]);
    }
  });

  test('S1: accepts a backend that refuses everybody, where only authorized requests reach another', async () => {
    const routed = (route: string, refused: string): string =>
      `frontend routed\n  ${ENFORCE}\n  ${route}\n  default_backend refused\nbackend refused\n  ${refused}\n`;
    const [route, deny] = ['use_backend apiservers if { var(txn.authorized) -m bool }', 'http-request deny'];
    for (const [more, expected] of [
      [routed(route, deny), 0],
      [routed(route, CHECK), 0],
      [routed(`${route} or { path /x }`, deny), 1],
      [routed(route.replace(' if ', ' unless '), deny), 1],
      [routed(route, `${deny} if { path /x }`), 1],
      [routed(route, 'http-request allow if METH_GET\n  http-request deny'), 1],
    ] as const) {
      const { code, output } = await checkHaproxy(suite, withMore(more, ['http-request deny']));
      expect([more, code, output.includes('has no check below it in `routed`')]).toEqual([
        more,
        expected,
        expected === 1,
      ]);
    }
  });

  test('S1: refuses to judge again what a rule has changed, for the first answer stays when the second is ended', async () => {
    for (const [rule, expected] of [
      ['set-path /admin', 1],
      ['set-method POST', 1],
      ['set-header Authorization x', 1],
      ['del-header ^x -m reg', 1],
      ['set-header X-A b', 0],
      ['deny if { path /x }', 0],
    ] as const) {
      const { code, output } = await checkHaproxy(
        suite,
        optionsFor([ENFORCE, CHECK, `http-request ${rule}`, ENFORCE, CHECK]),
      );
      const isNamed = /cfg:\d+: `http-request lua\.jwtenforce` judges again what a rule above it/.test(output);
      expect([rule, code, isNamed]).toEqual([rule, expected, expected === 1]);
    }
  });

  test('S1: refuses a cached page between an action and its check', async () => {
    const cache = 'cache pages\n  total-max-size 4\n  max-age 60\n';
    for (const [rules, expected] of [
      [[ENFORCE, 'http-request cache-use pages', CHECK], 1],
      [[ENFORCE, CHECK, 'http-request cache-use pages'], 0],
    ] as const) {
      const { code, output } = await checkHaproxy(suite, withMore(cache, rules));
      expect([code, output.includes('has no check below it in `api`')]).toEqual([expected, expected === 1]);
    }
  });

  test('S1: reads ten thousand lines of one `acl` in no noticeable time', async () => {
    const lines = Array.from({ length: 10_000 }, (_, place) => `acl open path /p${String(place)}`);
    const rules = [...lines, 'acl ok var(txn.authorized) -m bool', VERIFY, 'http-request deny unless open or ok'];
    const { code, output } = await checkHaproxy(suite, optionsFor(rules));
    expect([code, output]).toEqual([0, expect.not.stringContaining('jwtverify:')]);
  });

  test('S1: refuses a condition on a header beside a policy, which may remove the header', async () => {
    for (const [condition, withPolicy, expected] of [
      ['req.hdr(origin) -m beg app', true, 1],
      ['req.cook(session) -m found', true, 1],
      ['req.hdr(host) -i api.example', true, 0],
      ['req.hdr(origin) -m beg app', false, 0],
      ['req.cook(session) -m found', false, 0],
    ] as const) {
      const rules = [`${ENFORCE} if { ${condition} }`, `http-request deny if { ${condition} } !${AUTHORIZED}`];
      const { code, output } = await checkHaproxy(suite, withPolicy ? optionsWithPolicy(rules) : optionsFor(rules));
      expect([condition, code, output.includes('has no check below it')]).toEqual([
        condition,
        expected,
        expected === 1,
      ]);
    }
  });

  test('S3: names an `allow` above an action, whose requests keep what they say of themselves', async () => {
    const allow = 'http-request allow if { path /health }';
    for (const [rules, count] of [
      [[allow, ENFORCE, CHECK], 1],
      [[allow, ENFORCE, CHECK, allow, ENFORCE, CHECK], 2],
      [[VERIFY, allow, CHECK], 0],
      [[allow], 0],
    ] as const) {
      const haproxy = await startHaproxy(suite, optionsFor(rules));
      const output = haproxy.output();
      await haproxy.stop();
      // HAProxy 2.6 writes to the standard error too while it starts.
      const notices = new Set(
        [...output.matchAll(/cfg:(\d+): `http-request allow` is above `lua\.jwtenforce` in `api`/g)].map(
          ([, line]) => line,
        ),
      );
      expect([rules, notices.size]).toEqual([rules, count]);
    }
  });

  test('S3: names an action with a condition, for what the other requests keep', async () => {
    const condition = `${ENFORCE} if { path_beg /api }`;
    const [headers, upgrade] = ['keeps the headers that the policy removes or sets', 'keeps `Upgrade`, and a backend'];
    const tunnel = 'may be a `CONNECT`, and a backend';
    const [noUpgrade, noConnect] = ['http-request del-header Upgrade', 'http-request deny if METH_CONNECT'];
    for (const [rules, optionsOf, kept] of [
      [[condition, CHECK], optionsWithPolicy, [headers]],
      [[ENFORCE, CHECK], optionsWithPolicy, []],
      [[condition, CHECK, ENFORCE, CHECK], optionsWithPolicy, []],
      [[condition, CHECK], optionsFor, [upgrade, tunnel]],
      [[ENFORCE, CHECK], optionsFor, []],
      [[noUpgrade, condition, CHECK], optionsFor, [tunnel]],
      [[noConnect, condition, CHECK], optionsFor, [upgrade]],
      [[noUpgrade, noConnect, condition, CHECK], optionsFor, []],
      [[noUpgrade, 'http-request reject if { method CONNECT }', condition, CHECK], optionsFor, []],
      [[noUpgrade, `${noConnect} METH_GET`, condition, CHECK], optionsFor, [tunnel]],
      [['http-request del-header Upgrade if METH_GET', noConnect, condition, CHECK], optionsFor, [upgrade]],
      [['http-request deny if { req.hdr(upgrade) -m found }', noConnect, condition, CHECK], optionsFor, []],
      [['http-request deny if { req.hdr(upgrade) h2c }', noConnect, condition, CHECK], optionsFor, [upgrade]],
    ] as const) {
      const haproxy = await startHaproxy(suite, optionsOf(rules));
      const output = haproxy.output();
      await haproxy.stop();
      // HAProxy may write a line of the start to its log besides.
      const lines = output.matchAll(
        /cfg:\d+: `http-request lua\.jwtenforce` has a condition: every other request (.*)/g,
      );
      const named = [...new Set([...lines].map(([, effect]) => effect))];
      const expected = kept.map((effect) => expect.stringContaining(effect) as unknown);
      expect([rules, named]).toEqual([rules, expected]);
    }
  });
});
