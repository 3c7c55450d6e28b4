// docs/recipes.md: keys come through a company's outbound proxy.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeCertificates, type Certificates } from '../helpers/certificates';
import { blocksOf, readDocument, type Block } from '../helpers/docs-blocks';
import { bad, good, KEY_SET } from '../helpers/docs-runner';
import { recipe, run } from '../helpers/recipes';
import { freePort, makeWorkDirectory, runIn, SUITES, type SuiteName } from '../helpers/suite';
import { PROVIDER, startOutside, startTunnel, type Outside } from '../helpers/tunnel';

describe("a company's outbound proxy", () => {
  const TO_PROXY = 'proxy.mywebsite.com:3128';

  /** A proxy that fetches what it is asked for, or answers itself; it notes the addresses. */
  async function startForwarder(answer?: string): Promise<{ at: string; asked: string[]; server: Server }> {
    const asked: string[] = [];
    const server = createServer((incoming, outgoing) => {
      asked.push(incoming.url ?? '');
      if (answer !== undefined) outgoing.end(answer);
      else void fetch(incoming.url ?? '').then(async (fetched) => outgoing.end(await fetched.text()));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return { at: `127.0.0.1:${String((server.address() as AddressInfo).port)}`, asked, server };
  }

  test.each(['sid'] as const)('nginx of %s fetches keys through it', async (suite) => {
    const forwarder = await startForwarder();
    try {
      await run(recipe('js_fetch_proxy', TO_PROXY, forwarder.at), suite, async (running) => {
        expect((await running.ask(await good())).status, running.output()).toBe(200);
        expect(forwarder.asked[0]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
      });
    } finally {
      forwarder.server.close();
    }
  });

  test.each(SUITES)('the command fetches a key set through it in %s, and keeps the last one', async (suite) => {
    const forwarder = await startForwarder('{"keys": []}');
    const { inside, outside } = makeWorkDirectory(suite);
    const read = (): string => readFileSync(join(outside, 'jwks.json'), 'utf8');
    const command = recipe('--max-filesize')
      .text.replace(TO_PROXY, forwarder.at)
      .replace('https://', 'http://')
      .replaceAll('/etc/jwtverify', inside);
    const fetchOnce = async (): Promise<number | null> => (await runIn(suite, ['sh', '-euc', command], {})).code;
    expect([await fetchOnce(), read()]).toEqual([0, '{"keys": []}']);
    expect(forwarder.asked).toEqual(['http://myaccount.auth0.com/.well-known/jwks.json']);
    writeFileSync(join(outside, 'jwks.json'), 'older');
    expect([await fetchOnce(), read()]).toEqual([0, '{"keys": []}']);
    expect(await fetchOnce()).toBe(0);
    forwarder.server.closeAllConnections();
    await new Promise((done) => forwarder.server.close(done));
    expect(await fetchOnce()).not.toBe(0);
    expect(read()).toBe('{"keys": []}');
  });
});

describe("a tunnel through a company's outbound proxy", () => {
  const UNIT = /^```ini\n([\s\S]*?)^```$/m.exec(readDocument('docs/recipes.md'))?.[1] ?? '';
  const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

  type Recipe = (suite: SuiteName) => Block;
  const onHaproxy: Recipe = () => recipe('listen provider');
  const onNginx: Recipe = () => recipe('proxy_ssl_name');
  /** Keys from a location, and the second server of the recipe beside it. */
  const onOldNginx: Recipe = () => {
    const second = /^ {2}server \{\n {4}listen 127\.0\.0\.1:3129;[\s\S]*?^ {2}\}$/m.exec(
      recipe('proxy_ssl_name').text,
    )?.[0];
    const located = blocksOf('docs/nginx.md').find(({ text }) =>
      text.includes('set $jwtverify_keys /_jwtverify_keys;'),
    );
    if (second === undefined || located === undefined) throw new Error('the documents have no such parts');
    const text = located.text
      .replace('set $jwtverify_url https://myaccount.auth0.com/', 'set $jwtverify_url http://127.0.0.1:3129/')
      .replace('/var/lib/nginx/jwtverify', '/var/log/nginx/keys');
    const names = ['OAUTH_ISSUER', 'OAUTH_AUDIENCE', 'OAUTH_JWKS_URL', 'OAUTH_ALLOW_HTTP'];
    const head = `load_module modules/ngx_http_js_module.so;\n${names.map((name) => `env ${name};\n`).join('')}events {}`;
    const http = `js_import jwtverify from /etc/nginx/njs/jwtverify.js; upstream apiservers { server 127.0.0.1:3001; }`;
    return { ...located, frame: undefined, text: `${head}\nhttp {\n${http}\n${text}\n${second}\n}\n` };
  };
  const CASES: readonly (readonly [name: string, suite: SuiteName, made: Recipe])[] = [
    ...SUITES.map((suite) => [`HAProxy of ${suite}`, suite, onHaproxy] as const),
    ...(['trixie', 'sid'] as const).map((suite) => [`nginx of ${suite}`, suite, onNginx] as const),
    ['nginx of bookworm', 'bookworm', onOldNginx],
  ];

  async function askThrough(
    [suite, made]: readonly [SuiteName, Recipe],
    certificates: Certificates,
    authority: string,
    use: (statuses: readonly number[], outside: Outside) => void,
  ): Promise<void> {
    const outside = await startOutside(certificates, KEY_SET);
    const tunnel = await startTunnel(suite, UNIT, outside.port);
    const trusted = makeWorkDirectory(suite);
    writeFileSync(join(trusted.outside, 'ca.pem'), authority);
    const block = made(suite);
    const listener = String(await freePort());
    const text = block.text
      .replaceAll('127.0.0.1:3129', `127.0.0.1:${listener}`)
      .replaceAll('127.0.0.1:3130', `127.0.0.1:${String(tunnel.port)}`)
      .replaceAll(AUTHORITIES, `${trusted.inside}/ca.pem`);
    // Of a part of a configuration the documents say these in words.
    const isPart = text.includes('env OAUTH_JWKS_URL;');
    const settings = { OAUTH_JWKS_URL: `http://127.0.0.1:${listener}/.well-known/jwks.json`, OAUTH_ALLOW_HTTP: '1' };
    try {
      const changes = isPart ? settings : {};
      await run(
        { ...block, text },
        suite,
        async (running) => {
          const answers = [
            await running.ask(await good()),
            await running.ask(await bad()),
            await running.ask(undefined),
          ];
          use(
            answers.map(({ status }) => status),
            outside,
          );
          expect(running.output()).not.toContain('[WARNING]');
        },
        changes,
      );
    } finally {
      await tunnel.stop();
      await outside.stop();
    }
  }

  test.each(CASES)("%s gets the provider's keys, verified by its own name", async (_, suite, made) => {
    const certificates = await makeCertificates(PROVIDER);
    await askThrough([suite, made], certificates, certificates.authority, (statuses, outside) => {
      expect(statuses).toEqual([200, 401, 401]);
      expect(new Set(outside.asked)).toEqual(new Set([`CONNECT ${PROVIDER}:443`]));
      const paths = outside.reached.map((line) => line.split('?')[0]);
      expect(new Set(paths)).toEqual(new Set([`${PROVIDER} ${PROVIDER} /.well-known/jwks.json`]));
    });
  });

  test.each(CASES)('%s believes no other server behind it', async (name, suite, made) => {
    const [other, own] = [await makeCertificates('other.example'), await makeCertificates(PROVIDER)];
    for (const [certificates, authority] of [
      [other, other.authority],
      [own, own.stranger],
    ] as const) {
      await askThrough([suite, made], certificates, authority, (statuses, outside) => {
        // `auth_request` has no 503.
        expect(statuses[0]).toBe(name.startsWith('nginx') ? 403 : 503);
        expect(outside.asked.length).toBeGreaterThan(0);
        expect(outside.reached).toEqual([]);
      });
    }
  });

  test.each(SUITES)('socat of %s sends the credentials of a file', async (suite) => {
    const outside = await startOutside(await makeCertificates(PROVIDER), KEY_SET);
    const work = makeWorkDirectory(suite);
    writeFileSync(join(work.outside, 'proxy'), 'user:pass:word');
    const added = /`(,proxyauthfile=\S+)`/.exec(readDocument('docs/recipes.md'))?.[1] ?? '';
    const tunnel = await startTunnel(suite, UNIT, outside.port, added.replace('${CREDENTIALS_DIRECTORY}', work.inside));
    const url = `https://127.0.0.1:${String(tunnel.port)}/`;
    await runIn(suite, ['curl', '-sk', '--max-time', '5', url], {});
    await tunnel.stop();
    await outside.stop();
    expect([...new Set(outside.asked)]).toEqual([
      `CONNECT ${PROVIDER}:443 Basic ${Buffer.from('user:pass:word').toString('base64')}`,
    ]);
  });
});
