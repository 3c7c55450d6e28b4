// docker-compose.yml unchanged, on the three Debian generations: the same request gets the same answer from HAProxy
// and nginx, with tokens that the composed issuer hands out.
import { beforeAll, describe, expect, test } from 'vitest';
import { fetchTokens, run, tamper, TRIES, type Tokens } from '../../examples/hamsters/tries.mjs';
import { addHamster, BROKERED, visitBroker, VISITS, visitPage } from '../../examples/hamsters/sign-in.mjs';
import { SUITES } from '../integration/helpers/suite';
import { composeUp, SERVICES, type Service, type Stack } from './stack';

/** What the log of a service has of the requests, but for those that the hamsters' API gets. */
const WITNESSES: Readonly<Partial<Record<Service, string>>> = {
  issuer: 'POST /token 200',
  apps: 'GET /app1/ 200',
  'haproxy-login': '/app1/',
  'nginx-login': '/app1/',
  broker: 'GET /callback/zoo ',
};
const PROXIES = ['haproxy', 'nginx'] as const;
const LOGINS = ['haproxy-login', 'nginx-login'] as const;
const TURBO = '/api/hamsters/turbo';

describe.each(SUITES)('docker compose on %s', (suite) => {
  let stack: Stack;
  let tokens: Tokens;
  /** Of the person who signed in at the broker. */
  let brokerToken = '';

  beforeAll(async () => {
    stack = await composeUp(suite);
    return () => stack.down();
  });
  beforeAll(async () => {
    tokens = await fetchTokens(stack.issuer, stack.secret);
  });

  describe.each(PROXIES)('%s', (proxy) => {
    test.each(TRIES)('A11, C7: $title: $method with the token of $caller is answered $status', async (one) => {
      const { status } = await run(one, stack[proxy], tokens);
      expect(status).toBe(one.status);
    });
  });

  test.each(TRIES.filter(({ status }) => status >= 400))('C7: both proxies refuse alike: $title', async (one) => {
    const [haproxy, nginx] = await Promise.all([run(one, stack.haproxy, tokens), run(one, stack.nginx, tokens)]);
    expect(challengeOf(haproxy.headers)).toEqual(challengeOf(nginx.headers));
    expect(challengeOf(haproxy.headers)).toMatch(/^Bearer/);
  });

  test.each(PROXIES)('%s hands on the identity of the token, not one that the client made up', async (proxy) => {
    const answer = await fetch(`${stack[proxy]}${TURBO}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokens.keeper}`,
        'x-oauth-subject': 'mallory',
        'x-oauth-scopes': 'admin',
      },
    });
    expect(await answer.json()).toEqual({
      added: 'turbo',
      identity: {
        'x-oauth-subject': 'keeper',
        'x-oauth-scopes': 'read:hamsters write:hamsters',
        authorization: 'present',
      },
    });
  });

  test.each(PROXIES)('%s refuses a token with the signature of another', async (proxy) => {
    const [header = '', payload = ''] = tokens.keeper.split('.');
    const [, , signature = ''] = tokens.visitor.split('.');
    const answer = await fetch(`${stack[proxy]}${TURBO}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${header}.${payload}.${signature}` },
    });
    expect(answer.status).toBe(401);
  });

  describe.each(LOGINS)('%s', (proxy) => {
    // The policy names the issuer's usual port.
    const reach = (url: string): string => url.replace(/^http:\/\/127\.0\.0\.1:3000(?=\/)/, stack.issuer);

    test.each(VISITS)('D4: $title: a page load of $path, signed in as $user, is answered $status', async (visit) => {
      const page = await visitPage(visit, stack[proxy], reach);
      expect([page.url, page.status]).toEqual([stack[proxy] + visit.path, visit.status]);
      if (visit.status === 200) expect(page.text).toContain(`<b id="user">${visit.user}</b>`);
    });

    test('a script without a session gets 401 and no redirect', async () => {
      const answer = await fetch(`${stack[proxy]}/app1/who`, { redirect: 'manual' });
      expect(answer.status).toBe(401);
    });
  });

  test('E1: HAProxy accepts by discovery what nginx minted for who signed in, and nothing else', async () => {
    // The policies name the usual ports.
    const usual = { '3000': stack.issuer, '8092': stack.broker, '8093': stack.zoo };
    const reach = (url: string): string =>
      Object.entries(usual).reduce(
        (before, [port, own]) => before.replace(`http://127.0.0.1:${port}/`, `${own}/`),
        url,
      );
    const { url, status, token } = await visitBroker('http://127.0.0.1:8092', 'test', reach);
    expect([url, status]).toEqual(['http://127.0.0.1:8093/zoo', 200]);
    brokerToken = token;
    const credentials = { none: undefined, person: token, tampered: tamper(token), keeper: tokens.keeper };
    for (const one of BROKERED) {
      const answer = await addHamster(stack.zoo, credentials[one.caller]);
      expect([one.title, answer.status]).toEqual([one.title, one.status]);
      if (one.status === 201) expect(await answer.text()).toContain('"x-auth-request-user":"test@zoo.example"');
    }
  });

  test.each(SERVICES)(
    '%s runs without root, on a read-only file system, and says that it is healthy',
    async (service) => {
      const container = await stack.inspect(service);
      expect((await stack.run(service, ['id', '-u'])).trim()).not.toBe('0');
      expect(container.HostConfig.ReadonlyRootfs).toBe(true);
      expect(container.State.Health?.Status).toBe('healthy');
    },
  );

  test.each(SERVICES)('no log line of %s holds a token, a signature or the secret of a client', async (service) => {
    const logs = await stack.logs(service);
    // The proof that there are logs of the requests above.
    expect(logs).toContain(WITNESSES[service] ?? TURBO);
    const pieces = Object.entries(tokens)
      .filter(([caller]) => caller !== 'garbage')
      .flatMap(([, token]) => token.split('.').slice(1));
    pieces.push(...brokerToken.split('.').slice(1));
    expect([...pieces, stack.secret, stack.cookieSecret, 'code='].filter((piece) => logs.includes(piece))).toEqual([]);
  });
});

/** The scheme and the error code of a challenge (RFC 6750 §3), without its words for a person. */
function challengeOf(headers: Headers): string {
  const challenge = headers.get('www-authenticate') ?? '';
  return challenge.replace(/,? *error_description="[^"]*"/, '');
}
