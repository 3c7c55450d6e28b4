// Both proxies before a provider over https whose host a test's own name server knows, and whose authority they name.
import type { Socket } from 'node:dgram';
import { makeCertificates, startNameServer, type Certificates } from './certificates';
import { cliLine, runCli, until } from './haproxy-cli';
import { shown, SHOW_ALL, startHaproxy } from './haproxy-server';
import { AUDIENCE, signWith, startIssuer, type IssuerServer } from './issuer-server';
import { CONTRACT_LOCATIONS, ENGINES, startNginx, type Engine } from './nginx-server';
import { freePort, SUITES, type SuiteName } from './suite';

export interface Surroundings {
  readonly certificates: Certificates;
  readonly names: { readonly socket: Socket; readonly port: number };
}

export async function startSurroundings(): Promise<Surroundings> {
  return { certificates: await makeCertificates(), names: await startNameServer() };
}

/** What a proxy makes of the keys of a provider. */
export interface Judged {
  readonly status: number;
  /** `allowed`, or the reason of the refusal. */
  readonly verdict: string;
  /** What an operator reads of the fetch; empty when it worked. */
  readonly problem: string;
  /** How many requests the provider got. */
  readonly asked: number;
  readonly log: string;
}

/** @param authority the file of the authorities; undefined where the configuration names none */
export type Judge = (around: Surroundings, host: string, authority: string | undefined) => Promise<Judged>;

async function tokenOf(issuer: IssuerServer): Promise<string> {
  const [key] = issuer.keys();
  if (key === undefined) throw new Error('no key');
  return signWith(key, issuer.issuer);
}

async function judgeOnHaproxy(suite: SuiteName, around: Surroundings, host: string, authority = ''): Promise<Judged> {
  const issuer = await startIssuer({ tls: around.certificates, host });
  const cli = await freePort();
  const configuration = `global
  ${cliLine(cli)}
  httpclient.ssl.ca-file DIRECTORY/ca.pem
  lua-load DIRECTORY/jwtverify.lua
  setenv OAUTH_ISSUER ${issuer.issuer}
  setenv OAUTH_AUDIENCE ${AUDIENCE}
  setenv OAUTH_JWKS_COOLDOWN 1
resolvers default
  nameserver test 127.0.0.1:${String(around.names.port)}
defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
frontend api
  bind 127.0.0.1:PORT
  ${SHOW_ALL.join('\n  ')}
`;
  const haproxy = await startHaproxy(suite, { configuration, files: { 'ca.pem': authority } });
  try {
    const state = await until(
      20,
      () => runCli(cli, 'show jwtverify'),
      (text) => /problem: |ready: yes/.test(text),
    );
    const seen = shown(await haproxy.askWith(await tokenOf(issuer)));
    return {
      status: Number(seen['status']),
      verdict: seen['authorized'] === '1' ? 'allowed' : (seen['reason'] ?? ''),
      problem: /problem: (.*)/.exec(state)?.[1] ?? '',
      asked: issuer.count(''),
      log: haproxy.output(),
    };
  } finally {
    await haproxy.stop();
    await issuer.stop();
  }
}

const ZONES = `js_shared_dict_zone zone=jwtverify:1m timeout=1h evict;
  js_shared_dict_zone zone=jwtverify_keys:1m timeout=2d evict; js_fetch_timeout 5s;`;

/** @param hasResolver whether the configuration names a resolver */
export async function judgeOnNginx(
  engine: Engine,
  around: Surroundings,
  host: string,
  authority: string | undefined,
  hasResolver = true,
): Promise<Judged> {
  const issuer = await startIssuer({ tls: around.certificates, host });
  const trust = authority === undefined ? '' : 'js_fetch_trusted_certificate DIRECTORY/ca.pem;';
  const resolver = hasResolver ? `resolver 127.0.0.1:${String(around.names.port)} ipv6=off;` : '';
  const nginx = await startNginx(engine, {
    env: { OAUTH_ISSUER: issuer.issuer, OAUTH_AUDIENCE: AUDIENCE },
    http: `${ZONES} ${trust} ${resolver}`,
    server: `${CONTRACT_LOCATIONS} location = /health { js_content jwtverify.health; }`,
    files: { 'ca.pem': authority ?? '' },
  });
  try {
    const answer = await nginx.askWith(await tokenOf(issuer), { path: '/authorizer' });
    const health = JSON.parse((await nginx.ask({ path: '/health' })).body) as { issuers: { problem: string }[] };
    return {
      status: answer.status,
      verdict: answer.status === 200 ? 'allowed' : (answer.headers['x-oauth-reason'] ?? ''),
      problem: health.issuers[0]?.problem ?? 'none',
      asked: issuer.count(''),
      log: nginx.messages().join('\n'),
    };
  } finally {
    await nginx.stop();
    await issuer.stop();
  }
}

export const TLS_PROXIES: readonly { readonly name: string; readonly judge: Judge }[] = [
  ...SUITES.map((suite) => ({
    name: `HAProxy of ${suite}`,
    judge: (...of: Parameters<Judge>) => judgeOnHaproxy(suite, ...of),
  })),
  ...ENGINES.filter((engine) => engine.hasSharedDict).map((engine) => ({
    name: `nginx of ${engine.suite}, ${engine.name}`,
    judge: (...of: Parameters<Judge>) => judgeOnNginx(engine, ...of),
  })),
];
