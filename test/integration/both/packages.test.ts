// `npm run package`: the same bytes each time, and packages that can be installed where the proxies are.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { buildPackages } from '../../../scripts/package.mjs';
import { freePort, suiteRoot, SUITES, type SuiteName } from '../helpers/suite';

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

/**
 * Runs a script in a suite's root file system, on which what it changes is forgotten with its end.
 * @param context a folder that is at /srv/context there
 */
function runChanged(suite: SuiteName, script: string, context = packages): string {
  const session = `
    mount -t tmpfs none "$1" && mkdir "$1/upper" "$1/work" "$1/root"
    mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/root"
    mkdir -p "$1/root/srv/packages" && cp "$3"/*.deb "$1/root/srv/packages"
    cp -r "$5" "$1/root/srv/context"
    exec chroot "$1/root" /bin/sh -euc "$4" 2>&1`;
  const place = mkdtempSync(join(work, `${suite}-`));
  return run('unshare', ['-m', 'sh', '-euc', session, 'sh', place, suiteRoot(suite), packages, script, context]);
}

const POLICY = 'examples/policies/keycloak.json';

/** The proxies that have the policy's discovery. */
const IMAGES = [
  { proxy: 'haproxy', suite: 'bookworm', njs: '1.0' },
  { proxy: 'haproxy', suite: 'trixie', njs: '1.0' },
  { proxy: 'haproxy', suite: 'sid', njs: '1.0' },
  { proxy: 'nginx', suite: 'trixie', njs: '0.8.9' },
  { proxy: 'nginx', suite: 'sid', njs: '1.0' },
] as const;

/** Puts what Debian has where the official images have it: docker-library/haproxy, nginxinc/docker-nginx. */
const BASES = {
  haproxy: `mkdir -p /usr/local/etc/haproxy && mv /usr/sbin/haproxy /usr/local/sbin/haproxy
      mkdir -p /var/lib/haproxy && chown haproxy:haproxy /var/lib/haproxy`,
  nginx: `getent passwd nginx || useradd --system --user-group --no-create-home --shell /bin/false nginx
      rm -rf /etc/nginx && mkdir /etc/nginx && ln -s /usr/lib/nginx/modules /etc/nginx/modules
      mkdir -p /var/log/nginx && ln -sf /dev/stdout /var/log/nginx/access.log && ln -sf /dev/stderr /var/log/nginx/error.log`,
};

/** The user that a base has, and what its container runs. */
const USERS = { haproxy: 'haproxy', nginx: 'root' };
const STARTS = {
  haproxy: 'haproxy -W -db -f /usr/local/etc/haproxy/haproxy.cfg',
  nginx: "nginx -p /etc/nginx -c /etc/nginx/nginx.conf -g 'daemon off;'",
};

/** A script that does what a container file says, and the user of its image. Packages are there already. */
function replay(file: string, proxy: keyof typeof BASES): { readonly text: string; readonly user: string } {
  let user = USERS[proxy];
  const lines = file.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines[1]).toBe(`FROM ${proxy}:\${VERSION}`);
  const steps = lines.slice(2).map((line) => {
    const [keyword = '', ...words] = line.split(' ');
    if (keyword === 'USER') user = words.join(' ');
    else if (keyword === 'COPY') return `install -D -m 644 /srv/context/${words[0] ?? ''} ${words[1] ?? ''}`;
    else if (keyword === 'RUN') {
      expect(user).toBe('root');
      const [, names = ''] = /apt-get -q install -y --no-install-recommends ([a-z0-9 -]+?) &&/.exec(line) ?? [];
      return `dpkg-query -s ${names === '' ? 'no package' : names} > /dev/null`;
    } else throw new Error(`this test knows no ${keyword}`);
    return '';
  });
  return { text: steps.join('\n'), user };
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

  test.each(IMAGES)('its container file for $proxy makes an image that guards, on what $suite has', async (image) => {
    const context = join(work, `context-${image.suite}-${image.proxy}`);
    mkdirSync(context);
    const tarball = names.find((name) => name.endsWith('.tar.gz')) ?? '';
    run('tar', ['-xzf', join(packages, tarball), '--strip-components=1', '-C', context]);
    const port = await freePort();
    const { text, user } = replay(
      readFileSync(join(context, `container/${image.proxy}.Dockerfile`), 'utf8'),
      image.proxy,
    );
    const generated = (...words: readonly string[]): string =>
      run(process.execPath, [join(context, 'cli/jwtverify.mjs'), 'generate', image.proxy, POLICY, ...words], ROOT);
    const folder = image.proxy === 'haproxy' ? '/usr/local/etc/haproxy' : '/etc/nginx';
    const site = [
      '--policy-path',
      `${folder}/policy.json`,
      '--listen',
      `127.0.0.1:${String(port)}`,
      '--njs',
      image.njs,
    ];
    writeFileSync(join(context, image.proxy === 'haproxy' ? 'haproxy.cfg' : 'nginx.conf'), generated(...site));
    if (image.proxy === 'nginx')
      writeFileSync(join(context, 'jwtverify-forward.conf'), generated('--part', 'forward', '--njs', image.njs));
    cpSync(join(ROOT, POLICY), join(context, 'policy.json'));
    const output = runChanged(
      image.suite,
      `${BASES[image.proxy]}
      ${text}
      cd / && mkdir -p ${folder} && cp /srv/context/*.c*f* /srv/context/policy.json ${folder}/
      mount -t proc proc /proc
      setpriv --reuid ${user} --regid ${user} --init-groups ${STARTS[image.proxy]} > /srv/log 2>&1 &
      started=$!
      bash -c 'for _ in $(seq 300); do exec 3<>/dev/tcp/127.0.0.1/${String(port)} && break; sleep 0.1; done 2>/dev/null
      printf "GET /hamsters HTTP/1.0\\r\\nHost: api.example\\r\\n\\r\\n" >&3; head -1 <&3' || true
      cat /srv/log
      kill $started && wait $started || true`,
      context,
    );
    expect(output).toMatch(/^HTTP\/1\.[01] 401 /m);
    expect(output).not.toMatch(/cannot start|\[emerg\]|\[ALERT\]/);
    if (image.proxy === 'haproxy') expect(output).toMatch(/signatures are checked by [^\n]*luaossl/);
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
