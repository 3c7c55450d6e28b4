// docs/login.md against the compiler, the schema and the pages: its policies compile, and it names every key and every page.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PAGES } from '../../../src/login/page-words';
import { answerFor, FILES } from '../policy/compile';
import { describeProblems } from '../../../src/model/problem';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const DOCUMENT = read('docs/login.md');
const POLICIES = [...DOCUMENT.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
const SECRETS = {
  ...FILES,
  '/run/secrets/client.pem': FILES['/private.pem'] ?? '',
  '/run/secrets/oidc': 'secret-of-the-client\n',
  '/run/secrets/cookie': 'a secret of 32 bytes, or of more.',
};

interface Schema {
  readonly $defs: {
    readonly login: { readonly properties: Readonly<Record<string, { readonly properties?: object }>> };
  };
}

describe('docs/login.md', () => {
  it('has a policy for the quick start, for five providers, and for a client with a key', () => {
    expect(POLICIES.length).toBe(7);
  });

  it.each(POLICIES.map((policy) => [/"issuer": "([^"]+)"/.exec(policy)?.[1] ?? '', policy] as const))(
    'has a policy of %s that compiles',
    (_, policy) => {
      const answer = answerFor(policy, {}, SECRETS);
      expect(answer.ok ? [] : describeProblems(answer.problems)).toEqual([]);
    },
  );

  it('names every key of login, those of its parts as `cookie.domain`', () => {
    const { properties } = (JSON.parse(read('schema/policy.schema.json')) as Schema).$defs.login;
    const keys = Object.entries(properties).flatMap(([name, { properties: parts }]) =>
      name === 'cookie' || name === 'logout' ? Object.keys(parts ?? {}).map((part) => `${name}.${part}`) : [name],
    );
    const named = [...DOCUMENT.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name);
    const left = ['comment', 'client_secret_env', 'client_secret_encoding', 'cookie.secret_env', 'cookie.name'];
    expect(keys.filter((key) => !named.includes(key) && !left.includes(key))).toEqual([]);
  });

  it('names no page that is not there', () => {
    const table = DOCUMENT.slice(DOCUMENT.indexOf('| page '));
    const titles: readonly string[] = Object.values(PAGES).map(({ title }) => title);
    const rows = table
      .split('\n')
      .slice(2)
      .filter((line) => line.startsWith('|'));
    const named = rows.map((row) => (row.split('|')[1] ?? '').replace(/\(.*\)/, '').trim());
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((title) => !titles.includes(title) && title !== "The issuer's own error page")).toEqual([]);
  });
});
