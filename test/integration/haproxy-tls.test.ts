// Keys over https: the provider's certificate and name are verified, by an authority that the configuration names.
import { createSocket, type Socket } from 'node:dgram';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cliLine, runCli, until } from './haproxy-cli';
import { failHaproxy, shown, SHOW_ALL, startHaproxy } from './haproxy-server';
import { AUDIENCE, signWith, startIssuer, type IssuerServer } from './issuer-server';
import { freePort, makeWorkDirectory, runIn, SUITES } from './suite';

interface Certificates {
  readonly authority: string;
  readonly stranger: string;
  readonly key: string;
  readonly cert: string;
}

/** An authority, another one, and a certificate of the first for `provider.test` and 127.0.0.1. */
async function makeCertificates(): Promise<Certificates> {
  const work = makeWorkDirectory('trixie');
  const run = async (...words: readonly string[]): Promise<void> => {
    const { code, output } = await runIn('trixie', ['openssl', ...words], { cwd: work.inside });
    if (code !== 0) throw new Error(output);
  };
  for (const name of ['ca', 'stranger']) {
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', `/CN=${name}`];
    await run(...made, '-keyout', `${name}.key`, '-out', `${name}.pem`);
  }
  await run('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=provider', '-keyout', 'own.key', '-out', 'own.csr');
  writeFileSync(join(work.outside, 'own.ext'), 'subjectAltName=DNS:provider.test,IP:127.0.0.1\n');
  const signed = ['x509', '-req', '-in', 'own.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
  await run(...signed, '-days', '30', '-extfile', 'own.ext', '-out', 'own.pem');
  const read = (name: string): string => readFileSync(join(work.outside, name), 'utf8');
  return { authority: read('ca.pem'), stranger: read('stranger.pem'), key: read('own.key'), cert: read('own.pem') };
}

/** A name server (RFC 1035) to which every name is 127.0.0.1. */
function startNameServer(): Promise<{ readonly socket: Socket; readonly port: number }> {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    let end = 12;
    while (question[end] !== 0 && end < question.length) end += 1 + (question[end] ?? 0);
    const isAddress = question.readUInt16BE(end + 1) === 1;
    const head = Buffer.from(question.subarray(0, 12));
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(isAddress ? 1 : 0, 6);
    head.writeUInt32BE(0, 8);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    const parts = [head, question.subarray(12, end + 5), isAddress ? record : Buffer.alloc(0)];
    socket.send(Buffer.concat(parts), from.port, from.address);
  });
  return new Promise((done) => {
    socket.bind(0, '127.0.0.1', () => {
      done({ socket, port: socket.address().port });
    });
  });
}

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
