// Configurations for nginx that people paste: each location of ours limits no body and inherits no `error_page`.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { text } from '../../nginx/ports/text';
import type { SettingsSource } from '../../src/ports/host';
import { DESCRIPTIONS } from '../../src/settings/descriptions';
import { compileSettings } from '../../src/settings/environment';

/** What nginx does not read. */
const NOT_OF_NGINX = DESCRIPTIONS.filter(({ readers }) => readers !== 'both').map(({ setting }) => setting.name);

const NEEDED = ['client_max_body_size 0;', 'error_page 599 /_;'];

/** The configurations of a file: its blocks for nginx, or all of it. */
function configurationsOf(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  if (!file.endsWith('.md')) return [text];
  return [...text.matchAll(/^```nginx.*?$(.*?)^```$/gms)].map(([, block = '']) => block);
}

/** The lines of the block that surrounds a place, and of the blocks around that one, but of none beside them. */
function surroundings(text: string, place: number): string {
  const before = (part: string): string => {
    let rest = part.replaceAll(/#.*$/gm, '');
    for (let shorter = ''; ; rest = shorter) {
      shorter = rest.replaceAll(/[^;{}]*\{[^{}]*\}/g, '');
      if (shorter === rest) return rest;
    }
  };
  return before(text.slice(0, place));
}

const FILES = [
  'README.md',
  'SECURITY.md',
  'nginx/nginx.conf',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const LOCATIONS = FILES.flatMap((file) =>
  configurationsOf(file).flatMap((text) =>
    [...text.matchAll(/js_content jwtverify\.(?:auth|authorizer);|proxy_pass http:\/\/jwtverify:8080/g)].map(
      (found) => ({ file, found: found[0], around: surroundings(text, found.index) }),
    ),
  ),
);

const WHOLE = FILES.filter((file) => file.endsWith('.md')).flatMap((file) =>
  configurationsOf(file)
    .filter((text) => text.includes('load_module '))
    .map((text) => ({ file, text })),
);

describe('documented configurations of nginx', () => {
  test('there are some of each kind', () => {
    expect(LOCATIONS.filter(({ found }) => found.includes('.auth;')).length).toBeGreaterThan(8);
    expect(LOCATIONS.filter(({ found }) => found.includes('.authorizer;')).length).toBeGreaterThan(3);
    expect(LOCATIONS.filter(({ found }) => found.includes('http:')).length).toBe(1);
    expect(WHOLE.length).toBeGreaterThan(8);
  });

  test.each(WHOLE)(
    '$file: a whole configuration has the workers run as www-data, for Debian has them as nobody',
    ({ text }) => {
      expect(text).toMatch(/^user www-data;$/m);
    },
  );

  test.each(LOCATIONS)('S2, F2: $file: `$found` accepts any body, and inherits no page', ({ around }) => {
    expect(NEEDED.filter((line) => !around.includes(line))).toEqual([]);
  });

  test('O4: docs/nginx.md has the env line of every setting that nginx reads, and no other', () => {
    const names = new Set<string>();
    const source: SettingsSource = {
      environment: (name) => {
        names.add(name);
        return undefined;
      },
      readFile: () => ({ ok: false, problem: 'no such file' }),
    };
    compileSettings(source, text, ['RS256']);
    const wanted = [...names].filter((name) => !NOT_OF_NGINX.includes(name));
    expect(wanted.length).toBeGreaterThan(14);
    const block = /<!-- begin env lines:[^\n]*\s+```nginx in=main\n([\s\S]*?)```\s+<!-- end env lines -->/;
    const lines = block.exec(readFileSync('docs/nginx.md', 'utf8'))?.[1] ?? '';
    expect(
      lines
        .trim()
        .split(/(?<=;)\s+/)
        .sort(),
    ).toEqual(wanted.map((name) => `env ${name};`).sort());
    // Elsewhere each line has its value.
    for (const one of ['README.md', 'docs/nginx.md'].flatMap(configurationsOf)) {
      if (one.trim() !== lines.trim()) expect(one).not.toContain('env OAUTH_ISSUER;');
    }
  });

  test('js_periodic has the time to log that a resolver or provider is silent, and nginx does not end it before', () => {
    const found = FILES.flatMap(configurationsOf).filter((text) => text.includes('js_periodic jwtverify.refresh'));
    expect(found.length).toBeGreaterThan(2);
    for (const text of found) {
      const secondsOf = (line: RegExp): number => Number(line.exec(text)?.[1]);
      // A key set at an address needs no resolver.
      const resolving = /OAUTH_JWKS_URL=http:\/\/127\.0\.0\.1[:/]/.test(text)
        ? 0
        : secondsOf(/resolver_timeout (\d+)s;/);
      // The discovery document and the key set, one after the other.
      const own = /\{ js_fetch_timeout (\d+)s; js_periodic/;
      const longest = resolving + 2 * secondsOf(own.test(text) ? own : /js_fetch_timeout (\d+)s;/);
      expect(secondsOf(/jwtverify\.refresh interval=(\d+)s;/)).toBeGreaterThan(longest);
    }
  });
});
