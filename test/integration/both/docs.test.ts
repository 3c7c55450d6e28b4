// The documents are true: every configuration and command in them runs on the real proxies, and the tables of variables
// and headers are what the proxies really set. docs-blocks.ts has the replacements that are made before a block runs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as contract from '../../../src/answer/contract';
import { describe, expect, test } from 'vitest';
import { blocksOf, DOCUMENTS, quoted, runnable, tableOf, type Block } from '../helpers/docs-blocks';
import { bad, good, startBlock, type Running } from '../helpers/docs-runner';
import { runIn, SUITES, type SuiteName } from '../helpers/suite';

const BLOCKS = DOCUMENTS.flatMap(blocksOf);
const CONFIGURATIONS = BLOCKS.filter(
  ({ language, notRun, askedBy }) => language !== 'sh' && notRun === undefined && askedBy === undefined,
);

/** More blocks than these do not stay unrun. */
const NOT_RUN_AT_MOST = 6;

function nameOf(block: Block): string {
  return `${block.document}:${String(block.line)}`;
}

function suitesOf(blocks: readonly Block[]): readonly { block: Block; suite: SuiteName; title: string }[] {
  return blocks.flatMap((block) =>
    block.suites.map((suite) => ({ block, suite, title: `${nameOf(block)} in ${suite}` })),
  );
}

/** The configuration in a document that has a line. */
function configurationWith(document: string, line: string): Block {
  const found = CONFIGURATIONS.filter((block) => block.document === document && block.text.includes(line));
  if (found.length !== 1 || found[0] === undefined) {
    throw new Error(`${document} has ${String(found.length)} configurations with \`${line}\``);
  }
  return found[0];
}

/** The first configuration with `auth_request` that docs/nginx.md has for a suite. */
function quickStart(suite: SuiteName): Block {
  const found = CONFIGURATIONS.find(
    ({ document, text, suites }) =>
      document === 'docs/nginx.md' && text.includes('auth_request /_jwtverify') && suites.includes(suite),
  );
  if (found === undefined) throw new Error(`docs/nginx.md has no configuration for ${suite}`);
  return found;
}

async function withRunning(
  block: Block,
  suite: SuiteName,
  changes: Readonly<Record<string, string>>,
  use: (running: Running) => Promise<void>,
): Promise<void> {
  const running = await startBlock(block, suite, changes);
  try {
    await use(running);
  } finally {
    await running.stop();
  }
}

test('a block that is not run says why, and there are few of them', () => {
  const notRun = BLOCKS.filter((block) => block.notRun !== undefined);
  expect(notRun.filter((block) => block.notRun === '')).toEqual([]);
  expect(notRun.map(nameOf).length).toBeLessThanOrEqual(NOT_RUN_AT_MOST);
  expect(BLOCKS.filter((block) => block.suites.length === 0)).toEqual([]);
  for (const { askedBy, document } of BLOCKS) {
    if (askedBy !== undefined)
      expect(readFileSync(join(import.meta.dirname, '../../..', askedBy), 'utf8')).toContain(document);
  }
  for (const document of ['README.md', 'docs/haproxy.md', 'docs/nginx.md']) {
    expect(CONFIGURATIONS.filter((block) => block.document === document)).not.toEqual([]);
  }
});

test.each(suitesOf(CONFIGURATIONS))('$title: a good token gets through, a bad one and none do not', async (one) => {
  await withRunning(one.block, one.suite, {}, async (running) => {
    const token = await good();
    const allowed = await running.ask(token);
    expect(allowed.status, running.output()).toBe(200);
    if (!one.block.text.includes('jwtverify.authorizer')) expect(running.reached(allowed)).toBeDefined();
    for (const other of [await bad(), undefined]) {
      const refused = await running.ask(other);
      expect(running.reached(refused)).toBeUndefined();
      expect(one.block.refusal === undefined ? [401, 403] : [one.block.refusal]).toContain(refused.status);
    }
    for (const part of token.split('.').slice(1)) expect(running.output()).not.toContain(part);
  });
});

describe.each(['docs/haproxy.md', 'docs/nginx.md'])('the commands of %s', (document) => {
  const commands = BLOCKS.filter(
    (block) =>
      block.document === document &&
      block.language === 'sh' &&
      block.notRun === undefined &&
      block.askedBy === undefined,
  );
  test.each(SUITES)('work in %s beside its first configuration', async (suite) => {
    const first = CONFIGURATIONS.find((block) => block.document === document && block.suites.includes(suite));
    if (first === undefined) throw new Error(`${document} has no configuration`);
    expect(commands.length).toBeGreaterThan(1);
    await withRunning(first, suite, {}, async (running) => {
      for (const command of commands) {
        const text = runnable(command, { directory: running.work.inside, port: running.port, backendPort: 0 });
        const ran = await runIn(suite, ['sh', '-euc', text], {
          cwd: running.work.inside,
          env: { TOKEN: await good() },
        });
        expect(ran, nameOf(command)).toMatchObject({ code: 0 });
      }
    });
  });
});

/** The variables of the contract that a file sets, by the names of its constants. */
function contractNames(source: string): readonly string[] {
  return Object.entries(contract)
    .filter(([constant, name]) => new RegExp(`\\b${constant}\\b`).test(source) && /^(authorized|oauth)/.test(name))
    .map(([, name]) => name);
}

describe('the variables of HAProxy', () => {
  const documented = tableOf('docs/haproxy.md', 'variable').flatMap(([cell = '']) => quoted(cell));
  const plain = documented.filter((name) => !name.includes('<'));
  const claim = ['txn.oauth.tenant', 'txn.oauth.exp', 'txn.oauth.https___mywebsite_com_role'];
  const report: Block = {
    ...configurationWith('README.md', 'lua-load'),
    // A check that lets every path of these tests pass, so that the variables of a refusal are seen.
    text: `http-request lua.jwtverify\nhttp-request deny if { path /never } !{ var(txn.authorized) -m bool }\n${[
      ...plain,
      ...claim,
    ]
      .map((name) => `http-after-response set-header V-${name} "<%[var(${name})]>"`)
      .join('\n')}`,
    frame: 'frontend',
  };
  const valuesOf = (headers: Readonly<Record<string, string>>, names: readonly string[]): readonly string[] =>
    names.map((name) => headers[`v-${name.toLowerCase()}`]?.slice(1, -1) ?? 'no header');

  test('are all in the table, and no other', () => {
    const built = readFileSync(join(import.meta.dirname, '../../../haproxy/answer/variables.ts'), 'utf8');
    const literal = [...built.matchAll(/'(txn\.[\w.]+)'/g)].map(([, name = '']) => name);
    const named = contractNames(built).map((name) => `txn.${name}`.replace(/\.$/, '.<claim>'));
    expect([...new Set([...literal, ...named])].sort()).toEqual([...documented].sort());
    const inReadme = tableOf('README.md', 'HAProxy').flatMap(([cell = '']) => quoted(cell));
    expect(inReadme.map((name) => name.replace('txn.oauth.sub', 'txn.oauth.<claim>')).sort()).toEqual(
      [...documented.filter((name) => name !== 'txn.oauth_claims'), 'txn.oauth.<claim>'].sort(),
    );
  });

  test.each(SUITES)('have the values of the table in %s', async (suite) => {
    await withRunning(report, suite, {}, async (running) => {
      const changes = { tenant: ['a', 'b'], 'https://mywebsite.com/role': { admin: true }, scope: ['x', 'y'] };
      const allowed = await running.ask(await good(changes));
      expect(running.reached(allowed)).toBeDefined();
      const five = [
        'txn.authorized',
        'txn.oauth_status',
        'txn.oauth_reason',
        'txn.oauth_challenge',
        'txn.oauth_scopes',
      ];
      expect(valuesOf(allowed.headers, five)).toEqual(['1', '200', '', '', 'x y']);
      const [tenant, expiry, role] = valuesOf(allowed.headers, claim);
      expect([tenant, role]).toEqual(['a b', '{"admin":true}']);
      expect(expiry).toMatch(/^\d{10}$/);
      const refused = await running.ask(undefined);
      expect(valuesOf(refused.headers, five)).toEqual(['0', '401', 'credentials_missing', 'Bearer', '']);
      expect(valuesOf(refused.headers, claim)).toEqual(['', '', '']);
    });
  });
});

describe.each(SUITES)('HAProxy in %s', (suite) => {
  test('refuses by itself with lua.jwtenforce: challenge, problem details, and 403 for want of the scope', async () => {
    const block = configurationWith('docs/haproxy.md', 'Only this proxy may name the caller');
    await withRunning(block, suite, {}, async (running) => {
      const bare = await running.ask(undefined);
      expect([bare.status, bare.headers['www-authenticate']]).toEqual([401, 'Bearer']);
      expect(bare.headers['content-type']).toBe('application/problem+json');
      const poor = await running.ask(await good({ scope: 'write:hamsters2' }));
      expect([poor.status, poor.headers['www-authenticate']]).toEqual([
        403,
        'Bearer error="insufficient_scope", scope="write:hamsters"',
      ]);
    });
  });

  test('logs the reason of a refusal, and not the token', async () => {
    const block = configurationWith('docs/haproxy.md', 'Only this proxy may name the caller');
    await withRunning(block, suite, {}, async (running) => {
      const token = await bad();
      // HAProxy drops a line when another thread writes one to the same file.
      const askAndRead = async (): Promise<string> => {
        expect((await running.ask(token)).status).toBe(401);
        return running.output();
      };
      await expect.poll(askAndRead, { timeout: 20_000 }).toContain('reason=signature_invalid');
      expect(running.output()).not.toContain(token.split('.')[1]);
    });
  });

  test('keeps X-OAuth headers of a client from the backend', async () => {
    const block = configurationWith('docs/haproxy.md', 'set-var(txn.reads)');
    await withRunning(block, suite, {}, async (running) => {
      const headers = [
        ['X-OAuth-Subject', 'admin'],
        ['x-oauth-scopes', 'all'],
      ] as const;
      const answer = await running.ask(await good(), { headers });
      expect(running.reached(answer)).toMatchObject({ 'x-oauth-subject': 'turbo' });
      expect(running.reached(answer)).not.toHaveProperty('x-oauth-scopes');
      const read = await running.ask(undefined, { method: 'GET', headers });
      expect(running.reached(read)).not.toHaveProperty('x-oauth-subject');
    });
  });

  test('is stopped by zero-warning when mode http was forgotten and no rule would be looked at', async () => {
    const strict = configurationWith('docs/haproxy.md', 'Only this proxy may name the caller');
    expect(strict.text).toContain('zero-warning');
    await withRunning(strict, suite, {}, async (running) => {
      expect((await running.ask(await good())).status).toBe(200);
    });
    const forgotten = { ...strict, text: strict.text.replace('mode http', 'mode tcp') };
    await expect(withRunning(forgotten, suite, {}, () => Promise.resolve())).rejects.toThrow('require HTTP mode');
  });

  test('denies a scope that only begins with the one that is asked for', async () => {
    for (const block of [
      configurationWith('README.md', 'lua-load'),
      configurationWith('docs/haproxy.md', 'Only this proxy may name the caller'),
      configurationWith('docs/haproxy.md', 'set-var(txn.reads)'),
    ]) {
      await withRunning(block, suite, {}, async (running) => {
        expect((await running.ask(await good({ scope: 'read:hamsters write:hamsters2' }))).status).toBe(403);
      });
    }
  });
});

describe.each(SUITES)('nginx in %s', (suite) => {
  test('hands the challenge on, and the scopes and subject to the backend, whatever the client sends', async () => {
    const block = quickStart(suite);
    await withRunning(block, suite, {}, async (running) => {
      const bare = await running.ask(undefined);
      expect([bare.status, bare.headers['www-authenticate']]).toEqual([401, 'Bearer']);
      const headers = [
        ['X-OAuth-Subject', 'admin'],
        ['x-oauth-scopes', 'all'],
      ] as const;
      for (const [scope, scopes] of [
        ['a b', 'a b'],
        [undefined, undefined],
      ] as const) {
        const answer = await running.ask(await good({ scope }), { headers });
        expect(answer.headers['www-authenticate']).toBeUndefined();
        const reached = running.reached(answer);
        expect([reached?.['x-oauth-subject'], reached?.['x-oauth-scopes']]).toEqual(['turbo', scopes]);
      }
    });
  });

  test('gives the exact status with the lines of the document', async () => {
    const block = configurationWith('docs/nginx.md', '$status_wanted = 503');
    await withRunning(block, suite, { OAUTH_ISSUER: '' }, async (running) => {
      const answer = await running.ask(await good());
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([503, undefined]);
      expect(running.output()).toContain('every request is refused: ');
    });
    await withRunning(block, suite, {}, async (running) => {
      const twice = await running.ask(await good(), { headers: [['Authorization', `Bearer ${await good()}`]] });
      expect(twice.status).toBe(400);
      const expired = await running.ask(await good({ exp: 1 }));
      expect(expired.headers['www-authenticate']).toContain('error="invalid_token"');
    });
  });

  test('without these lines answers 403 where the status ought to be 503', async () => {
    await withRunning(quickStart(suite), suite, { OAUTH_ISSUER: '' }, async (running) => {
      expect((await running.ask(await good())).status).toBe(403);
    });
  });

  test('demands the scope where the document says so', async () => {
    const block = configurationWith('docs/nginx.md', 'map "$request_method');
    await withRunning(block, suite, {}, async (running) => {
      for (const scope of ['read:hamsters', 'write:hamsters2', 'xwrite:hamsters', undefined]) {
        const poor = await running.ask(await good({ scope }));
        expect([poor.status, poor.headers['www-authenticate']]).toEqual([
          403,
          'Bearer error="insufficient_scope", scope="write:hamsters"',
        ]);
        const read = await running.ask(await good({ scope }), { method: 'GET' });
        expect(running.reached(read)).toBeDefined();
      }
    });
  });

  test('answers the headers of the table, and no other of its own', async () => {
    const block = configurationWith('docs/nginx.md', 'jwtverify.authorizer');
    const rows = tableOf('docs/nginx.md', 'header').map(([name = '', when = '']) => ({
      name: quoted(name)[0] ?? '',
      when,
    }));
    await withRunning(block, suite, {}, async (running) => {
      const answers = { allowed: await running.ask(await good()), refused: await running.ask(await bad()) };
      for (const [kind, answer] of Object.entries(answers)) {
        const own = Object.keys(answer.headers).filter((name) => /^(x-|www-)/.test(name));
        const documented = rows.filter(({ when }) => when === 'always' || when === kind);
        expect(own.sort()).toEqual(documented.map(({ name }) => name.toLowerCase()).sort());
      }
    });
  });
});

describe('the variables of js_access', () => {
  const documented = tableOf('docs/nginx.md', 'variable').flatMap(([cell = '']) => quoted(cell));

  test('are all in the tables, and no other', () => {
    const built = readFileSync(join(import.meta.dirname, '../../../nginx/answer/variables.ts'), 'utf8');
    const set = contractNames(built).map((name) => `$${name.replace(/_$/, '_<claim>')}`);
    expect([...new Set(set)].filter((name) => name !== '$oauth_<claim>').sort()).toEqual([...documented].sort());
    const inReadme = tableOf('README.md', 'HAProxy').flatMap(([, , cell = '']) => quoted(cell));
    expect([...inReadme].sort()).toEqual([...documented].sort());
  });

  test('reach the backend in sid, refusals are answered in the access phase', async () => {
    await withRunning(configurationWith('docs/nginx.md', 'js_access jwtverify.access'), 'sid', {}, async (running) => {
      const answer = await running.ask(await good());
      expect(running.reached(answer)).toMatchObject({
        'x-oauth-scopes': 'read:hamsters write:hamsters',
        'x-oauth-subject': 'turbo',
        'x-oauth-client': 'keeper',
      });
      const refused = await running.ask(await bad());
      expect(refused.headers['content-type']).toBe('application/problem+json');
      expect(refused.headers['www-authenticate']).toContain('invalid_token');
    });
  });
});
