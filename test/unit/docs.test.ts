// docs/settings.md, README.md and docs/reasons.md against the code: every setting, default and problem, and no other.
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { text } from '../../nginx/ports/text';
import { generateDocs } from '../../scripts/docs.mjs';
import { ALGORITHMS, type AlgorithmName } from '../../src/core/algorithm';
import { compileSettings } from '../../src/settings/compile-settings';
import type { Problem } from '../../src/core/problem';

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
};

type Environment = Readonly<Record<string, string | undefined>>;
const GOOD: Environment = { OAUTH_ISSUER: 'https://a/', OAUTH_AUDIENCE: 'b', OAUTH_PUBKEY_PATH: '/rsa.pem' };
const DISCOVERED: Environment = { OAUTH_ISSUER: 'https://a/', OAUTH_AUDIENCE: 'b' };
/** Nothing beside a policy. */
const ALONE: Environment = { OAUTH_ISSUER: undefined, OAUTH_AUDIENCE: undefined, OAUTH_PUBKEY_PATH: undefined };
const SECRET: Environment = { OAUTH_PUBKEY_PATH: undefined, OAUTH_HMAC_SECRET: 's'.repeat(32) };

/** Each in its turn on top of the good ones. Together they meet every problem that docs/settings.md has. */
const FAULTS: readonly Environment[] = [
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
  { ...SECRET, OAUTH_HMAC_SECRET: rsaPem },
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
  { OAUTH_CACHE_SIZE: 'x' },
  { OAUTH_CACHE_AGE: '0' },
  { OAUTH_DENY_PATH: '/missing' },
  { OAUTH_PLAIN_BUDGET: '10001' },
  ...['', '/missing', '/none.json', '/many.pem'].map((paths) => ({ OAUTH_NATIVE_KEYS: paths })),
  { OAUTH_ALGORITHMS: 'rs256 none HS256 ES256' },
  { OAUTH_PUBKEY_PATH: '/ed.pem' },
  ...['', '/missing', '/large', '/empty'].map((path) => ({ ...ALONE, OAUTH_POLICY: path })),
  { OAUTH_POLICY: '/empty' },
];

const asked = new Set<string>();

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

/** What stands for a name, a path or a number in the documented messages. */
function generalize(message: string): string {
  return message
    .replace(/`\/[^`]*`/, '`PATH`')
    .replace(/^stands beside [A-Z_, ]+, which/, 'stands beside NAMES, which')
    .replace(/^`(?!PATH)[A-Za-z0-9]+`/, '`NAME`')
    .replace(/check EdDSA with/, 'check NAME with')
    .replace(/(block|key|has|line) \d+/g, '$1 NUMBER');
}

/** `SETTING: message` for every row of the tables of problems. */
function documentedProblems(): readonly string[] {
  const rows: string[] = [];
  let setting = '';
  for (const line of SETTINGS.split('\n')) {
    setting = /^## (.+)$/.exec(line)?.[1] ?? setting;
    const message = /^\| (.+?) +\|/.exec(line)?.[1] ?? '';
    if (/^OAUTH_/.test(setting) && message !== '' && !/^(problem|-+)$/.test(message)) {
      rows.push(`${setting}: ${message}`);
    }
  }
  return rows;
}

/** The settings named in the first column of a document's table of settings. */
function tableOfSettings(document: string): readonly string[] {
  return [...document.matchAll(/^\| `(OAUTH_\w+)`/gm)].map((match) => match[1] ?? '');
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
      expect(document).toMatch(new RegExp(`^\\| \`OAUTH_CLOCK_SKEW\` .* 0 to 3600 +\\| ${skew} +\\|$`, 'm'));
    }
    expect(problemsOf({ ...GOOD, OAUTH_CLOCK_SKEW: '3600' })).toEqual([]);
    expect(problemsOf({ ...GOOD, OAUTH_CLOCK_SKEW: '3601' })).toHaveLength(1);
  });
});

describe('generated documents', () => {
  it('are what the code says', async () => {
    expect(await generateDocs(true)).toEqual([]);
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
