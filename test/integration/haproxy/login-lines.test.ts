// What of a configuration would keep browsers from signing in: the start finds it, and so does `haproxy -c`.
import { describe, expect, test } from 'vitest';
import { checkHaproxy } from '../helpers/haproxy-server';
import { CLIENT_SECRET } from '../helpers/login-configuration';
import { COOKIE_SECRET, policyFor, RULES } from '../helpers/login-haproxy';
import { SUITES } from '../helpers/suite';

const ISSUER = 'http://127.0.0.1:9';
const GLOBAL = ['tune.maxrewrite 8192', 'tune.bufsize 32768'];
const [SERVICE = '', ENFORCE = '', CHECK = '', SESSION = ''] = RULES;
const WITHOUT = JSON.stringify({ ...policyFor({ issuer: ISSUER }, {}), login: undefined, rules: undefined });

interface Case {
  readonly title: string;
  readonly rules?: readonly string[];
  readonly global?: readonly string[];
  readonly policy?: string;
  /** Lines of several sections instead, by their first lines. */
  readonly sections?: Readonly<Record<string, readonly string[]>>;
  /** Undefined: it starts. */
  readonly problem?: string | RegExp;
}

const CASES: readonly Case[] = [
  { title: 'accepts the recommended lines' },
  {
    title: 'accepts any condition that names the prefix',
    rules: ['acl own path -m beg /oauth2/', 'http-request use-service lua.jwtlogin if own', ENFORCE, CHECK, SESSION],
  },
  {
    title: 'names the service that is missing',
    rules: [ENFORCE, CHECK, SESSION],
    problem: 'put `http-request use-service lua.jwtlogin if { path_beg /oauth2/ }` above this line',
  },
  {
    title: 'names the service that is for another prefix',
    rules: ['http-request use-service lua.jwtlogin if { path_beg /login/ }', ENFORCE, CHECK, SESSION],
    problem: 'is for other paths than those of `login`',
  },
  {
    title: 'names the service that is below the action',
    rules: [ENFORCE, CHECK, SERVICE, SESSION],
    problem: 'is below an action of jwtverify',
  },
  {
    title: 'names the line for responses that is missing',
    rules: [SERVICE, ENFORCE, CHECK],
    problem: 'put `http-response lua.jwtsession` into this section',
  },
  {
    title: 'accepts the lines in each frontend',
    sections: { 'frontend a': RULES, 'frontend b': RULES },
  },
  {
    title: 'names the service and the line for responses that another frontend has',
    sections: { 'frontend a': RULES, 'frontend b': [ENFORCE, CHECK] },
    problem: /no line of `b` answers its paths[\s\S]*no line of `b` gives a refreshed session/,
  },
  {
    title: 'accepts an action in a backend below the lines of its frontend',
    sections: { 'frontend a': [SERVICE, SESSION, 'default_backend apps'], 'backend apps': [ENFORCE, CHECK] },
  },
  {
    title: 'accepts the line for responses in each backend, and the lines of a defaults section',
    sections: {
      'defaults judged': ['mode http', 'timeout connect 5s', 'timeout client 5s', 'timeout server 5s', ...RULES],
      'frontend a from judged': ['default_backend apps'],
      'defaults plain': ['mode http', 'timeout connect 5s', 'timeout client 5s', 'timeout server 5s'],
      'frontend b from plain': [SERVICE, ENFORCE, CHECK, 'default_backend apps'],
      'backend apps from plain': [SESSION],
    },
  },
  {
    title: 'names the line for responses that one of two backends lacks',
    sections: {
      'frontend b': [SERVICE, ENFORCE, CHECK, 'use_backend more if { path /more }', 'default_backend apps'],
      'backend apps': [SESSION],
      'backend more': [],
    },
    problem: 'no line of `b` gives a refreshed session to its browser',
  },
  { title: 'names the room that is missing', global: [], problem: 'put `tune.maxrewrite 8192`' },
  { title: 'names too little room', global: ['tune.maxrewrite 2048'], problem: 'put `tune.maxrewrite 8192`' },
  { title: 'names lines that are of no use', policy: WITHOUT, problem: 'has no effect, for the policy has no `login`' },
  { title: 'accepts a policy without login', policy: WITHOUT, rules: [ENFORCE, CHECK], global: [] },
];

/** A configuration of these sections; each `frontend` has a port of nobody. */
function configurationOf(sections: Readonly<Record<string, readonly string[]>>): string {
  const common = ['mode http', 'timeout connect 5s', 'timeout client 5s', 'timeout server 5s'];
  const all = {
    global: [...GLOBAL, 'setenv OAUTH_POLICY DIRECTORY/policy.json', 'lua-load DIRECTORY/jwtverify.lua'],
    defaults: common,
    ...sections,
  };
  return Object.entries(all)
    .map(([first, lines]) => {
      const bind = first.startsWith('frontend') ? ['bind abns@PORT-' + first.replaceAll(' ', '-')] : [];
      return [first, ...bind, ...lines].join('\n  ') + '\n';
    })
    .join('');
}

describe.each(SUITES)('HAProxy of %s', (suite) => {
  test.each(CASES)('$title', async ({ rules, global, policy, sections, problem }) => {
    const outcome = await checkHaproxy(suite, {
      settings: { OAUTH_POLICY: 'DIRECTORY/policy.json' },
      files: { 'policy.json': policy ?? JSON.stringify(policyFor({ issuer: ISSUER }, {})) },
      env: { CLIENT_SECRET, COOKIE_SECRET },
      global: global ?? GLOBAL,
      rules: rules ?? RULES,
      isCheckedByItself: true,
      ...(sections === undefined ? {} : { configuration: configurationOf(sections) }),
    });
    if (problem === undefined) expect(outcome).toMatchObject({ code: 0 });
    else expect(outcome.output).toMatch(problem);
    expect(outcome.code).toBe(problem === undefined ? 0 : 1);
  });
});
