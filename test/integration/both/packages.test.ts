// `npm run package`: the same bytes each time, and packages that can be installed where the proxies are.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { buildPackages } from '../../../scripts/package.mjs';
import { suiteRoot, SUITES, type SuiteName } from '../helpers/suite';

const ROOT = join(import.meta.dirname, '../../..');
const work = mkdtempSync(join(tmpdir(), 'packages-'));
const packages = join(work, 'packages');
let names: readonly string[] = [];

beforeAll(async () => {
  names = await buildPackages(packages, inject('artifacts'));
});
afterAll(() => {
  rmSync(work, { recursive: true });
});

const run = (program: string, words: readonly string[], cwd = work): string =>
  execFileSync(program, words, { cwd, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: work } });

/** Runs a script in a suite's root file system, on which what it changes is forgotten with its end. */
function runChanged(suite: SuiteName, script: string): string {
  const session = `
    mount -t tmpfs none "$1" && mkdir "$1/upper" "$1/work" "$1/root"
    mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/root"
    mkdir -p "$1/root/srv/packages" && cp "$3"/*.deb "$1/root/srv/packages"
    exec chroot "$1/root" /bin/sh -euc "$4" 2>&1`;
  const place = mkdtempSync(join(work, `${suite}-`));
  return run('unshare', ['-m', 'sh', '-euc', session, 'sh', place, suiteRoot(suite), packages, script]);
}

describe('npm run package', () => {
  test('gives the same bytes for the same sources', async () => {
    const again = join(work, 'again');
    // The first time the artifacts were those of the whole run, now they are built anew.
    expect(await buildPackages(again)).toEqual(names);
    expect(readFileSync(join(again, 'SHA256SUMS'), 'utf8')).toBe(readFileSync(join(packages, 'SHA256SUMS'), 'utf8'));
    expect(run('sha256sum', ['-c', 'SHA256SUMS'], again)).not.toContain('FAILED');
  }, 120_000);

  test.each(SUITES)('nothing of its Debian packages is left in %s when they are purged', (suite) => {
    // dpkg's own records, and what the proxies write when they check a configuration, are not the packages'.
    const output = runChanged(
      suite,
      `list() { find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /srv -o -path /tmp -o -path /var/log -o -path /var/lib/dpkg -o -path /var/cache \\) -prune -o -print | sort; }
      list > /tmp/before
      dpkg --force-depends -i /srv/packages/*.deb
      list > /tmp/between
      for name in haproxy-jwtverify libnginx-mod-jwtverify jwtverify; do echo "installed: $(dpkg-query -W -f '\${Status}' $name)"; done
      test "$(comm -13 /tmp/before /tmp/between | wc -l)" -gt 10 && echo "has files"
      dpkg --purge haproxy-jwtverify libnginx-mod-jwtverify jwtverify
      list > /tmp/after
      diff /tmp/before /tmp/after && echo "the same files as before"`,
    );
    expect(output.split('installed: install ok installed\n')).toHaveLength(4);
    expect(output).toContain('has files\n');
    expect(output).toContain('the same files as before\n');
  });

  test.each(SUITES)('its Debian packages can be installed in %s, and their examples are read', (suite) => {
    const output = runChanged(
      suite,
      `cd /srv/packages
      dpkg -i haproxy-jwtverify_*.deb libnginx-mod-jwtverify_*.deb
      haproxy -c -f /usr/share/doc/haproxy-jwtverify/examples/haproxy.cfg
      mkdir -p /var/log/nginx
      for conf in nginx nginx-njs-0.8 nginx-njs-0.7; do
        nginx -t -c /usr/share/doc/libnginx-mod-jwtverify/examples/$conf.conf && echo "reads $conf" && break
      done || true
      dpkg -r haproxy-jwtverify libnginx-mod-jwtverify
      ls /usr/share/haproxy/jwtverify.lua 2>&1 || true`,
    );
    const way = { bookworm: 'nginx-njs-0.7', trixie: 'nginx-njs-0.8', sid: 'nginx' }[suite];
    expect(output).toContain(`reads ${way}\n`);
    expect(output).not.toContain('jwtverify cannot start');
    expect(output).toContain('No such file or directory');
  });

  test('its npm package has a command that finds the artifacts beside it', () => {
    const target = join(work, 'npm');
    mkdirSync(target);
    run('npm', [
      'install',
      '--offline',
      '--no-audit',
      '--no-fund',
      '--prefix',
      target,
      join(packages, names.find((name) => name.endsWith('.tgz')) ?? ''),
    ]);
    const command = join(target, 'node_modules/.bin/jwtverify');
    expect(run(command, ['check', join(ROOT, 'examples/policies/keycloak.json')])).toBe('0 errors, 0 warnings\n');
    const own = join(target, 'node_modules/jwtverify');
    for (const name of ['haproxy/jwtverify.lua', 'nginx/jwtverify.js', 'schema/policy.schema.json'])
      expect(readFileSync(join(own, name), 'utf8').length).toBeGreaterThan(1000);
  });

  test('its types accept the examples, and no policy with a wrong member', () => {
    run('tar', ['-xzf', join(packages, names.find((name) => name.endsWith('.tgz')) ?? '')]);
    const folder = join(ROOT, 'examples/policies');
    const policies = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    const lines = policies.map((policy, index) => `export const policy${String(index)}: Policy = ${policy};`);
    const wrong =
      '// @ts-expect-error a member that no policy has\nexport const wrong: Policy = { issuers: [], rule: [] };';
    writeFileSync(
      join(work, 'package/all.ts'),
      ["import type { Policy } from './policy.d.ts';", ...lines, wrong].join('\n'),
    );
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const flags = [
      '--noEmit',
      '--strict',
      '--module',
      'esnext',
      '--moduleResolution',
      'bundler',
      '--allowImportingTsExtensions',
    ];
    expect(run(process.execPath, [tsc, ...flags, '--typeRoots', work, join(work, 'package/all.ts')])).toBe('');
  });
});
