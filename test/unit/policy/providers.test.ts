// examples/policies/ and docs/providers.md are one: the schema and the compiler accept each file, and each of its lines that
// keeps a token out is needed.
import { readdirSync, readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { describe, expect, it, test } from 'vitest';
import { createSignatures } from '../../../nginx/ports/signatures';
import { text } from '../../../nginx/ports/text';
import type { Decision } from '../../../src/answer/decision';
import { judgeTarget, judgeToken } from '../../../src/policy/judge';
import { createPolicyTable } from '../../../src/policy/policy-table';
import { compileSettings } from '../../../src/settings/environment';
import { extractBearer } from '../../../src/token/bearer';
import { begin, createTrust, resume, type Step } from '../../../src/token/flow';
import { judgeVerified, type VerifiedToken } from '../../../src/token/verified-token';
import type { Case, Provider } from '../../integration/helpers/provider-shape';
import { keySetOf, recipeOf, tokenFor, withKeysFrom, type Recipe } from '../../integration/helpers/provider-tokens';
import { PROVIDERS } from '../../integration/helpers/providers';
import { problemsOf } from './compile';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const FILES = readdirSync(new URL('../../../examples/policies', import.meta.url));
const SECTIONS = new Map(
  read('docs/providers.md')
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n')[0] ?? '', section]),
);
const SCHEMA = JSON.parse(read('schema/policy.schema.json')) as Record<string, unknown>;
const validate = new Ajv({ allErrors: true }).compile({
  ...SCHEMA,
  $schema: 'http://json-schema.org/draft-07/schema#',
});
const signatures = createSignatures(false);

type Tree = Record<string, unknown>;

/** The policy without what is at a pointer, and without what is empty then; any audience or tenant where those are left out. */
function without(recipe: Recipe, pointer: string): Recipe {
  const copy = JSON.parse(JSON.stringify(recipe)) as Recipe & Tree;
  const names = pointer.split('/').slice(1);
  const parents = names
    .slice(0, -1)
    .reduce<readonly Tree[]>((found, name) => [(found[0] ?? copy)[name] as Tree, ...found], []);
  names.reverse().some((name, index) => {
    const parent = parents[index] ?? copy;
    const key = name.replaceAll('~1', '/');
    if (!(key in parent)) throw new Error(`${pointer} is not in the policy`);
    if (key === 'audiences' || key === 'tenants') parent[key] = '*';
    else Reflect.deleteProperty(parent, key);
    return Object.keys(parent).length > 0;
  });
  return copy;
}

/** What the core decides about a request. @returns the reason of a refusal */
async function judge(recipe: Recipe, provider: Provider, { changes, method = 'GET', path = '/hamsters/turbo' }: Case) {
  const files: Readonly<Record<string, string>> = {
    '/policy.json': JSON.stringify(withKeysFrom(recipe, '/keys.json')),
    '/keys.json': JSON.stringify(keySetOf(provider)),
  };
  const source = {
    environment: (name: string) => (name === 'OAUTH_POLICY' ? '/policy.json' : undefined),
    readFile: (file: string) => ({ ok: true as const, text: files[file] ?? '' }),
  };
  const compiled = compileSettings(source, text, signatures.algorithms);
  if (!compiled.ok || compiled.settings.policy === undefined) throw new Error(JSON.stringify(compiled));
  const { settings } = compiled;
  const policy = compiled.settings.policy;
  const now = Math.floor(Date.now() / 1000);
  const trust = createTrust(settings, text);
  async function perform(step: Step): Promise<VerifiedToken | Decision> {
    if (step.kind === 'verified') return step.verified;
    if (step.kind === 'refused') return step.decision;
    if (step.kind !== 'verify') throw new Error(step.kind);
    return perform(resume(trust, step.pending, await signatures.verify(step.pending.request), now));
  }
  const bearer = extractBearer([`Bearer ${await tokenFor(provider, changes)}`]);
  if (!bearer.ok) return bearer.reason;
  const facts = { method, target: path, hosts: ['api.example'], preflight: false };
  const asked = judgeTarget(policy, createPolicyTable(policy), facts, text);
  if (asked.kind !== 'token') return asked.kind;
  const token = await perform(begin(trust, bearer.value));
  if (!('validity' in token)) return token.reason;
  const verified = judgeVerified(token, undefined, text, now);
  if (!verified.allowed || token.identity === undefined) return verified.reason;
  return judgeToken(policy, asked, token.identity, undefined, undefined, text, now).decision.reason;
}

test('each file has a provider and a section, and each section both', () => {
  expect([...FILES].sort()).toEqual(PROVIDERS.map(({ file }) => `${file}.json`).sort());
  expect([...SECTIONS.keys()].sort()).toEqual(PROVIDERS.map(({ name }) => name).sort());
});

describe.each(PROVIDERS.map((provider) => [provider.name, provider] as const))('%s', (name, provider) => {
  const file = `examples/policies/${provider.file}.json`;

  it('has the text of its file in docs/providers.md, with its tokens and what goes wrong', () => {
    const section = SECTIONS.get(name) ?? '';
    expect(section).toContain(`](../${file}):\n\n\`\`\`json\n${read(file)}\`\`\`\n`);
    expect(section).toMatch(/^\*\*Tokens:\*\* .{40}/m);
    expect(section).toMatch(/^\*\*Wrong most often:\*\* .{40}/m);
  });

  it('has a policy that schema and compiler accept', () => {
    validate(JSON.parse(read(file)));
    expect(validate.errors ?? []).toEqual([]);
    // The one file that a policy names is not here.
    const missing = '/issuers/0/keys/jwks_file: cannot read `/etc/jwtverify/kubernetes.json`: no such file';
    expect(problemsOf(read(file)).filter((problem) => problem !== missing)).toEqual([]);
  });

  it('refuses by one line what passes without it', async () => {
    const recipe = recipeOf(provider);
    const byOneLine = provider.cases.filter(({ line }) => line !== undefined);
    expect(byOneLine.length).toBeGreaterThan(0);
    for (const one of byOneLine) {
      expect([one, await judge(recipe, provider, one)]).toEqual([one, one.reason]);
      expect([one, await judge(without(recipe, one.line ?? ''), provider, one)]).toEqual([one, '']);
    }
  });
});
