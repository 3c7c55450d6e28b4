// docs/recipes.md: WebSockets and downloads by link, on both proxies as the document has them, used and attacked.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { blocksOf, readDocument, type Block } from '../helpers/docs-blocks';
import { AUDIENCE, bad, good, ISSUER, startBlock, type Backend, type Running } from '../helpers/docs-runner';
import { request, runIn, type HttpAnswer, type SuiteName } from '../helpers/suite';

type Lines = readonly (readonly [name: string, value: string])[];

/** What reached the backend: the request line's target and all header lines. */
interface Reached {
  readonly target: string;
  readonly lines: string;
  readonly isUpgrade: boolean;
}

/** A backend that answers everything, changes to whatever protocol it is asked for, and sends back what it then gets. */
function startRecorder(reached: Reached[]): (port: number) => Promise<Backend> {
  const note = (incoming: IncomingMessage, isUpgrade: boolean): void => {
    const lines = incoming.rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\n`)).join('');
    reached.push({ target: incoming.url ?? '', lines, isUpgrade });
  };
  return async (port) => {
    const server = createServer((incoming, answer) => {
      note(incoming, false);
      answer.setHeader('x-backend', 'reached').end('{}');
    });
    server.on('upgrade', (incoming, socket) => {
      note(incoming, true);
      const protocol = incoming.headers['sec-websocket-protocol']?.split(',')[0] ?? '';
      const chosen = protocol === '' ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`;
      socket.on('error', () => undefined);
      // RFC 6455 §4.2.2; HAProxy checks it.
      const key = `${incoming.headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = `Sec-WebSocket-Accept: ${createHash('sha1').update(key).digest('base64')}\r\n`;
      const changed = `Upgrade: ${incoming.headers.upgrade ?? ''}\r\nConnection: Upgrade\r\n`;
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${changed}${accept}${chosen}\r\n`);
      socket.pipe(socket);
    });
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    return {
      stop: async () => {
        server.closeAllConnections();
        await new Promise((done) => server.close(done));
      },
    };
  };
}

/** The configurations below a heading of the document, each in its suites. */
function casesBelow(heading: string): readonly { block: Block; suite: SuiteName; title: string }[] {
  const text = readDocument('docs/recipes.md');
  const lineOf = (index: number): number => text.slice(0, index).split('\n').length;
  const from = text.indexOf(`\n## ${heading}\n`);
  const [first, last] = [lineOf(from), lineOf(text.indexOf('\n## ', from + 4))];
  return blocksOf('docs/recipes.md')
    .filter(({ line, language }) => line > first && line < last && ['haproxy', 'nginx'].includes(language))
    .flatMap((block) => block.suites.map((suite) => ({ block, suite, title: `${block.language} of ${suite}` })));
}

/** No part of a token may be in anything that the proxy writes. */
function expectNoToken(running: Running, tokens: readonly string[]): void {
  const files = readdirSync(running.work.outside).filter((name) => name.endsWith('.log'));
  const written = files.map((name) => readFileSync(join(running.work.outside, name), 'utf8'));
  for (const token of tokens) {
    const signature = token.split('.')[2] ?? '';
    expect([...written, running.output()].filter((log) => log.includes(signature))).toEqual([]);
  }
}

describe.each(casesBelow('WebSockets'))('WebSockets through $title', ({ block, suite }) => {
  interface Opened {
    readonly status: number;
    readonly head: string;
    /** What came back of a word that was sent once the protocol was changed. */
    readonly echo: string;
  }

  /** Asks for a change of protocol, and uses it where it comes. */
  function open(port: number, headers: Lines, upgrade = 'websocket'): Promise<Opened> {
    return new Promise((done) => {
      let received = '';
      let isSent = false;
      const socket = connect(port, '127.0.0.1');
      const end = (): void => {
        socket.destroy();
        const at = received.indexOf('\r\n\r\n');
        const head = received.slice(0, at);
        done({ status: Number(head.slice(9, 12)), head, echo: received.slice(at + 4) });
      };
      socket.on('error', end).on('close', end);
      socket.on('data', (bytes) => {
        received += bytes.toString('latin1');
        if (!received.includes('\r\n\r\n')) return;
        const isOpen = received.startsWith('HTTP/1.1 101');
        if (isOpen && !isSent) socket.write('hamster');
        isSent = true;
        if (!isOpen || received.endsWith('\r\n\r\nhamster')) end();
      });
      const own: Lines = [
        ['Host', 'api.mywebsite.com'],
        ['Connection', 'Upgrade'],
        ['Upgrade', upgrade],
        ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
        ['Sec-WebSocket-Version', '13'],
      ];
      const lines = [...own, ...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
      socket.write(`GET /api/live HTTP/1.1\r\n${lines}\r\n`);
    });
  }

  async function use(body: (running: Running, reached: Reached[]) => Promise<void>): Promise<void> {
    const reached: Reached[] = [];
    const running = await startBlock(block, suite, {}, undefined, startRecorder(reached));
    try {
      await body(running, reached);
    } finally {
      await running.stop();
    }
  }

  const protocols = (value: string): Lines => [['Sec-WebSocket-Protocol', value]];

  test('a token among the subprotocols opens one, the backend gets the rest, and no log the token', async () => {
    await use(async (running, reached) => {
      const token = await good();
      for (const lines of [protocols(`bearer, ${token}`), [...protocols('bearer'), ...protocols(token)]]) {
        // Twice: what is remembered opens it as well.
        for (let turn = 0; turn < 2; turn += 1) {
          const opened = await open(running.port, [...lines, ['X-OAuth-Subject', 'root']]);
          expect([opened.status, opened.echo]).toEqual([101, 'hamster']);
          expect(opened.head).toMatch(/^sec-websocket-protocol: bearer\r?$/im);
          const told = reached.at(-1)?.lines ?? '';
          expect(told).toMatch(/^sec-websocket-protocol: bearer$/im);
          expect(told).toMatch(/^x-oauth-subject: turbo$/im);
          expect(told).not.toContain('root');
          expect(told).not.toContain(token.split('.')[2]);
        }
      }
      expect((await open(running.port, [['Authorization', `Bearer ${token}`]])).status).toBe(101);
      expectNoToken(running, [token]);
    });
  });

  test('nobody opens one without a good token in one place', async () => {
    await use(async (running, reached) => {
      const [token, forged, other] = [await good(), await bad(), await good({ sub: 'other' })];
      const expired = await good({ exp: 1 });
      const attempts: readonly Lines[] = [
        [],
        protocols('bearer'),
        protocols('bearer, '),
        protocols(token),
        protocols(`chat, ${token}`),
        protocols(`bearer; ${token}`),
        protocols(`bearer ${token}`),
        protocols(`bearer, "${token}"`),
        protocols(`bearer, ${forged}`),
        protocols(`bearer, ${expired}`),
        protocols(`bearer, ${token}x`),
        protocols(`bearer, ${token}, bearer, ${other}`),
        [...protocols(`bearer, ${token}`), ...protocols(`bearer, ${other}`)],
        [...protocols(`bearer, ${token}`), ['Authorization', `Bearer ${other}`]],
        [...protocols(`bearer, ${forged}`), ['Authorization', `Bearer ${token}`]],
        [['Sec_WebSocket_Protocol', `bearer, ${token}`]],
        [['Cookie', `bearer=${token}`]],
      ];
      for (const lines of attempts) {
        const opened = await open(running.port, lines);
        expect([lines, [400, 401, 403].includes(opened.status)]).toEqual([lines, true]);
      }
      expect(reached).toEqual([]);
      expectNoToken(running, [token, forged, other, expired]);
    });
  });

  test('a good token opens a tunnel of no other protocol', async () => {
    await use(async (running, reached) => {
      const token = await good();
      for (const upgrade of ['h2c', 'websocket, h2c', 'h2c, websocket', 'tcp']) {
        await open(running.port, protocols(`bearer, ${token}`), upgrade);
      }
      // A list of several may become a WebSocket.
      const wanted = reached.flatMap(({ lines }) => /^upgrade: (.*)$/im.exec(lines)?.[1] ?? []);
      expect(wanted.filter((protocol) => protocol !== 'websocket')).toEqual([]);
    });
  });
});

describe.each(casesBelow('Downloads by link'))('downloads through $title', ({ block, suite }) => {
  /** The document's policy, for the tests' own issuer. */
  function policy(): string {
    const found = /## Downloads by link\n[\s\S]*?```json\n([\s\S]*?)```/.exec(readDocument('docs/recipes.md'))?.[1];
    const keys = { public_key_file: '/etc/haproxy/pem/pubkey.pem' };
    const issuers = [{ issuer: ISSUER, audiences: [AUDIENCE], keys }];
    return JSON.stringify({ issuers, ...(JSON.parse(found ?? '') as object) });
  }

  /** As the document says: the lines of `jwtverify.forward` are fetched once, and nginx reloads. */
  async function wire(running: Running): Promise<void> {
    if (block.language !== 'nginx') return;
    const inside = running.work.inside;
    const ask = ['curl', '-fsS', '--unix-socket', `${inside}/operator.sock`, 'http://operator/_forward'];
    const { code, output } = await runIn(suite, ask, {});
    expect([code, output]).toEqual([0, expect.stringContaining('jwtverify')]);
    writeFileSync(join(running.work.outside, 'forward.conf'), output);
    await running.reload();
    expect((await running.ask(await good({ scope: 'api' }))).status).toBe(200);
  }

  async function use(
    body: (
      get: (path: string, headers?: Lines) => Promise<HttpAnswer>,
      running: Running,
      reached: Reached[],
    ) => Promise<void>,
  ): Promise<void> {
    const reached: Reached[] = [];
    const running = await startBlock(block, suite, {}, policy(), startRecorder(reached));
    try {
      await wire(running);
      reached.length = 0;
      await body((path, headers = []) => request({ port: running.port, path, headers }), running, reached);
    } finally {
      await running.stop();
    }
  }

  const forFiles = (changes: object = {}): Promise<string> => good({ scope: 'files:read', ...changes });

  test('a link with its token works, and no backend, log, cache or other site gets the token', async () => {
    await use(async (get, running, reached) => {
      const token = await forFiles();
      for (const [path, left] of [
        [`/files/a%20b.pdf?access_token=${token}`, '/files/a%20b.pdf'],
        [`/files/a.pdf?x=%2F1&access_token=${token}&y`, '/files/a.pdf?x=%2F1&y'],
        [`/files/a.pdf?%61ccess_token=${token}`, '/files/a.pdf'],
        [`/files/a.pdf?access_token=${token}&access_token=${token}`, '/files/a.pdf'],
      ] as const) {
        for (let turn = 0; turn < 2; turn += 1) {
          const answer = await get(path);
          expect([answer.status, reached.at(-1)?.target]).toEqual([200, left]);
          expect(answer.headers['referrer-policy']).toBe('no-referrer');
          expect(answer.headers['cache-control']).toContain('private');
          expect(reached.at(-1)?.lines).not.toContain(token.split('.')[2]);
        }
      }
      expect((await get('/files/a.pdf', [['Authorization', `Bearer ${token}`]])).status).toBe(200);
      expectNoToken(running, [token]);
    });
  });

  test('a link opens nothing but files, and only with one good token', async () => {
    await use(async (get, running, reached) => {
      const [token, forged, other] = [await forFiles(), await bad(), await forFiles({ sub: 'other' })];
      const api = await good({ scope: 'api' });
      const expired = await forFiles({ exp: 1 });
      const attempts: readonly (readonly [path: string, headers?: Lines])[] = [
        ['/files/a.pdf'],
        ['/files/a.pdf?access_token='],
        [`/files/a.pdf?access_token=${forged}`],
        [`/files/a.pdf?access_token=${expired}`],
        [`/files/a.pdf?access_token=${api}`],
        [`/files/a.pdf?access_token=${token}&access_token=${other}`],
        [`/files/a.pdf?access_token=${token}&%61ccess_token=${other}`],
        [`/files/a.pdf?access_token=${token}`, [['Authorization', `Bearer ${other}`]]],
        [`/files/a.pdf?access_token=${forged}`, [['Authorization', `Bearer ${token}`]]],
        [`/files/a.pdf?x;access_token=${token}`],
        [`/files/a.pdf?x%26access_token=${token}`],
        [`/files/a.pdf?Access_Token=${token}`],
        [`/files/a.pdf;access_token=${token}`],
        [`/files/a.pdf?access_token=${token.replaceAll('.', '%252e')}`],
        [`/files/a.pdf?access_token=%zz${token}`],
        [`/files/a.pdf%3Faccess_token=${token}`],
        [`/api/hamsters?access_token=${token}`],
        [`/files/../api/hamsters?access_token=${token}`],
        [`/files/%2e%2e/api/hamsters?access_token=${token}`],
        [`/files%2f..%2fapi/hamsters?access_token=${token}`],
        [`//files/../api?access_token=${token}`],
        [`/other?access_token=${token}`],
      ];
      for (const [path, headers] of attempts) {
        const answer = await get(path, headers);
        expect([path, [400, 401, 403, 404].includes(answer.status)]).toEqual([path, true]);
      }
      expect(reached).toEqual([]);
      expectNoToken(running, [forged, expired]);
    });
  });
});

test('each proxy has both recipes', () => {
  for (const heading of ['WebSockets', 'Downloads by link']) {
    expect(new Set(casesBelow(heading).map(({ block }) => block.language))).toEqual(new Set(['haproxy', 'nginx']));
  }
});
