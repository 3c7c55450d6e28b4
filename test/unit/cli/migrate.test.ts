// `jwtverify migrate oauth2-proxy`: options in each of their forms, what becomes of them, and nothing that is weaker.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { migrate, type MigrateOptions } from '../../../cli/commands/migrate';
import { readObject } from '../../../cli/desk/claims';
import { judgeAtDesk } from '../../../cli/desk/judge';
import { findKeys } from '../../../cli/desk/keys';
import { compileDeployment } from '../../../cli/desk/placeholders';
import { readRequest } from '../../../cli/desk/request';
import { createRecorder } from './recorder';

const folders: string[] = [];
afterAll(() => {
  for (const one of folders) rmSync(one, { recursive: true });
});

const OPTIONS: MigrateOptions = {
  to: undefined,
  directory: '.',
  listen: '8080',
  njs: '1.0',
  module: undefined,
  issuer: undefined,
  audience: [],
};

const NOW = 1_800_000_000;

interface Result {
  readonly folder: string;
  readonly code: number;
  readonly printed: string;
  readonly policy: Readonly<Record<string, unknown>>;
}

function migrated(source: string | readonly string[], changes: Partial<MigrateOptions> = {}): Result {
  const folder = mkdtempSync(join(tmpdir(), 'migrate-'));
  folders.push(folder);
  const paths = [source].flat().map((text, index) => {
    const path = join(folder, `source${String(index)}`);
    writeFileSync(path, text);
    return path;
  });
  const recorder = createRecorder();
  const options = { ...OPTIONS, directory: join(folder, 'out'), ...changes };
  const code = migrate('oauth2-proxy', paths, options, recorder.output);
  const policy = JSON.parse(readFileSync(join(folder, 'out/policy.json'), 'utf8')) as Result['policy'];
  return { folder: join(folder, 'out'), code, printed: recorder.stdout(), policy };
}

async function reasonFor({ folder }: Result, claims: object, request = 'GET /a'): Promise<string> {
  const { settings } = compileDeployment(join(folder, 'policy.json'), '');
  const { keySets } = await findKeys(settings, false, NOW);
  const [method = '', path = ''] = request.split(' ');
  const presented = { kind: 'claims', claims: readObject(JSON.stringify({ exp: NOW + 60, ...claims }), '') } as const;
  const question = {
    settings,
    keySets,
    request: readRequest(method, path, []),
    presented,
    allowedGroups: '',
    now: NOW,
  };
  return (await judgeAtDesk(question)).ruling.decision.reason;
}

const EMISSARY = `
config:
  configFile: false
extraArgs:
  provider: entra-id
  prefer-email-to-user: true
  allowed-group: g1,g2
  client-secret: 00000000-0000-0000-0000-000000000000
  client-id: client
  oidc-issuer-url: https://login.microsoftonline.com/tenant/v2.0
  extra-jwt-issuers: https://sts.windows.net/tenant/=client
  skip-jwt-bearer-tokens: true
  set-xauthrequest: true
  cookie-secret: 1ZCX4DyXFQLU3T8qiEKRattEkokjP-OjACB5wPwAxBo=
  upstream: static://200
  api-route: '^/protected-api/(.*)$'
  email-domain: '*'
`;
const KYMA = `helm upgrade --install oauth2-proxy --namespace oauth2-proxy oauth2-proxy/oauth2-proxy \\
  --set config.clientID="client" \\
  --set config.cookieName="" \\
  --set extraArgs.provider=oidc \\
  --set extraArgs.login-url="static://401" \\
  --set extraArgs.force-json-errors="true" \\
  --set extraArgs.oidc-issuer-url="https://tenant.example" \\
  --set extraArgs.whitelist-domain="*.example.com:*"`;
const KEYCLOAK = `
services:
  secured-app:
    environment:
      OAUTH2_PROXY_UPSTREAMS: http://localhost:8501/
      OAUTH2_PROXY_PROVIDER: keycloak-oidc
      OAUTH2_PROXY_OIDC_ISSUER_URL: http://localhost:8080/realms/myrealm
      OAUTH2_PROXY_CLIENT_ID: myclient
      OAUTH2_PROXY_CLIENT_SECRET: npXBg26U4NjbhC4lms42xvikvXaHNDlR
      OAUTH2_PROXY_EMAIL_DOMAINS: '*'
      OAUTH2_PROXY_REDIRECT_URL: http://localhost/oauth2/callback
      OAUTH2_PROXY_COOKIE_SECRET: Ie1OKaRV4-CpoTSTw7WuKSg3iUENTY6YO7yPEytUBk4=
      OAUTH2_PROXY_COOKIE_DOMAINS: "localhost"
`;

describe('the configurations of the documents', () => {
  test('Emissary and Entra ID: both issuers, any of the groups, no login', async () => {
    const result = migrated(EMISSARY);
    expect(result.code).toBe(0);
    for (const iss of ['https://login.microsoftonline.com/tenant/v2.0', 'https://sts.windows.net/tenant/']) {
      const claims = { iss, aud: 'client', sub: 'ada', email: 'ada@a.example' };
      expect(await reasonFor(result, { ...claims, groups: ['g2'] })).toBe('');
      expect(await reasonFor(result, { ...claims, groups: ['g3'] })).toBe('groups_refused');
    }
    expect(result.policy).not.toHaveProperty('login');
  });

  test('Kyma: values of the chart on a command line, whose own file lets every email domain in', async () => {
    const result = migrated(KYMA);
    expect([result.code, result.printed.includes('namespace')]).toEqual([0, false]);
    expect(await reasonFor(result, { iss: 'https://tenant.example', aud: 'client', sub: 'machine' })).toBe('');
    expect(await reasonFor(result, { iss: 'https://tenant.example', aud: 'other', sub: 'machine' })).toBe(
      'audience_refused',
    );
  });

  test('Keycloak: a compose file; browsers sign in, and no secret is copied', () => {
    const { policy, folder } = migrated(KEYCLOAK, { to: 'nginx' });
    expect(policy['login']).toMatchObject({ client_id: 'myclient', redirect_uri: 'http://localhost/oauth2/callback' });
    const all = ['policy.json', 'nginx.conf', 'jwtverify-forward.conf'].map((name) =>
      readFileSync(join(folder, name), 'utf8'),
    );
    expect(all.join('')).not.toMatch(/npXBg26U|Ie1OKaRV/);
    expect(all[1]).toContain('server localhost:8501;');
  });
});

/** Document 003's, which has its flags in one file and its variables in another. */
const SUPERVISOR = `[program:keycloak]
command=./keycloak/bin/kc.sh start-dev

[program:proxy]
# Keycloak runs a build step after startup that takes a while
command=bash -c 'sleep 15 && /oauth2-proxy-v7.4.0/oauth2-proxy --cookie-secure=false "--scope=openid profile groups"'

[program:app1]
command=streamlit run app1.py --server.port 8501 --server.baseUrlPath=/app1
`;

describe('options in several files', () => {
  test('variables of a compose file, and flags of supervisord', () => {
    const { policy, printed, code } = migrated([KEYCLOAK, SUPERVISOR]);
    expect([code, printed.includes('server')]).toEqual([0, false]);
    expect(policy['login']).toMatchObject({ scopes: ['openid', 'profile', 'groups'], cookie: { secure: false } });
  });

  test('the last file that names an option counts', () => {
    const { policy } = migrated([KEYCLOAK, '--client-id=other --email-domain=zoo.example']);
    expect(policy['login']).toMatchObject({ client_id: 'other' });
    expect(policy['rules']).toMatchObject([{ require: { email_domains: ['zoo.example'] } }]);
  });

  test('each has options of OAuth2-Proxy, and other systems have one file', () => {
    expect(() => migrated([KEYCLOAK, 'nothing'])).toThrow('source1: has no option of OAuth2-Proxy');
    const asked = (): number => migrate('nginx-plus', ['a', 'b'], OPTIONS, createRecorder().output);
    expect(asked).toThrow('nginx-plus is read from one file');
  });
});

describe('sign-in', () => {
  test('names that OAuth2-Proxy ignores are said to be none', () => {
    const { code, printed } = migrated(`${KEYCLOAK}      OAUTH2_PROXY_COOKIES_SECURE: false\n`);
    expect([code, printed.includes('cookies-secure: is no option of OAuth2-Proxy')]).toEqual([0, true]);
  });

  test('endpoints that are given are used, and no others', () => {
    const urls = ['LOGIN_URL: http://a.example/auth', 'REDEEM_URL: http://a.example/token'];
    const lines = urls.map((line) => `      OAUTH2_PROXY_${line}\n`).join('');
    const endpoints = { authorization_endpoint: 'http://a.example/auth', token_endpoint: 'http://a.example/token' };
    expect(migrated(KEYCLOAK + lines).policy['login']).toMatchObject({ endpoints });
    const none = migrated(`${KEYCLOAK}      OAUTH2_PROXY_LOGIN_URL: static://401\n`);
    expect(none.policy['login']).not.toHaveProperty('endpoints');
  });

  test('roles of Keycloak are those of the access token', () => {
    const { policy } = migrated(`${KEYCLOAK}      OAUTH2_PROXY_ALLOWED_ROLES: keeper\n`);
    expect(policy['login']).toMatchObject({ claims_from: ['id_token', 'access_token'] });
  });
});

const FLAGS = '--provider=oidc --oidc-issuer-url=https://a.example/ --client-id=api';
const ADA = { iss: 'https://a.example/', aud: 'api', sub: 'ada', email: 'ada@a.example' };

describe('each form of the options', () => {
  test.each([
    ['flags', `oauth2-proxy ${FLAGS} --email-domain=*`],
    [
      'flags with blanks',
      'oauth2-proxy --provider oidc --oidc-issuer-url https://a.example/ --client-id api --email-domain "*"',
    ],
    [
      'variables',
      'OAUTH2_PROXY_PROVIDER=oidc\nexport OAUTH2_PROXY_OIDC_ISSUER_URL="https://a.example/"\nOAUTH2_PROXY_CLIENT_ID=api\nOAUTH2_PROXY_EMAIL_DOMAINS=*',
    ],
    [
      'TOML',
      'provider = "oidc"\noidc_issuer_url = "https://a.example/"\nclient_id = "api"\nemail_domains = ["*"]\nhttp_address = "0.0.0.0:4180"',
    ],
    [
      'arguments of a pod',
      'spec:\n  containers:\n    - args:\n        - --provider=oidc\n        - --oidc-issuer-url=https://a.example/\n        - --client-id=api\n        - --email-domain=*',
    ],
    [
      'variables of a pod',
      'env:\n  - name: OAUTH2_PROXY_PROVIDER\n    value: oidc\n  - name: OAUTH2_PROXY_OIDC_ISSUER_URL\n    value: https://a.example/\n  - name: OAUTH2_PROXY_CLIENT_ID\n    value: api\n  - name: OAUTH2_PROXY_EMAIL_DOMAINS\n    value: "*"',
    ],
    [
      'a list of variables',
      'environment:\n  - OAUTH2_PROXY_PROVIDER=oidc\n  - OAUTH2_PROXY_OIDC_ISSUER_URL=https://a.example/\n  - OAUTH2_PROXY_CLIENT_ID=api\n  - OAUTH2_PROXY_EMAIL_DOMAINS=*',
    ],
    [
      'a file within the values of a chart',
      'config:\n  clientID: api\n  configFile: |-\n    provider = "oidc"\n    oidc_issuer_url = "https://a.example/"\n    email_domains = [ "*" ]',
    ],
  ])('%s', async (_, source) => {
    const result = migrated(source);
    expect(await reasonFor(result, ADA)).toBe('');
    expect(await reasonFor(result, { ...ADA, aud: 'other' })).toBe('audience_refused');
  });
});

const UNIT = `[Unit]
Description=OAuth2-Proxy
[Service]
  User=proxy
ExecStart=/usr/bin/oauth2-proxy ${FLAGS} --email-domain=* \\
`;
const PROGRAM = `[program:proxy]
command=/usr/bin/oauth2-proxy ${FLAGS} --email-domain=*
`;
const GIVEN = `${FLAGS} --email-domain=*`;
const CHART = `config:
  clientID: api
extraArgs:
  provider: oidc
  oidc-issuer-url: https://a.example/
`;

describe('a restriction is found wherever it is', () => {
  test.each([
    ['a line of systemd that goes on', `${UNIT}  --upstream=http://127.0.0.1:8080/ \\\n  --allowed-group=admins\n`],
    ['with a comment between', `${UNIT}# who may in\n  --allowed-group=admins\n`],
    [
      'a line of supervisord that goes on',
      `${PROGRAM}  --upstream=http://127.0.0.1:8080/\n\n  --allowed-group=admins\n`,
    ],
    ['variables of systemd', `${UNIT}\nEnvironment="A=b" OAUTH2_PROXY_ALLOWED_GROUPS=admins\n`],
    ['a variable of systemd in quotes', `${UNIT}\nEnvironment="OAUTH2_PROXY_ALLOWED_GROUPS=admins"\n`],
    ['variables of supervisord', `${PROGRAM}environment=A="b",OAUTH2_PROXY_ALLOWED_GROUPS="admins"\n`],
    ['variables of supervisord that go on', `${PROGRAM}environment=A="b",\n  OAUTH2_PROXY_ALLOWED_GROUPS="admins"\n`],
    ['variables before a command', `OAUTH2_PROXY_ALLOWED_GROUPS=admins oauth2-proxy ${GIVEN}`],
    ['variables of a container', `docker run -e OAUTH2_PROXY_ALLOWED_GROUPS=admins oauth2-proxy ${GIVEN}`],
    ['variables of an image', `FROM oauth2-proxy\nENV OAUTH2_PROXY_ALLOWED_GROUPS=admins\nCMD ${GIVEN}`],
    ['a command of a compose file', `services:\n  a:\n    command: ${GIVEN} --allowed-group=admins\n`],
    [
      'a list of arguments of a chart',
      `config:\n  clientID: api\nextraArgs: [${FLAGS.replaceAll(' ', ', ')}, --allowed-group=admins]`,
    ],
    [
      'a flag before a variable',
      `export OAUTH2_PROXY_ALLOWED_GROUPS=others\noauth2-proxy ${GIVEN} --allowed-group=admins`,
    ],
    [
      'a secret of Kubernetes',
      `args: [${GIVEN.replaceAll(' ', ', ')}]\n---\nkind: Secret\ndata:\n  OAUTH2_PROXY_ALLOWED_GROUPS: YWRtaW5z\n`,
    ],
    [
      'values with a comma between',
      `helm install a b --set config.clientID=api,extraArgs.provider=oidc --set extraArgs.oidc-issuer-url=https://a.example/,extraArgs.allowed-group={admins,keepers}`,
    ],
    [
      'values by an equals sign',
      'helm install a b --set=config.clientID=api --set=extraArgs.provider=oidc --set=extraArgs.oidc-issuer-url=https://a.example/ --set-string=extraArgs.allowed-group=admins',
    ],
  ])('%s', async (_, source) => {
    const result = migrated(source);
    expect(result.code).toBe(0);
    expect(await reasonFor(result, { ...ADA, groups: ['admins'] })).toBe('');
    expect(await reasonFor(result, { ...ADA, groups: ['users', 'others'] })).toBe('groups_refused');
  });

  test.each([
    ['a file of variables of systemd', `${UNIT}\nEnvironmentFile=-/etc/oauth2-proxy.env\n`, '/etc/oauth2-proxy.env'],
    ['a file of variables of a compose file', `${KEYCLOAK}    env_file: proxy.env\n`, 'proxy.env'],
    ['several of them', `${KEYCLOAK}    env_file:\n      - path: proxy.env\n        required: false\n`, 'proxy.env'],
    ['a file of variables of a container', `docker run --env-file proxy.env oauth2-proxy ${GIVEN}`, 'proxy.env'],
    ['a variable without a value', `${KEYCLOAK}      OAUTH2_PROXY_ALLOWED_GROUPS:\n`, 'OAUTH2_PROXY_ALLOWED_GROUPS'],
    ['one of a container', `docker run -e OAUTH2_PROXY_ALLOWED_GROUPS oauth2-proxy ${GIVEN}`, 'ALLOWED_GROUPS'],
    ['a configuration file', `oauth2-proxy --config=/etc/oauth2-proxy.cfg ${GIVEN}`, '/etc/oauth2-proxy.cfg'],
    ['one by a variable', `${KEYCLOAK}      OAUTH2_PROXY_CONFIG: /etc/oauth2-proxy.cfg\n`, '/etc/oauth2-proxy.cfg'],
    ['the newer configuration', `oauth2-proxy --alpha-config=/etc/alpha.yaml ${GIVEN}`, '/etc/alpha.yaml'],
    [
      'objects of a pod',
      `spec:\n  args: [${GIVEN.replaceAll(' ', ', ')}]\n  envFrom:\n    - configMapRef:\n        name: proxy\n`,
      'proxy',
    ],
    [
      'a variable of an object',
      `args: [${GIVEN.replaceAll(' ', ', ')}]\nenv:\n  - name: OAUTH2_PROXY_ALLOWED_GROUPS\n    valueFrom: {}\n`,
      'ALLOWED_GROUPS',
    ],
    [
      'values in another file',
      `helm install a b -f more.yaml --set config.clientID=api --set extraArgs.provider=oidc --set extraArgs.oidc-issuer-url=https://a.example/`,
      'more.yaml',
    ],
    ['a configuration of its own for a chart', CHART.replace('api', 'api\n  existingConfig: own'), 'own'],
  ])('or its place refuses everybody: %s', async (_, source, place) => {
    const result = migrated(source);
    expect([result.code, result.printed.includes(`${place}: may restrict who gets in`)]).toEqual([1, true]);
    const claims = { ...ADA, iss: 'http://localhost:8080/realms/myrealm', aud: 'myclient', groups: ['admins'] };
    const reason = await reasonFor(result, source.startsWith(KEYCLOAK) ? claims : { ...ADA, groups: ['admins'] });
    expect(reason).toBe('rule_refuses');
  });

  test('flags of OAuth2-Proxy that are called as those of Helm', async () => {
    const result = migrated(`oauth2-proxy ${GIVEN} --set-xauthrequest --set-authorization-header=true`);
    expect([result.code, await reasonFor(result, ADA)]).toEqual([0, '']);
  });

  test('a secret that is elsewhere restricts nobody', async () => {
    const args = `args: [${GIVEN.replaceAll(' ', ', ')}]`;
    const result = migrated(`${args}\nenv:\n  - name: OAUTH2_PROXY_COOKIE_SECRET\n    valueFrom: {}\n`);
    expect([result.code, await reasonFor(result, ADA)]).toEqual([0, '']);
  });

  test('a file that is given as well is here', async () => {
    const result = migrated([`${UNIT}\nEnvironmentFile=/etc/source1\n`, 'OAUTH2_PROXY_ALLOWED_GROUPS=admins\n']);
    expect(result.code).toBe(0);
    expect(await reasonFor(result, { ...ADA, groups: ['users'] })).toBe('groups_refused');
  });

  test('a chart with a list of emails, and a list for Google', async () => {
    const emails = `${CHART}authenticatedEmailsFile:\n  enabled: true\n  restricted_access: ada@a.example\n`;
    expect(await reasonFor(migrated(emails), ADA)).toBe('rule_refuses');
    const google = CHART.replace('api', 'api\n  google:\n    groups: [a@a.example]');
    expect(await reasonFor(migrated(google), ADA)).toBe('rule_refuses');
  });

  test('of several values of a chart each counts, and every email domain only where none names one', async () => {
    const base = CHART.replace('api', 'api\n  configFile: |-\n    email_domains = ["b.example"]');
    const more = 'config:\n  cookieName: other\n';
    expect(await reasonFor(migrated([CHART, more]), ADA)).toBe('');
    expect(await reasonFor(migrated([base, more]), ADA)).toBe('email_refused');
    expect(await reasonFor(migrated([more, base]), ADA)).toBe('email_refused');
  });
});

describe('restrictions', () => {
  test.each([
    ['a domain', '--email-domain=b.example', 'email_refused'],
    ['a role of the realm', '--provider=keycloak-oidc --allowed-role=admin --email-domain=*', 'roles_refused'],
    ['no domain at all', '', 'rule_refuses'],
    ['a file of emails', '--email-domain=* --authenticated-emails-file=/etc/emails', 'rule_refuses'],
    ['an option that may restrict', '--email-domain=* --allowed-somebody=x', 'rule_refuses'],
    ['a role of another client', '--email-domain=* --allowed-role=other:admin', 'rule_refuses'],
    ['a provider without tokens', '--email-domain=* --provider=github --github-org=acme', 'rule_refuses'],
  ])('%s', async (_, flags, reason) => {
    const roles = { realm_access: { roles: ['user'] }, resource_access: { api: { roles: ['admin'] } } };
    expect(
      await reasonFor(migrated(`${FLAGS} ${flags}`.replace(/--provider=oidc (?=.*--provider)/, '')), {
        ...ADA,
        ...roles,
      }),
    ).toBe(reason);
  });

  test('opens a route for its method and path, and nothing beside it', async () => {
    const routes = ['GET=^/health$', '^/open/', '^/a(b|c)', 'POST!=^/x'].map((route) => `--skip-auth-route=${route}`);
    const result = migrated(`${FLAGS} --email-domain=b.example '${routes.join("' '")}'`);
    const reasons = ['GET /health', 'POST /health', 'GET /healthy', 'GET /open/x', 'GET /opened', 'GET /ab', 'GET /x'];
    const found = await Promise.all(reasons.map((request) => reasonFor(result, ADA, request)));
    const no = 'email_refused';
    expect(found).toEqual(['', no, no, '', no, no, no]);
    expect([result.code, result.printed.includes('is no plain path')]).toEqual([1, true]);
  });
});

describe('migrate', () => {
  test('lists what was translated, what has no effect and what has no equal', () => {
    const { printed } = migrated(`${FLAGS} --email-domain=* --reverse-proxy=true --ssl-insecure-skip-verify=true`);
    expect(printed).toMatch(
      /translated:\n[\s\S]*oidc-issuer-url[\s\S]*without effect here:\n[\s\S]*reverse-proxy[\s\S]*without an equal:\n {2}ssl-insecure-skip-verify/,
    );
  });

  test('replaces nothing unless it is asked to, and writes nothing where the policy would have a problem', () => {
    const { folder } = migrated(`${FLAGS} --email-domain=*`);
    expect(() => migrated(`${FLAGS} --email-domain=*`, { directory: folder })).toThrow('exists already');
    const empty = join(folder, 'none');
    expect(() => migrated('--provider=oidc --client-id=api --email-domain=*', { directory: empty })).toThrow('issuer');
    expect(existsSync(empty)).toBe(false);
  });

  test('refuses what has no option of OAuth2-Proxy', () => {
    expect(() => migrated('hello: world\n')).toThrow('has no option');
  });
});
