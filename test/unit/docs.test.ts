// docs/settings.md, README.md and docs/reasons.md against the code: every setting, default and problem, and no other.
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { text } from '../../nginx/ports/text';
import { generateDocs } from '../../scripts/docs.mjs';
import * as contract from '../../src/answer/contract';
import { listRefusals } from '../../src/answer/reason';
import { REMEDIES } from '../../src/answer/remedies';
import { ALGORITHMS, type AlgorithmName } from '../../src/model/algorithm';
import { compileSettings } from '../../src/settings/environment';
import type { Problem } from '../../src/model/problem';

const REFUSALS = listRefusals();
const ROOT = join(import.meta.dirname, '../..');
const ALL = ALGORITHMS.map((algorithm) => algorithm.name);
const SETTINGS = readFileSync(join(ROOT, 'docs/settings.md'), 'utf8');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
const koblitz = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey;
const ed448 = generateKeyPairSync('ed448').publicKey;
const PEM = { type: 'spki', format: 'pem' } as const;
const rsaJwk = rsa.publicKey.export({ format: 'jwk' });
const rsaPem = rsa.publicKey.export(PEM).toString();

function setOf(...keys: readonly unknown[]): string {
  return JSON.stringify({ keys });
}

const FILES: Readonly<Record<string, string>> = {
  '/rsa.pem': rsaPem,
  '/ed.pem': generateKeyPairSync('ed25519').publicKey.export(PEM).toString(),
  '/empty': '',
  '/large': ' '.repeat(1048577),
  '/many.pem': rsaPem.repeat(101),
  '/private.pem': rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  '/label.pem': rsaPem.replaceAll('PUBLIC KEY', 'X509 CRL'),
  '/broken.pem': rsaPem.replace('-----END', '!'),
  '/weak.pem': weak.export(PEM).toString(),
  '/curve.pem': koblitz.export(PEM).toString(),
  '/type.pem': ed448.export(PEM).toString(),
  '/none.json': setOf(),
  '/many.json': setOf(...Array.from({ length: 101 }, () => rsaJwk)),
  '/private.json': setOf(rsa.privateKey.export({ format: 'jwk' })),
  '/use.json': setOf({ ...rsaJwk, use: 'enc' }),
  '/type.json': setOf({ kty: 'OKP', crv: 'Ed448', x: 'AA' }),
  '/alg.json': setOf({ ...rsaJwk, alg: 'ES256' }),
  '/set.json': setOf(rsaJwk),
  '/lines': 'a\nb\n',
  '/short': 'short\n',
  ...Object.fromEntries([1, 2, 3, 4, 5].map((index) => [`/secret-${index}`, `${index}`.repeat(32)])),
};

type Environment = Readonly<Record<string, string | undefined>>;
const GOOD: Environment = { OAUTH_ISSUER: 'https://a/', OAUTH_AUDIENCE: 'b', OAUTH_PUBKEY_PATH: '/rsa.pem' };
const DISCOVERED: Environment = { OAUTH_ISSUER: 'https://a/', OAUTH_AUDIENCE: 'b' };
/** Nothing beside a policy. */
const ALONE: Environment = { OAUTH_ISSUER: undefined, OAUTH_AUDIENCE: undefined, OAUTH_PUBKEY_PATH: undefined };
const SECRET: Environment = { OAUTH_PUBKEY_PATH: undefined, OAUTH_HMAC_SECRET: 's'.repeat(32) };

/** Each in its turn on top of the good ones. Together they meet every problem that docs/settings.md has. */
const FAULTS: readonly Environment[] = [
  { OAUTH_LOGIN_CLIENT_ID: 'gateway' },
  { OAUTH_ISSUER: undefined, OAUTH_AUDIENCE: undefined, OAUTH_PUBKEY_PATH: undefined },
  { OAUTH_ISSUER: '', OAUTH_AUDIENCE: ' ', OAUTH_PUBKEY_PATH: '', OAUTH_JWKS_PATH: '', OAUTH_ALGORITHMS: ' ' },
  { OAUTH_ISSUER: 'a b', OAUTH_AUDIENCE: 'a *', OAUTH_CLOCK_SKEW: '60s' },
  { OAUTH_ISSUER: '"https://us/"', OAUTH_AUDIENCE: '"a"' },
  { OAUTH_ISSUER: 'https://us/{tenantid}', OAUTH_AUDIENCE: 'a,b' },
  { ...SECRET, OAUTH_HMAC_SECRET: "'" + 's'.repeat(40) + "'" },
  { ...SECRET, OAUTH_HMAC_SECRET: 's'.repeat(40) + '\n' },
  ...['missing', 'large', 'empty', 'many.pem', 'private.pem', 'label.pem', 'broken.pem', 'weak.pem', 'curve.pem'].map(
    (name) => ({ OAUTH_PUBKEY_PATH: `/${name}` }),
  ),
  { OAUTH_PUBKEY_PATH: '/type.pem' },
  ...['missing', 'large', 'empty', 'none.json', 'many.json', 'private.json', 'use.json', 'type.json', 'alg.json'].map(
    (name) => ({ OAUTH_JWKS_PATH: `/${name}` }),
  ),
  { ...SECRET, OAUTH_HMAC_SECRET: '' },
  { ...SECRET, OAUTH_HMAC_SECRET: 'short' },
  { ...SECRET, OAUTH_HMAC_SECRET: 's'.repeat(8193) },
  { ...SECRET, OAUTH_HMAC_SECRET: JSON.stringify(rsaJwk) },
  { ...SECRET, OAUTH_HMAC_SECRET: '\ufffd'.repeat(32) },
  { ...SECRET, OAUTH_HMAC_SECRET: rsaPem.replaceAll(/-.*-|\n/g, ''), OAUTH_HMAC_SECRET_ENCODING: 'base64' },
  ...['hex', 'base64', 'base64url', 'base32'].map((encoding) => ({
    ...SECRET,
    OAUTH_HMAC_SECRET: '!'.repeat(32),
    OAUTH_HMAC_SECRET_ENCODING: encoding,
  })),
  { OAUTH_HMAC_SECRET_ENCODING: 'hex' },
  { ...SECRET, OAUTH_HMAC_SECRET_FILE: '/secret-1' },
  ...[' ', '/missing', '/lines', '/empty', '/short', '/secret-1 /secret-2 /secret-3 /secret-4 /secret-5'].map(
    (paths) => ({ OAUTH_PUBKEY_PATH: undefined, OAUTH_HMAC_SECRET_FILE: paths }),
  ),
  { OAUTH_HMAC_SECRET_FILE: '/secret-1' },
  { OAUTH_PUBKEY_PATH: undefined, OAUTH_JWKS_PATH: '/set.json', OAUTH_HMAC_SECRET_FILE: '/secret-1' },
  { OAUTH_PUBKEY_PATH: undefined, OAUTH_JWKS_URL: 'https://us/', OAUTH_HMAC_SECRET_FILE: '/secret-1' },
  { ...SECRET, OAUTH_HMAC_SECRET: rsaPem },
  { ...SECRET, OAUTH_HMAC_SECRET: `\ufeff${'s'.repeat(32)}` },
  { ...SECRET, OAUTH_PUBKEY_PATH: '/rsa.pem' },
  { ...SECRET, OAUTH_JWKS_PATH: '/none.json' },
  { OAUTH_PUBKEY_PATH: undefined, OAUTH_ISSUER: 'us' },
  { OAUTH_PUBKEY_PATH: undefined, OAUTH_ISSUER: 'http://us' },
  ...['', 'us', 'http://us', 'https://us/ x', 'https://u:p@us', 'https://us/#x', 'https://us/' + 'x'.repeat(2048)].map(
    (url) => ({ OAUTH_PUBKEY_PATH: undefined, OAUTH_JWKS_URL: url }),
  ),
  { OAUTH_JWKS_URL: 'https://us/' },
  { OAUTH_PUBKEY_PATH: undefined, OAUTH_JWKS_PATH: '/set.json', OAUTH_JWKS_URL: 'https://us/' },
  { ...SECRET, OAUTH_JWKS_URL: 'https://us/' },
  { OAUTH_PUBKEY_PATH: undefined, OAUTH_ALLOW_HTTP: 'yes' },
  { OAUTH_CA_FILE: '/ca.pem' },
  { OAUTH_JWKS_REFRESH: '9' },
  { OAUTH_JWKS_COOLDOWN: '0' },
  { OAUTH_JWKS_MAX_STALE: '19' },
  { OAUTH_JWKS_MAX_STALE: '100' },
  { OAUTH_CACHE_SIZE: 'x' },
  { OAUTH_CACHE_AGE: '0' },
  { OAUTH_DENY_PATH: '/missing' },
  { OAUTH_PLAIN_BUDGET: '10001' },
  ...['', '/missing', '/none.json', '/many.pem'].map((paths) => ({ OAUTH_NATIVE_KEYS: paths })),
  { OAUTH_ALGORITHMS: 'rs256 none HS256 ES256' },
  ...['', 'cookies:a', 'cookie', 'bearer:x', 'bearer bearer', 'form:a', 'header:Authorization', 'header:Cookie'].map(
    (places) => ({ OAUTH_TOKEN_FROM: places }),
  ),
  ...['header:Sec-WebSocket-Protocol', 'header:Host'].map((places) => ({ OAUTH_TOKEN_FROM: places })),
  ...['header', 'cookie', 'query', 'websocket_protocol'].map((kind) => ({
    OAUTH_TOKEN_FROM: `${kind}:${'a'.repeat(129)}`,
  })),
  { OAUTH_TOKEN_FROM: Array.from({ length: 17 }, (_, index) => `cookie:c${String(index)}`).join(',') },
  { OAUTH_PUBKEY_PATH: '/ed.pem' },
  ...['', '/missing', '/large', '/empty'].map((path) => ({ ...ALONE, OAUTH_POLICY: path })),
  { OAUTH_POLICY: '/empty' },
];

/** Read by HAProxy's part alone, which its own tests ask (check.test.ts, lane-lines.test.ts). */
const OF_HAPROXY = ['OAUTH_CHECKED_ELSEWHERE', 'OAUTH_LANE_SIZE', 'OAUTH_LANE_SOCKETS'];

const asked = new Set<string>(OF_HAPROXY);

function problemsOf(environment: Environment, engine: readonly AlgorithmName[] = ALL): readonly Problem[] {
  const source = {
    environment: (name: string) => {
      asked.add(name);
      return environment[name];
    },
    readFile: (path: string) => {
      const content = FILES[path];
      if (content === undefined) return { ok: false as const, problem: 'no such file' };
      return { ok: true as const, text: content };
    },
  };
  const answer = compileSettings(source, text, engine);
  return answer.ok ? [] : answer.problems;
}

/** A message with the placeholders of the documents for names, paths and numbers. */
function generalize(message: string): string {
  return message
    .replace(/`\/[^`]*`/, '`PATH`')
    .replace(/^is set together with [A-Z_, ]+, which/, 'is set together with NAMES, which')
    .replace(/^`(?!PATH)[A-Za-z0-9]+`/, '`NAME`')
    .replace(/check EdDSA$/, 'check NAME')
    .replace(/^(`NAME` is not known|is not one of text, base64, base64url, hex); .*/, '$1')
    .replace(/(block|key|has|line) \d+/g, '$1 NUMBER');
}

/** Every row of the tables of problems. */
function rowsOfProblems(): readonly { readonly setting: string; readonly message: string; readonly remedy: string }[] {
  const rows: { setting: string; message: string; remedy: string }[] = [];
  let setting = '';
  for (const line of SETTINGS.split('\n')) {
    setting = /^## (.+)$/.exec(line)?.[1] ?? setting;
    const [, message = '', remedy = ''] = /^\| (.+?) +\| (.*?) *\|$/.exec(line) ?? [];
    if (/^OAUTH_/.test(setting) && message !== '' && !/^(problem|-+)$/.test(message)) {
      rows.push({ setting, message, remedy });
    }
  }
  return rows;
}

/** `SETTING: message` for every row of the tables of problems. */
function documentedProblems(): readonly string[] {
  return rowsOfProblems().map(({ setting, message }) => `${setting}: ${message}`);
}

/** The settings named in the first column of a document's table of settings. */
function tableOfSettings(document: string): readonly string[] {
  return [...document.matchAll(/^\| \[`(OAUTH_\w+)`\]/gm)].map((match) => match[1] ?? '');
}

describe('docs/settings.md and README.md', () => {
  it('name every setting that is read, and no other', () => {
    problemsOf(GOOD);
    problemsOf(DISCOVERED);
    expect([...tableOfSettings(SETTINGS)].sort()).toEqual([...asked].sort());
    expect(tableOfSettings(README)).toEqual(tableOfSettings(SETTINGS));
    for (const name of tableOfSettings(SETTINGS)) expect(SETTINGS).toContain(`\n## ${name}\n`);
  });

  it('list every problem word for word', () => {
    const engine = ALL.filter((name) => name !== 'EdDSA');
    const met = FAULTS.flatMap((fault) => problemsOf({ ...GOOD, ...fault }, engine));
    const lines = met.map((problem) => `${problem.setting}: ${generalize(problem.message)}`);
    expect([...documentedProblems()].sort()).toEqual([...new Set(lines)].sort());
  });

  it('tell the operator what to do about each problem', () => {
    const rows = rowsOfProblems();
    expect(rows.length).toBeGreaterThan(70);
    expect(rows.filter(({ remedy }) => !/^[a-z].{10,}$/i.test(remedy))).toEqual([]);
  });

  it('name every algorithm, the default skew and its limits', () => {
    expect(
      SETTINGS.slice(SETTINGS.indexOf('## OAUTH_ALGORITHMS'))
        .match(/[A-Z]S\d{3}|EdDSA/g)
        ?.slice(0, ALL.length),
    ).toEqual(ALL);
    const source = { environment: (name: string) => GOOD[name], readFile: () => ({ ok: true as const, text: rsaPem }) };
    const answer = compileSettings(source, text, ALL);
    const skew = answer.ok ? String(answer.settings.clockSkew) : '';
    for (const document of [SETTINGS, README]) {
      expect(document).toMatch(new RegExp(`^\\| \\[\`OAUTH_CLOCK_SKEW\`\\].* 0 to 3600 +\\| ${skew} +\\|`, 'm'));
    }
    expect(problemsOf({ ...GOOD, OAUTH_CLOCK_SKEW: '3600' })).toEqual([]);
    expect(problemsOf({ ...GOOD, OAUTH_CLOCK_SKEW: '3601' })).toHaveLength(1);
  });
});

/** Read by scripts/docs.mjs alone. */
const FOR_DOCUMENTS = ['src/answer/remedies.ts', 'src/settings/descriptions.ts'];

/** The parts of documents that come out of the table of settings. */
const PARTS = {
  'README.md': 'overview of the settings',
  'docs/settings.md': 'table of the settings',
  'docs/nginx.md': 'env lines',
};

describe('generated documents', () => {
  it('are what the code says', async () => {
    expect(await generateDocs(true)).toEqual([]);
  });

  it.each(Object.entries(PARTS))('have in %s the section `%s`', (document, part) => {
    const lines = readFileSync(join(ROOT, document), 'utf8').split('\n');
    expect(lines.filter((line) => line.startsWith('<!-- ') && line.includes(` ${part}`))).toEqual([
      `<!-- begin ${part}: generated by scripts/docs.mjs -->`,
      `<!-- end ${part} -->`,
    ]);
  });

  it('give the operator a remedy for each reason, in whole sentences', () => {
    for (const [reason, remedy] of Object.entries(REMEDIES))
      expect([reason, remedy]).toEqual([reason, expect.stringMatching(/^[A-Z`].{20,250}\.$/)]);
    expect(Object.keys(REMEDIES).sort()).toEqual(Object.keys(REFUSALS).sort());
  });

  it('have texts of their own, which nothing brings into an artifact', () => {
    const code = ['src', 'haproxy', 'nginx'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .map((name) => `${folder}/${name}`)
        .filter((name) => name.endsWith('.ts') && !FOR_DOCUMENTS.includes(name)),
    );
    expect(code.length).toBeGreaterThan(150);
    for (const file of FOR_DOCUMENTS) {
      const name = file.slice(file.lastIndexOf('/'), -'.ts'.length);
      expect(code.filter((other) => readFileSync(join(ROOT, other), 'utf8').includes(`${name}'`))).toEqual([]);
    }
  });
});

describe('docs/haproxy.md and docs/nginx.md', () => {
  const headings = (name: string): readonly string[] =>
    [...readFileSync(join(ROOT, `docs/${name}.md`), 'utf8').matchAll(/^##?#? (.+)$/gm)]
      .map(([line]) => line.replaceAll(/\b(?:HAProxy|nginx)\b/g, 'PROXY'))
      .filter((line) => line.startsWith('##'));

  it('have the same headings in the same order', () => {
    expect(headings('nginx')).toEqual(headings('haproxy'));
    expect(headings('nginx').filter((line) => line.startsWith('## '))).toEqual([
      '## Quick start',
      '## Reference',
      '## Operating',
      '## Troubleshooting',
    ]);
  });
});

/** Words of the proxies themselves, in the tables of Troubleshooting. */
const OF_PROXIES =
  /directive|^module|^invalid|^unknown|^no imports|^duplicate|^auth request|^js function|resolv|certificate|^connect|^is already|^error in|cannot open|^Cannot (?:load|find)|^Connection|http-request|HTTP mode|zero-warning|setenv/;

describe('Troubleshooting', () => {
  const code = ['src', 'haproxy', 'nginx']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFileSync(join(ROOT, folder, name), 'utf8')),
    )
    .join('\n')
    .replaceAll(/' \+\s+'/g, '');

  it.each(['haproxy', 'nginx'])('of docs/%s.md quotes messages that the code has', (name) => {
    const document = readFileSync(join(ROOT, `docs/${name}.md`), 'utf8');
    const cells = [...document.slice(document.indexOf('\n## Troubleshooting')).matchAll(/^\| (.*?) \|/gm)];
    const messages = cells
      .flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+ [^`]+)`/g)].map(([, quote = '']) => quote))
      .flatMap((quote) => quote.split(/\.\.\.|jwtverify: |OAUTH_\w+: /))
      .map((part) => part.replaceAll(/^[ :,]+|[ :,]+$/g, ''))
      .filter((part) => part.length > 7 && !OF_PROXIES.test(part));
    expect(messages.length).toBeGreaterThan(4);
    expect(messages.filter((message) => !code.includes(message))).toEqual([]);
  });
});

describe('links between documents', () => {
  const folders = ['', 'docs', 'docs/decisions'];
  const documents = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  );
  const slug = (heading: string): string =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-');

  it.each(documents)('of %s lead somewhere', (document) => {
    const content = readFileSync(join(ROOT, document), 'utf8');
    for (const [, target = ''] of content.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const linked = path === '' ? content : readFileSync(join(ROOT, document, '..', path), 'utf8');
      const headings = [...linked.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slug(heading));
      if (anchor !== undefined) expect(headings, target).toContain(anchor);
    }
  });
});

describe('the names of the contract', () => {
  const { TRANSACTION, AUTHORIZED, AUTHORIZED_VARIABLE, CLAIM_VARIABLES, CLAIM_PREFIX, SUBJECT_VARIABLE } = contract;
  const listed = Object.entries(contract).filter(([name]) => /_(VARIABLE|HEADER)$/.test(name));
  const hasTwin = (name: string): boolean => name !== AUTHORIZED_VARIABLE && name !== SUBJECT_VARIABLE;

  it('are those of README.md, on HAProxy and on nginx', () => {
    for (const [kind, name] of listed) {
      const names = kind.endsWith('HEADER') ? [name] : [`$${name}`, ...(hasTwin(name) ? [TRANSACTION + name] : [])];
      for (const written of names) expect(README).toContain(`\`${written}\``);
    }
    for (const written of [TRANSACTION + AUTHORIZED, `${TRANSACTION}${CLAIM_VARIABLES}<claim>`]) {
      expect(README).toContain(`\`${written}\``);
    }
    expect(README).toContain(`\`$${CLAIM_PREFIX}<claim>\``);
  });
});
