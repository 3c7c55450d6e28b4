// `jwtverify token make`: tokens for trials, which a policy accepts that names the throw-away keys, and no other.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { makeToken, type MakeOptions } from '../../../cli/commands/make-token';
import { judgeAtDesk } from '../../../cli/desk/judge';
import { findKeys } from '../../../cli/desk/keys';
import { readRequest } from '../../../cli/desk/request';
import { settingsOf } from '../../../cli/desk/settings';
import { THROW_AWAY_ALGORITHMS } from '../../../cli/write/choices';
import { MARK } from '../../../cli/write/throw-away-keys';
import { createRecorder } from './recorder';

let folder = '';
const folders: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'make-token-'));
  folders.push(folder);
});
afterAll(() => {
  for (const one of folders) rmSync(one, { recursive: true });
});

const NOW = 1_800_000_000;

function made(changes: Partial<MakeOptions> = {}): string {
  const recorder = createRecorder();
  const options = {
    keys: join(folder, 'keys'),
    algorithm: 'ES256',
    audience: [],
    expiresIn: '600',
    at: String(NOW),
  } as const;
  makeToken({ ...options, ...changes }, recorder.output);
  return recorder.stdout().trim();
}

function writePolicy(): string {
  const path = join(folder, 'policy.json');
  const issuers = [
    { issuer: 'https://a.example/', audiences: ['api'], keys: { jwks_file: join(folder, 'keys/jwks.json') } },
  ];
  writeFileSync(path, JSON.stringify({ issuers, rules: [{ paths: ['/**'], require: { scopes: ['write'] } }] }));
  return path;
}

async function reasonFor(policy: string, token: string): Promise<string> {
  const settings = settingsOf(policy, '');
  const { keySets } = await findKeys(settings, false, NOW);
  const request = readRequest('GET', '/a', [`Authorization: Bearer ${token}`]);
  const question = { settings, keySets, request, presented: { kind: 'request' }, allowedGroups: '', now: NOW } as const;
  return (await judgeAtDesk(question)).ruling.decision.reason;
}

const claimsOf = (token: string): unknown =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as unknown;

describe('token make', () => {
  test.each(THROW_AWAY_ALGORITHMS)('signs with %s what a policy with its keys accepts', async (algorithm) => {
    const policy = writePolicy();
    const token = made({ algorithm, policy, scope: 'read write' });
    expect(await reasonFor(policy, token)).toBe('');
    expect(await reasonFor(policy, made({ algorithm, policy }))).toBe('insufficient_scope');
    expect(await reasonFor(policy, made({ algorithm, policy, expiresIn: '-61' }))).toBe('expired');
  });

  test('keeps its key, and makes a new one when that is wanted, beside the older one', async () => {
    const policy = writePolicy();
    const tokens = [made({ policy, scope: 'write' }), made({ policy, scope: 'write' })];
    tokens.push(made({ policy, scope: 'write', newKey: true }), made({ policy, scope: 'write' }));
    const kids = tokens.map(
      (token) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string },
    );
    expect(new Set(kids.map(({ kid }) => kid)).size).toBe(2);
    expect(kids[2]).toEqual(kids[3]);
    for (const token of tokens) expect(await reasonFor(policy, token)).toBe('');
  });

  test('marks its keys, and lets nobody else read the private ones', () => {
    const token = made();
    expect(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).toContain('"kid":"throw-away-');
    for (const name of ['private.json', 'jwks.json'])
      expect(readFileSync(join(folder, 'keys', name), 'utf8')).toContain(JSON.stringify(MARK));
    expect(statSync(join(folder, 'keys/private.json')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'keys/jwks.json'), 'utf8')).not.toContain('"d"');
  });

  test('has the claims of a file or of an option, and those of options of their own before these', () => {
    const file = join(folder, 'claims.json');
    writeFileSync(file, '{"iss": "https://b.example/", "roles": ["a"], "big": 12345678901}');
    expect(claimsOf(made({ claimsFile: file, issuer: 'https://c.example/', audience: ['x', 'y'] }))).toEqual({
      sub: 'throw-away',
      iat: NOW,
      exp: NOW + 600,
      iss: 'https://c.example/',
      roles: ['a'],
      big: 12345678901,
      aud: ['x', 'y'],
    });
    expect(claimsOf(made({ claims: '{"exp": 1}', subject: 'ada' }))).toMatchObject({ exp: 1, sub: 'ada' });
  });

  test.each([
    ['claims that are no object', { claims: '[]' }, 'not one JSON object'],
    ['claims twice', { claims: '{}', claimsFile: 'x' }, 'not both'],
    ['more than a day', { expiresIn: '86401' }, '--expires-in'],
  ])('refuses %s', (_, changes, message) => {
    expect(() => made(changes)).toThrow(message);
  });

  test('never signs with a key that it has not made itself', () => {
    made();
    writeFileSync(join(folder, 'keys/private.json'), '{"keys": []}');
    expect(() => made()).toThrow('is no set of throw-away keys');
  });
});
