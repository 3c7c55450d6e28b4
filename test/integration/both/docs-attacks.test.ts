// The documents' HAProxy configurations are what people paste: each one that tells a backend who is calling, or asks for a
// scope, is attacked here, before a WSGI server, which joins `X_OAuth_Subject` and `X-OAuth-Subject`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { blocksOf, DOCUMENTS, type Block } from '../helpers/docs-blocks';
import { bad, good, startBlock, type Backend, type Running } from '../helpers/docs-runner';
import { makeWorkDirectory, startIn, SUITES, waitForPort, type SuiteName } from '../helpers/suite';

/** What the backend believes, in JSON. */
const APPLICATION = `import json
def app(environ, start_response):
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    start_response('200 OK', [('Content-Type', 'application/json'), ('X-Backend', 'reached')])
    return [json.dumps(told).encode()]
`;

/** Debian 13's gunicorn, told to join names as older ones and other servers do. */
async function startWsgi(port: number): Promise<Backend> {
  const work = makeWorkDirectory('trixie');
  writeFileSync(join(work.outside, 'told.py'), APPLICATION);
  const address = `127.0.0.1:${String(port)}`;
  const command = ['gunicorn', '--chdir', work.inside, '--bind', address, '--header-map', 'dangerous', 'told:app'];
  const running = startIn('trixie', command);
  await waitForPort(port, running);
  return { stop: () => running.stop() };
}

/** The demo's configuration, which README shows to readers as well. */
function demoBlock(): Block {
  const text = readFileSync(join(import.meta.dirname, '../../../haproxy/haproxy.cfg'), 'utf8')
    .replace('"${JWTVERIFY_LUA-/usr/local/share/haproxy/jwtverify.lua}"', '/usr/local/share/haproxy/jwtverify.lua')
    .replace('"${HAPROXY_BIND-:8080}"', ':8080')
    .replace('"${API_SERVER-backend:3001}"', '127.0.0.1:3001');
  const [first] = blocksOf('README.md');
  if (first === undefined) throw new Error('README.md has no block');
  return { ...first, document: 'haproxy/haproxy.cfg', line: 1, language: 'haproxy', text, suites: SUITES };
}

/** Sections of their own, as those for metrics, have no clients and no backend. */
const OF_HAPROXY = DOCUMENTS.flatMap(blocksOf).filter(
  ({ language, notRun, askedBy, frame }) =>
    language === 'haproxy' && notRun === undefined && askedBy === undefined && frame !== 'sections',
);
const isWhole = ({ text }: Block): boolean =>
  text.includes('frontend api') && text.includes('default_backend apiservers');
const namesCaller = ({ text }: Block): boolean => /X-OAuth/i.test(text) || text.includes('OAUTH_POLICY');
/** Whole, and meant for clients: what a gateway asks has no backend. */
const WHOLE = [...OF_HAPROXY, demoBlock()].filter(isWhole);
/** Those that judge the token alone. */
const BARE = WHOLE.filter((block) => !namesCaller(block));

const ACTION = `  http-request lua.jwtenforce
  http-request deny deny_status 503 unless { var(txn.authorized) -m bool }
`;

/** A part as readers use it: in place of the lines of README's configuration that have the same action. */
function merge(part: Block): Block {
  const [base] = blocksOf('README.md');
  if (base?.text.split(ACTION).length !== 2) throw new Error('README.md has the action not once');
  // The attacks come faster than the limit that a part shows.
  const lines = part.text.replace(/sc_http_req_rate\(0\) gt \d+/, 'sc_http_req_rate(0) gt 100000');
  const text = base.text.replace(ACTION, lines.replaceAll(/^(?=.)/gm, '  '));
  return { ...part, frame: undefined, text };
}

const MERGED = OF_HAPROXY.filter(({ frame }) => frame === 'frontend').map(merge);
const CONFIGURATIONS = [...WHOLE.filter(namesCaller), ...MERGED];
/** Configurations of nginx that hand scopes or subject to the backend. */
const OF_NGINX = DOCUMENTS.flatMap(blocksOf).filter(
  ({ language, notRun, askedBy, text }) =>
    language === 'nginx' && notRun === undefined && askedBy === undefined && /proxy_set_header X-OAuth/.test(text),
);

function casesOf(blocks: readonly Block[]) {
  return blocks.flatMap((block) =>
    block.suites.map((suite) => ({ block, suite, title: `${block.document}:${String(block.line)} in ${suite}` })),
  );
}

async function attack(block: Block, suite: SuiteName, run: (running: Running) => Promise<void>): Promise<void> {
  const running = await startBlock(block, suite, {}, undefined, startWsgi);
  try {
    await run(running);
  } finally {
    await running.stop();
  }
}

/** Spellings of a header that servers take for one. */
function spellingsOf(name: string): readonly string[] {
  return [name, name.toLowerCase(), name.toUpperCase(), name.replaceAll('-', '_'), name.replace('-', '_')].concat(
    name.replaceAll('-', '.'),
    name.replaceAll('-', '~'),
    name.replace(/-(?=[^-]*$)/, '_'),
  );
}

/** The headers of its own that a configuration sets for some requests or for all: the backend believes them. */
function headersSetBy(block: Block): readonly string[] {
  const lines = block.text.matchAll(/(?:http-request (?:set|add)-header|proxy_set_header) (X-[\w-]+)/g);
  return [...new Set([...lines].map(([, name = '']) => name))];
}

/** The headers by which a configuration tells its backend who is calling, and all else that it sets. */
function identityHeadersOf(block: Block): readonly string[] {
  const identity = block.text.includes('OAUTH_POLICY')
    ? ['X-Auth-Request-User', 'X-Auth-Request-Email']
    : ['X-OAuth-Subject', 'X-OAuth-Scopes'];
  return [...new Set([...identity, ...headersSetBy(block)])];
}

/** By which servers take another method than the one of the request line. */
const METHOD_OVERRIDES = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'].concat(
  'X-Original-Method',
  'X-Forwarded-Method',
);

/** Ways to write one path. */
const PATHS = [
  '/api/hamsters/turbo',
  '//api/hamsters/turbo',
  '/api//hamsters/turbo',
  '/./api/hamsters/turbo',
  '/x/../api/hamsters/turbo',
  '/%61pi/hamsters/turbo',
  '/api/hamster%73/turbo',
  '/api%2fhamsters/turbo',
  '/API/hamsters/turbo',
  '/api;x=y/hamsters/turbo',
];
const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'OPTIONS'];

/** Asks for every protocol but WebSocket, without a good token: none of it may reach the backend. */
async function openTunnels(running: Running): Promise<void> {
  for (const protocol of ['h2c', 'SPDY/3.1', 'websocket, h2c', 'tcp']) {
    for (const token of [undefined, await bad()]) {
      const headers = [
        ['Connection', 'close, Upgrade, HTTP2-Settings'],
        ['Upgrade', protocol],
        ['HTTP2-Settings', 'AAMAAABkAAQAoAAAAAIAAAAA'],
      ] as const;
      const told = running.reached(await running.ask(token, { method: 'GET', headers })) ?? {};
      const handedOn = Object.keys(told).filter((name) => /UPGRADE$/.test(name));
      expect([protocol, handedOn]).toEqual([protocol, []]);
    }
  }
}

/** What reaches the backend with these tokens. */
async function passedWith(
  running: Running,
  methods: readonly string[],
  tokens: readonly (string | undefined)[],
): Promise<readonly unknown[]> {
  const passed: unknown[] = [];
  for (const method of methods) {
    for (const path of PATHS) {
      for (const token of tokens) {
        const answer = await running.ask(token, { method, path });
        if (running.reached(answer) !== undefined) passed.push([method, path, tokens.indexOf(token)]);
      }
    }
  }
  return passed;
}

test('the documents have configurations to attack', () => {
  const documents = new Set(CONFIGURATIONS.map(({ document }) => document));
  expect([...documents].sort()).toEqual(
    expect.arrayContaining(['README.md', 'docs/haproxy.md', 'docs/recipes.md', 'haproxy/haproxy.cfg']),
  );
  // Each block for clients is among them, and each part has an action of its own.
  expect(MERGED.length).toBeGreaterThan(5);
  expect(BARE.length).toBeGreaterThan(2);
  expect(WHOLE.length + MERGED.length).toBe(OF_HAPROXY.length + 1);
  for (const { text } of MERGED) expect(text.match(/http-request lua\.jwt(?:enforce|verify)\b/g)).toHaveLength(1);
});

describe.each(casesOf(CONFIGURATIONS))('$title', ({ block, suite }) => {
  test('no spelling of an identity header of a client is believed by the backend', async () => {
    await attack(block, suite, async (running) => {
      const token = await good();
      for (const name of identityHeadersOf(block).flatMap(spellingsOf)) {
        for (const method of ['GET', 'POST']) {
          const answer = await running.ask(method === 'GET' ? undefined : token, { method, headers: [[name, 'root']] });
          if (method === 'POST') expect([name, answer.status]).toEqual([name, 200]);
          const told = running.reached(answer);
          const believed = Object.entries(told ?? {}).filter(
            ([key, value]) => key.startsWith('HTTP_X') && value.includes('root'),
          );
          expect([name, method, believed]).toEqual([name, method, []]);
        }
      }
      const whole = running.reached(await running.ask(token)) ?? {};
      const user = whole['HTTP_X_OAUTH_SUBJECT'] ?? whole['HTTP_X_AUTH_REQUEST_USER'];
      expect(user).toBe('turbo');
    });
  });

  test('S4: no header of a client gives the backend another method', async () => {
    await attack(block, suite, async (running) => {
      const poor = await good({ scope: 'read:hamsters' });
      for (const name of METHOD_OVERRIDES.flatMap(spellingsOf)) {
        for (const token of [undefined, poor]) {
          const told = running.reached(await running.ask(token, { method: 'GET', headers: [[name, 'DELETE']] })) ?? {};
          expect([name, Object.entries(told).filter(([, value]) => value === 'DELETE')]).toEqual([name, []]);
        }
      }
    });
  });

  test('S3: nobody without a good token opens a tunnel to the backend', async () => {
    await attack(block, suite, openTunnels);
  });

  test('no method and no spelling of a path passes without the scope, with a bad token or without one', async () => {
    await attack(block, suite, async (running) => {
      const poor = await good({ scope: 'read:hamsters write:hamsters2' });
      expect(await passedWith(running, WRITES, [poor, await bad(), undefined])).toEqual([]);
    });
  });

  test('a refusal has its status and challenge, and the log has a line for it', async () => {
    await attack(block, suite, async (running) => {
      const expired = await good({ exp: 1 });
      const answer = await running.ask(expired);
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
      if (block.document === 'README.md') {
        await expect.poll(() => running.output(), { timeout: 10_000 }).toContain('401 reason=expired');
      }
      expect(running.output()).not.toContain('[WARNING]');
    });
  });
});

describe.each(casesOf(BARE))('$title', ({ block, suite }) => {
  test('nothing passes without a good token, and nobody opens a tunnel', async () => {
    await attack(block, suite, async (running) => {
      expect((await running.ask(await good())).status).toBe(200);
      expect(await passedWith(running, ['GET', ...WRITES], [await bad(), undefined])).toEqual([]);
      await openTunnels(running);
      const answer = await running.ask(await good({ exp: 1 }));
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    });
  });
});

describe.each(casesOf(OF_NGINX))('$title', ({ block, suite }) => {
  test('no spelling of an identity header of a client is believed, and nothing passes without a good token', async () => {
    await attack(block, suite, async (running) => {
      const [token, forged] = [await good(), await bad()];
      // What the configuration does not set, its backend is not to look at.
      for (const name of headersSetBy(block).flatMap(spellingsOf)) {
        const told = running.reached(await running.ask(token, { headers: [[name, 'root']] })) ?? {};
        const believed = Object.entries(told).filter(
          ([key, value]) => key.startsWith('HTTP_X') && value.includes('root'),
        );
        expect([name, believed]).toEqual([name, []]);
      }
      expect(await passedWith(running, ['GET', ...WRITES], [forged, undefined])).toEqual([]);
    });
  });

  test('S4: where a rule looks at the method, no header of a client gives the backend another one', async () => {
    await attack(block, suite, async (running) => {
      const poor = await good({ scope: 'read:hamsters' });
      const looks = block.text.includes('map "$request_method');
      for (const name of METHOD_OVERRIDES.slice(0, 3).flatMap(spellingsOf)) {
        const told = running.reached(await running.ask(poor, { method: 'GET', headers: [[name, 'DELETE']] })) ?? {};
        const believed = Object.entries(told).filter(([, value]) => value === 'DELETE');
        expect([name, looks ? believed : []]).toEqual([name, []]);
      }
    });
  });
});
