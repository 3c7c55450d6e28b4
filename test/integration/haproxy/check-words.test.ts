// What HAProxy's start reads as HAProxy does: quotes within arguments, `.if` blocks, and which files there are.
import { describe, expect, test } from 'vitest';
import { checkHaproxy, failHaproxy, type HaproxyOptions } from '../helpers/haproxy-server';
import { SUITES } from '../helpers/suite';

const AUTHORIZED = '{ var(txn.authorized) -m bool }';
const CHECK = `http-request deny deny_status 503 unless ${AUTHORIZED}`;
const PARTLY = `http-request deny if METH_POST !${AUTHORIZED}`;
const VERIFY = 'http-request lua.jwtverify';
const ENFORCE = 'http-request lua.jwtenforce';

const ISSUER = 'https://issuer.example';
const SETTINGS = {
  OAUTH_ISSUER: ISSUER,
  OAUTH_AUDIENCE: 'https://api.example',
  OAUTH_HMAC_SECRET: 'a secret of thirty-two characters',
};

function optionsFor(rules: readonly string[], global: readonly string[] = []): HaproxyOptions {
  return { rules, global, settings: SETTINGS, isCheckedByItself: true };
}

/** An action and its check, below `lines`. */
const judgedBelow = (...lines: readonly string[]): readonly string[] => [...lines, ENFORCE, CHECK];

const LINES: readonly (readonly [what: string, rules: readonly string[], problem: RegExp])[] = [
  [
    'sets the variable of the check by an argument in quotes',
    judgedBelow(`http-request set-var(txn.x) "bool(true),set-var('txn.authorized')"`),
    /: sets a variable of jwtverify/,
  ],
  [
    'sets it by an argument with quotes in the middle',
    judgedBelow(`http-request set-var(txn.x) 'bool(true),set-var(txn."authorized")'`),
    /: sets a variable of jwtverify/,
  ],
  [
    'reads the status by an argument in quotes',
    [VERIFY, PARTLY, `http-request deny if { 'var(txn.oa"ut"h_status)' -m int 401 }`],
    /has no check below it in `api`/,
  ],
  [
    'adds to an `acl`, behind a section that may not begin',
    ['acl ok path /open', '.if defined(NOPE)', 'cache pages', '  total-max-size 4', '.endif'].concat([
      'acl ok var(txn.authorized) -m bool',
      ENFORCE,
      'http-request deny unless ok',
    ]),
    /cfg:\d+: the `\.if` block in which a section begins ends above this line/,
  ],
  [
    'judges, behind a frontend that may not begin',
    ['.if defined(NOPE)', 'frontend other', '  bind 127.0.0.1:8097', '.endif', ENFORCE, CHECK],
    /cfg:\d+: the `\.if` block in which a section begins ends above this line/,
  ],
];

const SETS = /cfg:\d+: sets a variable of jwtverify/;
/** The last section, which the lines of the frontend are followed by. */
const REST = ['frontend rest', '  bind 127.0.0.1:8094', '  http-request deny'];
const RESOLVERS = ['resolvers r', '  nameserver a 127.0.0.1:53', ...REST];
const EARLY_LOG = 'log-format "%[bool(true),set-var(txn.authorized)]"';

/** Lines that set a variable of the check, in every other way that HAProxy has. */
const SETTERS: readonly (readonly [line: string, more: readonly string[]])[] = [
  ['http-request do-resolve(txn.authorized,r,ipv4) str(a.example)', RESOLVERS],
  ['http-request do-resolve("txn.authorized",r,ipv4) str(a.example)', RESOLVERS],
  ['tcp-request content do-resolve(txn.authorized,r,ipv4) str(a.example)', RESOLVERS],
  ['tcp-request content set-var(txn.authorized) bool(true)', []],
  ['http-request set-var-fmt(txn.oauth_status) 200', []],
  ['http-request set-var(txn.x) str(a),concat(-,txn.y,-),set-var(txn.oauth_scopes)', []],
  ['http-response set-var(txn.authorized) bool(true)', []],
  ['http-request return status 200 if { bool(true),set-var(txn.authorized) -m found } { always_false }', []],
  ['unique-id-format "%[bool(true),set-var(txn.authorized)]"', []],
];
/** Those of HAProxy 3.1 and later, which can log before a request is over. */
const LOGGERS: readonly (readonly [line: string, more: readonly string[]])[] = [
  [EARLY_LOG, ['frontend more', '  bind 127.0.0.1:8095', '  http-request do-log', '  http-request deny']],
  ['http-request do-log', ['log-profile p', '  on http-req format "%[bool(true),set-var(txn.authorized)]"', ...REST]],
];
/** Lines that only read such a variable, or another one. */
const READS: readonly string[] = [
  'http-request set-var(txn.x) var(txn.authorized)',
  'http-request set-header X-A %[str(a),concat(-,txn.oauth_status,-)]',
  'http-request set-var(txn.authorized_since) date',
  'log-format "txn.authorized=%[var(txn.authorized)] (txn.authorized, txn.oauth_status)"',
  EARLY_LOG,
];

describe.each(SUITES)('HAProxy of %s', (suite) => {
  test.each(suite === 'sid' ? [...SETTERS, ...LOGGERS] : SETTERS)(
    'S1: refuses a line that sets a variable of the check: %s',
    async (line, more) => {
      const { code, output } = await checkHaproxy(suite, optionsFor([...judgedBelow(line), ...more]));
      expect([code, output]).toEqual([1, expect.stringMatching(SETS)]);
    },
  );

  test.each(READS)('S1: starts with a line that reads one, or sets another: %s', async (line) => {
    const { code, output } = await checkHaproxy(suite, optionsFor(judgedBelow(line)));
    expect([code, output]).toEqual([0, expect.not.stringContaining('jwtverify:')]);
  });

  test.each(LINES)('S1: refuses a line that %s', async (_, rules, problem) => {
    const { code, output } = await checkHaproxy(suite, optionsFor(rules));
    expect([code, output]).toEqual([1, expect.stringMatching(problem)]);
  });

  test('S1: starts where a whole section is in a `.if` block, and where quotes set nothing of jwtverify', async () => {
    for (const rules of [
      judgedBelow(`http-request set-var(txn.x) "bool(true),set-var('txn.mine')"`),
      [
        ENFORCE,
        CHECK,
        '.if defined(NOPE)',
        'frontend other',
        '  bind 127.0.0.1:8097',
        '  http-request deny',
        '.endif',
      ].concat(['frontend more', '  bind 127.0.0.1:8096', '  http-request deny']),
    ]) {
      const { code, output } = await checkHaproxy(suite, optionsFor(rules));
      expect([code, output]).toEqual([0, expect.not.stringContaining('jwtverify:')]);
    }
  });

  test.each(['unsetenv HAPROXY_CFGFILES', 'setenv HAPROXY_CFGFILES /etc/hostname', 'resetenv PATH'])(
    'S1: reads the files of HAProxy whatever the configuration does to the environment: %s',
    async (line) => {
      const { code, output } = await failHaproxy(suite, optionsFor([ENFORCE], [line]));
      expect([code, output]).toEqual([1, expect.stringContaining('has no check below it in `api`')]);
    },
  );

  test.each([
    ['OAUTH_ISUER', 1, /cfg:\d+: `setenv OAUTH_ISUER` sets nothing, .*did you mean `OAUTH_ISSUER`\?/],
    ['OAUTH_JWKS_URI', 1, /did you mean `OAUTH_JWKS_URL`\?/],
    ['OAUTH_AUDIENCES', 1, /did you mean `OAUTH_AUDIENCE`\?/],
    ['OAUTH_PROXY_NAME', 0, undefined],
    ['OAUTH_ISSUER2', 0, undefined],
  ] as const)('names a `setenv` that is nearly a setting: %s', async (name, expected, problem) => {
    // A line of the configuration itself reads the last one.
    const rules =
      name === 'OAUTH_ISSUER2' ? judgedBelow('http-request set-header X-A "$OAUTH_ISSUER2"').slice(0, 1) : [];
    const { code, output } = await checkHaproxy(suite, optionsFor([ENFORCE, CHECK, ...rules], [`setenv ${name} x`]));
    expect([code, output]).toEqual([
      expected,
      problem === undefined ? expect.not.stringContaining('cannot start') : expect.stringMatching(problem),
    ]);
  });

  test.each([
    ['OAUTH_DENY_PTAH', [], {}, /OAUTH_DENY_PTAH: has no effect, .*did you mean `OAUTH_DENY_PATH`\?/],
    ['OAUTH_AUDIENCES', [], {}, undefined],
    ['OAUTH_PROXY_NAME', [], {}, undefined],
    ['OAUTH_DENY_PTAH', ['http-request set-header X-A "$OAUTH_DENY_PTAH"'], {}, undefined],
    ['OAUTH_DENY_PTAH', ['http-request set-header X-A %[env(OAUTH_DENY_PTAH)]'], {}, undefined],
    ['OAUTH_DENY_PTAH', [], { OAUTH_DENY_PATH: 'DIRECTORY/denied' }, undefined],
  ] as const)(
    'names a variable of the environment that is nearly a setting which is not set: %s %j %j',
    async (name, rules, more, problem) => {
      const options = optionsFor([ENFORCE, CHECK, ...rules]);
      const env = { [name]: 'x', ...more };
      const { code, output } = await checkHaproxy(suite, {
        ...options,
        files: { ...options.files, denied: '' },
        env,
        hasProc: true,
      });
      expect([code, output]).toEqual([
        problem === undefined ? 0 : 1,
        problem === undefined ? expect.not.stringContaining('jwtverify:') : expect.stringMatching(problem),
      ]);
    },
  );

  test.each([
    ['OAUTH_HMAC_SECRET_1', 'OAUTH_HMAC_SECRET_1', 0, expect.not.stringContaining('sets nothing')],
    ['MY_SECRET', 'OAUTH_HMAC_SECRET_1', 1, expect.stringMatching(/did you mean `OAUTH_HMAC_SECRET`\?/)],
  ] as const)('accepts a name that the policy gives a secret: %s', async (named, set, expected, said) => {
    const secret = 'a secret of thirty-two characters';
    const issuer = { issuer: ISSUER, audiences: ['https://api.example'], keys: { secret_env: named } };
    const { code, output } = await checkHaproxy(suite, {
      rules: [ENFORCE, CHECK],
      global: [`setenv ${set} "${secret}"`],
      settings: { OAUTH_POLICY: 'DIRECTORY/policy.json' },
      files: { 'policy.json': JSON.stringify({ issuers: [issuer], otherwise: 'authenticated' }) },
      env: { MY_SECRET: secret },
      isCheckedByItself: true,
    });
    expect([code, output]).toEqual([expected, said]);
  });
});
