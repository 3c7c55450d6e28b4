// What an entry of a deny list can say, alike on both proxies; an entry that could deny nothing is named.
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cliLine, runCli, until } from '../helpers/haproxy-cli';
import { checkHaproxy, failHaproxy, SHOW_ALL, shown, startHaproxy } from '../helpers/haproxy-server';
import { ENGINES, startNginx, type Engine } from '../helpers/nginx-server';
import { freePort, makeWorkDirectory, SUITES } from '../helpers/suite';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('ES256');
const token = (changes: Readonly<Record<string, unknown>>): Promise<string> =>
  signToken(key.privateKey, 'ES256', claims(changes), { kid: 'a' });

/** Claims that are denied, by a line of the file each. */
const DENIED: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['sub:John%20Doe', { sub: 'John Doe' }],
  ['jti:4711 # a number in the token', { jti: 4711 }],
  ['jti:abc stolen on Monday', { jti: 'abc' }],
  ['client:app', { client_id: 'app' }],
  ['client:front 1', { azp: 'front' }],
  ['client:graph', { appid: 'graph' }],
  ['cid:0oa1', { cid: '0oa1' }],
  ['appid:entra', { appid: 'entra' }],
  ['sub:100%25', { sub: '100%' }],
  ['sub:50%', { sub: '50%' }],
  ['sub:Jürgen\t#', { sub: 'Jürgen' }],
  ['jti:a"b', { jti: 'a"b' }],
  ['jti:x%22y', { jti: 'x"y' }],
  ['jti:line%0Aend', { jti: 'line\nend' }],
  ['jti:listed', { jti: ['other', 'listed'] }],
  ['azp:88', { azp: [88] }],
  ['client:next', { client_id: {}, azp: 'next' }],
  ['client:many', { client_id: ['other', 'many'], azp: 'fine' }],
  ['client:shown', { client_id: true, azp: 'shown' }],
  ['sub:auth0%7C4711', { sub: 'auth0|4711' }],
  ['sub:x%40y.example', { sub: 'x@y.example' }],
  ['sub:caf%C3%A9', { sub: 'café' }],
  ['sub:a%2Fb', { sub: 'a/b' }],
  ['sub:Mary+Jane%40x', { sub: 'Mary Jane@x' }],
  ['sub:me+tag@x.example', { sub: 'me+tag@x.example' }],
  ['sub:one%2Btwo', { sub: 'one+two' }],
  ['jti:aB3+dE', { jti: 'aB3+dE' }],
  ['sub:Rene%CC%81', { sub: 'Rene\u0301' }],
  ['sub:Renée', { sub: 'Renée' }],
  ['sub:Zoë', { sub: 'Zoe\u0308' }],
  ['sub:%EB%8B%A8', { sub: '\u1103\u1161\u11ab' }],
  ['sub:%D0%B0dmin', { sub: 'аdmin' }],
  ['sub:comma%2C', { sub: 'comma,' }],
  ['sub:joined%E2%80%8D', { sub: 'joined\u200d' }],
  // A value that holds an escape, literally.
  ['sub:b%257Cc', { sub: 'b%7Cc' }],
];
const ALLOWED: readonly Readonly<Record<string, unknown>>[] = [
  { sub: 'John' },
  { jti: '471' },
  { jti: 47110 },
  { azp: 'app2', client_id: 'ap' },
  { sub: '5' },
  { sub: 'a', client: 'app' },
  { sub: 'b|c' },
  { sub: 'comma' },
  { sub: 'me tag@x.example' },
  { sub: 'one two' },
  { jti: 'aB3 dE' },
  { sub: 'René' },
  { sub: 'admin' },
];
const FILE = `# denied\n\n${DENIED.map(([line]) => line).join('\n')}\r\n`;

/** Lines that could deny nothing, with a piece of what is said. */
const FAULTY: readonly (readonly [string, string])[] = [
  ['sub:John Doe', 'has a word after its entry: write `%20`'],
  [
    'uid:0oa1',
    'does not begin with any of jti:, sub:, client_id:, azp:, appid:, cid:, sid:, client:, kid:, sub_issued_before:',
  ],
  ['iss:https://issuer.example/', 'names an issuer alone; write it, a comma and an entry'],
  ['Sub:x', 'does not begin with any of'],
  ['sub: x', 'has a blank after the colon'],
  ['sub:', 'has no value right after the colon'],
  ['4711', 'has no colon'],
  ['sub:"John"', 'has quotes around its value'],
  ['client_id:1 stolen', 'has a word after its entry'],
  ['azp:1 1 2', 'has a word after its entry'],
];
/** Lines that surely mean something else than they say. */
const DOUBTFUL: typeof FAULTY = [
  ['sub:x%7cy', 'has a percent escape that never matches'],
  ['sub:mall%6Fry', 'has a percent escape'],
  ['sub:mallory+one', 'has a `+` that could be a plus sign or a blank; write `%2B` or `%20`'],
  ['sub:mallory,', 'ends in `,`; remove it'],
  ['sub:mallory;', 'ends in `;`; remove it'],
];
/** Lines with a character that one does not see as what it is. */
const UNSEEN: typeof FAULTY = [
  ['sub:mallory\u200b', 'holds an invisible character, U+200B; remove it'],
  ['sub:mallory\u00a0', 'holds an invisible character, U+00A0'],
  ['sub:\u200emallory', 'holds an invisible character, U+200E'],
  ['sub:mallory\u2028', 'holds an invisible character, U+2028'],
  ['sub:mallory\u{1d173}', 'holds an invisible character, U+1D173'],
  ['sub:mallory\u{e0100}', 'holds an invisible character, U+E0100'],
  ['sub:mallo\u0301ry', 'holds a combining character, U+0301; write it and its letter as one character'],
  ['sub:mallory\ufffd', 'holds a character that is not UTF-8, or U+FFFD; save the file as UTF-8'],
];
const fileOf = (lines: typeof FAULTY): string => `jti:good\n${lines.map(([line]) => line).join('\n')}\n`;
const FAULTS = fileOf(FAULTY);

/** As an editor in a Western European locale saves it. */
const LATIN_1 = Buffer.from('# caf\u00e9\njti:good # caf\u00e9\nsub:mallor\u00e9\n', 'latin1');
const NOT_UTF8 = 'line 3 holds a character that is not UTF-8, or U+FFFD; save the file as UTF-8';

const SETTINGS = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' };
const WITH_FILE = { ...SETTINGS, OAUTH_DENY_PATH: 'DIRECTORY/denied' };

async function expectDecisions(ask: (token: string) => Promise<boolean>): Promise<void> {
  const seen: unknown[] = [];
  const wanted: unknown[] = [];
  for (const [line, changes] of DENIED) {
    const one = await token(changes);
    // Twice: verified, and remembered where it passed.
    seen.push([line, await ask(one), await ask(one)]);
    wanted.push([line, false, false]);
  }
  for (const changes of ALLOWED) {
    const one = await token(changes);
    seen.push([changes, await ask(one), await ask(one)]);
    wanted.push([changes, true, true]);
  }
  expect(seen).toEqual(wanted);
}

describe.each(SUITES)('HAProxy of %s', (suite) => {
  async function start(settings: Readonly<Record<string, string>>, denied: string) {
    const files = { k: key.pem, denied };
    const haproxy = await startHaproxy(suite, { settings, files, rules: SHOW_ALL });
    const ask = async (one: string): Promise<boolean> => shown(await haproxy.askWith(one))['authorized'] === '1';
    return { ask, stop: () => haproxy.stop() };
  }

  test('an entry denies its value: blanks encoded, numbers as text, the client wherever it is named', async () => {
    const { ask, stop } = await start(WITH_FILE, FILE);
    await expectDecisions(ask);
    await stop();
  });

  test('each line that could deny nothing stops the start and `-c`, by its number and with the mend', async () => {
    for (const lines of [FAULTY, DOUBTFUL, UNSEEN]) {
      for (const run of [checkHaproxy, failHaproxy]) {
        const outcome = await run(suite, { settings: WITH_FILE, files: { k: key.pem, denied: fileOf(lines) } });
        expect(outcome.code).toBe(1);
        for (const [index, [, fault]] of lines.entries()) {
          expect(outcome.output).toContain(`OAUTH_DENY_PATH: line ${String(index + 2)} ${fault}`);
        }
        expect(outcome.output).not.toMatch(/John|Doe|0oa1|4711|stolen|mallory/);
      }
    }
  });

  test('a file that is not UTF-8 stops the start and `-c`, by the line whose entry is not', async () => {
    const work = makeWorkDirectory(suite);
    writeFileSync(join(work.outside, 'denied'), LATIN_1);
    const settings = { ...SETTINGS, OAUTH_DENY_PATH: `${work.inside}/denied` };
    for (const run of [checkHaproxy, failHaproxy]) {
      const outcome = await run(suite, { settings, files: { k: key.pem } });
      expect(outcome.code).toBe(1);
      expect(outcome.output).toContain(`OAUTH_DENY_PATH: ${NOT_UTF8}`);
      expect(outcome.output).not.toMatch(/line [12] |mallor/);
    }
  });
});

test.each(['lua-load', 'lua-load-per-thread'] as const)(
  'HAProxy 3.2 logs a faulty entry that the CLI adds, once (%s)',
  async (load) => {
    const port = await freePort();
    const files = { k: key.pem, denied: 'jti:good' };
    const global = [cliLine(port), 'nbthread 2'];
    const haproxy = await startHaproxy('sid', { settings: WITH_FILE, files, load, global });
    const map = /\((.*denied)\)/.exec(await runCli(port, 'show map'))?.[1] ?? 'none';
    for (const entry of [
      'sub:fine 1',
      'jti:x stolen',
      'sub:John Doe',
      'uid:x 1',
      'sub:Jane\\ Doe 1',
      'sub:x%7cy 1',
      'sub:x%7Cy 1',
    ]) {
      await runCli(port, `add map ${map} ${entry}`);
    }
    const lines = () =>
      haproxy
        .output()
        .split('\n')
        .filter((line) => line.includes('the runtime CLI added an entry'));
    await until(
      10,
      () => Promise.resolve(lines().length),
      (count) => count >= 3,
    );
    await runCli(port, `add map ${map} sub:other 1`);
    await new Promise((done) => setTimeout(done, 600));
    expect(
      lines()
        .map((line) => line.replace(/.* to the deny list that /, ''))
        .sort(),
    ).toEqual([
      expect.stringMatching(/^does not begin with any of/),
      expect.stringMatching(/^has a percent escape/),
      expect.stringMatching(/^has a word after its entry/),
    ]);
    expect(shown(await haproxy.askWith(await token({ sub: 'Jane Doe' })))['reason']).toBe('token_revoked');
    expect(haproxy.output()).not.toMatch(/Jane|John/);
    await haproxy.stop();
  },
);

const ZONES = `js_shared_dict_zone zone=jwtverify:4m timeout=1h evict;
  js_shared_dict_zone zone=jwtverify_keys:1m timeout=2d evict;
  js_shared_dict_zone zone=jwtverify_deny:1m;`;
const LOCATIONS = `
    location = /_jwtverify { internal; js_content jwtverify.auth; }
    location = /deny { js_content jwtverify.deny; }
    location / { auth_request /_jwtverify; empty_gif; }`;
const VARIANTS = ENGINES.flatMap((engine) =>
  (engine.hasSharedDict ? ['', ZONES] : ['']).map((http) => ({
    engine,
    http,
    name: `${engine.suite}, ${engine.name}, ${http === '' ? 'without' : 'with'} dictionaries`,
  })),
);

describe.each(VARIANTS)('nginx, $name', ({ engine, http }) => {
  async function start(env: Readonly<Record<string, string>>, denied: string) {
    const files = { k: key.pem, denied };
    const nginx = await startNginx(engine, { http, workers: 1, server: LOCATIONS, env, files });
    return { nginx, ask: async (one: string): Promise<boolean> => (await nginx.askWith(one)).status === 200 };
  }

  test('an entry denies its value: blanks encoded, numbers as text, the client wherever it is named', async () => {
    const { nginx, ask } = await start(WITH_FILE, FILE);
    await expectDecisions(ask);
    expect(nginx.messages()).toEqual([]);
    await nginx.stop();
  });

  test('a faulty line is logged, denies at most its whole value, and the others count', async () => {
    const { nginx, ask } = await start(WITH_FILE, FAULTS);
    const path = join(nginx.directory, 'denied');
    const good = await token({ jti: 'good' });
    const john = await token({ sub: 'John' });
    const doe = await token({ sub: 'John Doe' });
    expect([await ask(good), await ask(john), await ask(doe)]).toEqual([false, true, false]);
    for (const [index, [, fault]] of FAULTY.entries()) {
      expect(nginx.errorLog()).toContain(`line ${String(index + 2)} ${fault}`);
    }
    // Without a dictionary the engine njs remembers nothing, and logs it with each request.
    const remembers = http !== '' || engine.name === 'QuickJS';
    expect(nginx.messages()).toHaveLength(remembers ? 1 : 3);
    writeFileSync(path, 'sub:John\nazp : x\n');
    expect([await ask(good), await ask(john)]).toEqual([true, false]);
    expect(nginx.messages()).toHaveLength(remembers ? 2 : 5);
    expect(nginx.messages().at(-1)).toContain('line 2 has no colon');
    expect(nginx.errorLog()).not.toMatch(/John|Doe|0oa1|stolen/);
    await nginx.stop();
  });

  test('a line that surely means something else is logged, and denies the value that its escapes spell', async () => {
    const { nginx, ask } = await start(WITH_FILE, fileOf(DOUBTFUL));
    const passes = async (sub: string): Promise<boolean> => ask(await token({ sub }));
    expect([await passes('x|y'), await passes('mallory'), await passes('mallory,')]).toEqual([false, false, false]);
    expect([await passes('xy'), await passes('x')]).toEqual([true, true]);
    expect([await passes('mallory+one'), await passes('mallory one')]).toEqual([false, false]);
    writeFileSync(join(nginx.directory, 'denied'), fileOf(UNSEEN));
    expect([await passes('mallory'), await passes('mallory\u200b')]).toEqual([true, false]);
    for (const lines of [DOUBTFUL, UNSEEN]) {
      for (const [index, [, fault]] of lines.entries()) {
        expect(nginx.errorLog()).toContain(`line ${String(index + 2)} ${fault}`);
      }
    }
    expect(nginx.errorLog()).not.toMatch(/mallo/);
    await nginx.stop();
  });

  test('a file that is not UTF-8 is logged by the line whose entry is not, and the others count', async () => {
    const { nginx, ask } = await start(WITH_FILE, '');
    writeFileSync(join(nginx.directory, 'denied'), LATIN_1);
    expect([await ask(await token({ jti: 'good' })), await ask(await token({ sub: 'other' }))]).toEqual([false, true]);
    expect(nginx.errorLog()).toContain(NOT_UTF8);
    expect(nginx.errorLog()).not.toMatch(/line [12] |mallor/);
    await nginx.stop();
  });

  test('a file rewritten in place with the same length counts on the next request', async () => {
    const { nginx, ask } = await start(WITH_FILE, 'jti:aaa\n');
    const path = join(nginx.directory, 'denied');
    const [a, b] = [await token({ jti: 'aaa' }), await token({ jti: 'bbb' })];
    for (let round = 0; round < 30; round += 1) {
      writeFileSync(path, 'jti:aaa\n');
      utimesSync(path, 1_700_000_000, 1_700_000_000);
      expect([await ask(a), await ask(b)]).toEqual([false, true]);
      writeFileSync(path, 'jti:bbb\n');
      utimesSync(path, 1_700_000_000, 1_700_000_000);
      expect([await ask(a), await ask(b)]).toEqual([true, false]);
    }
    expect(readFileSync(path, 'utf8')).toBe('jti:bbb\n');
    await nginx.stop();
  });
});

describe.each(ENGINES.filter((engine) => engine.hasSharedDict))('nginx, $suite, $name', (engine: Engine) => {
  test('what could deny nothing is not taken into the dictionary, and the answer says why', async () => {
    const files = { k: key.pem };
    const nginx = await startNginx(engine, { http: ZONES, server: LOCATIONS, env: SETTINGS, files });
    const change = (entry: string, method = 'PUT') =>
      nginx.ask({ method, path: `/deny?entry=${encodeURIComponent(entry)}` });
    for (const [entry, fault] of FAULTY.slice(1, 8).concat(DOUBTFUL, UNSEEN)) {
      const answer = await change(entry);
      expect([entry, answer.status]).toEqual([entry, 400]);
      expect(answer.body).toContain(fault);
    }
    expect(await change('uid:x', 'DELETE')).toMatchObject({ status: 400 });
    const ask = async (changes: Readonly<Record<string, unknown>>) =>
      (await nginx.askWith(await token(changes))).status;
    expect((await change('client:app')).status).toBe(200);
    // As it is, or as a file must write it.
    expect((await change('sub:John Doe')).status).toBe(200);
    expect((await change('sub:Jane%20Doe')).status).toBe(200);
    expect(await ask({ azp: 'app' })).toBe(401);
    expect(await ask({ sub: 'John Doe' })).toBe(401);
    expect(await ask({ sub: 'Jane Doe' })).toBe(401);
    expect(await ask({ sub: 'John' })).toBe(200);
    expect((await change('sub:auth0%7C4711')).status).toBe(200);
    expect(await ask({ sub: 'auth0|4711' })).toBe(401);
    expect(await ask({ sub: 'auth0%257C4711' })).toBe(200);
    // Each spelling of one value is shown as denied, and taken away.
    expect((await change('sub:auth0|4711', 'GET')).body).toContain('"denied":true');
    expect((await change('sub:auth0|4711', 'DELETE')).body).toContain('"denied":false');
    expect(await ask({ sub: 'auth0|4711' })).toBe(200);
    await nginx.stop();
  });

  test('a `+` in an address is refused where somebody typed it, and a blank where software wrote it', async () => {
    const nginx = await startNginx(engine, { http: ZONES, server: LOCATIONS, env: SETTINGS, files: { k: key.pem } });
    const put = (query: string) => nginx.ask({ method: 'PUT', path: `/deny?entry=${query}` });
    const ask = async (sub: string) => (await nginx.askWith(await token({ sub }))).status;
    const typed = await put('sub:me+tag@x.example');
    expect([typed.status, typed.body]).toEqual([
      400,
      expect.stringContaining('write `%2B` for a plus sign') as unknown,
    ]);
    expect([await ask('me tag@x.example'), await ask('me+tag@x.example')]).toEqual([200, 200]);
    expect((await put('sub:me%2Btag@x.example')).status).toBe(200);
    expect([await ask('me tag@x.example'), await ask('me+tag@x.example')]).toEqual([200, 401]);
    expect((await put(new URLSearchParams({ a: 'sub:Jane Doe' }).toString().slice(2))).status).toBe(200);
    expect([await ask('Jane Doe'), await ask('Jane+Doe')]).toEqual([401, 200]);
    await nginx.stop();
  });

  test('a request that a proxy hands on changes and reveals nothing', async () => {
    const nginx = await startNginx(engine, { http: ZONES, server: LOCATIONS, env: SETTINGS, files: { k: key.pem } });
    const ask = (method: string, headers: readonly (readonly [string, string])[]) =>
      nginx.ask({ method, path: method === 'GET' ? '/deny' : '/deny?entry=sub:x', headers });
    expect((await ask('PUT', [])).status).toBe(200);
    for (const name of ['X-Forwarded-For', 'x-forwarded-for', 'Forwarded', 'Via', 'X-Real-IP']) {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const answer = await ask(method, [[name, '203.0.113.7']]);
        expect([name, method, answer.status]).toEqual([name, method, 403]);
        expect(answer.body).not.toContain('sub:x');
      }
    }
    expect((await ask('GET', [])).body).toContain('sub:x');
    await nginx.stop();
  });
});
