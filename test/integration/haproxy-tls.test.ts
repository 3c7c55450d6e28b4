// Keys over https: the provider's certificate and name are verified, by an authority that the configuration names.
import type { Socket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificates, startNameServer, type Certificates } from './certificates';
import { cliLine, runCli, until } from './haproxy-cli';
import { failHaproxy, shown, SHOW_ALL, startHaproxy } from './haproxy-server';
import { AUDIENCE, signWith, startIssuer, type IssuerServer } from './issuer-server';
import { freePort, SUITES } from './suite';

let certificates: Certificates;
let names: { readonly socket: Socket; readonly port: number };

beforeAll(async () => {
  certificates = await makeCertificates();
  names = await startNameServer();
});

afterAll(() => {
  names.socket.close();
});

function configurationFor(issuer: IssuerServer, cli: number): string {
  return `global
  ${cliLine(cli)}
  httpclient.ssl.ca-file DIRECTORY/ca.pem
  lua-load DIRECTORY/jwtverify.lua
  setenv OAUTH_ISSUER ${issuer.issuer}
  setenv OAUTH_AUDIENCE ${AUDIENCE}
  setenv OAUTH_JWKS_COOLDOWN 1
resolvers default
  nameserver test 127.0.0.1:${String(names.port)}
defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
frontend api
  bind 127.0.0.1:PORT
  ${SHOW_ALL.join('\n  ')}
`;
}

/** What a gateway that trusts an authority makes of the keys of a provider with this host name. */
async function judge(suite: (typeof SUITES)[number], host: string, authority: string) {
  const issuer = await startIssuer({ tls: certificates, host });
  const cli = await freePort();
  const configuration = configurationFor(issuer, cli);
  const haproxy = await startHaproxy(suite, { configuration, files: { 'ca.pem': authority } });
  try {
    const [key] = issuer.keys();
    if (key === undefined) throw new Error('no key');
    const token = await signWith(key, issuer.issuer);
    const status = await until(
      20,
      () => runCli(cli, 'show jwtverify'),
      (text) => /problem: |ready: yes/.test(text),
    );
    return { status, seen: shown(await haproxy.askWith(token)), asked: issuer.count('') };
  } finally {
    await haproxy.stop();
    await issuer.stop();
  }
}

describe.each(SUITES)('%s', (suite) => {
  test('keys come from a provider whose certificate the named authority has signed', async () => {
    const { status, seen } = await judge(suite, 'provider.test', certificates.authority);
    expect(status).toContain('ready: yes');
    expect(seen).toMatchObject({ authorized: '1' });
  });

  test.each([
    ['another authority', 'provider.test', 'stranger'],
    ['another name', 'elsewhere.test', 'authority'],
  ] as const)('a certificate of %s is refused, and nothing is asked', async (_, host, authority) => {
    const { status, seen, asked } = await judge(suite, host, certificates[authority]);
    expect(status).toContain('problem: there is no answer');
    expect(seen).toMatchObject({ authorized: '0', reason: 'keys_unavailable', status: '503' });
    expect(asked).toBe(0);
  });

  test('OAUTH_CA_FILE is named as what HAProxy itself has to be told', async () => {
    const settings = { OAUTH_ISSUER: 'https://a.example', OAUTH_AUDIENCE: AUDIENCE, OAUTH_CA_FILE: '/ca.pem' };
    const failed = await failHaproxy(suite, { settings });
    expect(failed.code).toBe(1);
    expect(failed.output).toContain('OAUTH_CA_FILE: is set, but only the proxy itself can be told');
    expect(failed.output).toContain('httpclient.ssl.ca-file');
  });
});
