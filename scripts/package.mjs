// `npm run package`: dist/packages/ with the npm package, three Debian packages, a tarball, and their checksums. The same sources
// give the same bytes. Needs Debian's `dpkg-deb` and GNU tar.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildCli, copyCli } from './build-cli.mjs';
import { buildHaproxy } from './build-haproxy.mjs';
import { buildNginx } from './build-nginx.mjs';
import { writePolicyTypes } from './package/policy-types.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAINTAINER = 'jwtverify maintainers <maintainers@users.noreply.example>';
/** The time of every file: that of the sources' last change where it is known, otherwise a day that does not change. */
const EPOCH = process.env.SOURCE_DATE_EPOCH ?? '1767225600';

/** @param {string} path */
const read = (path) => readFileSync(join(ROOT, path), 'utf8');

/** Writes a file, and the folders above it. @param {string} path @param {string | Buffer} content */
function write(path, content, mode = 0o644) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
}

/** @param {string} from a built file @param {string} to */
function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}

/** What the command prints. @param {string} cli @param {readonly string[]} words */
const ask = (cli, words) => execFileSync(process.execPath, [cli, ...words], { cwd: ROOT, encoding: 'utf8' });

/** @param {string} folder @param {string} name @param {string} target */
function pack(folder, name, target) {
  const words = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', `--mtime=@${EPOCH}`, '--mode=u+rw,go=rX'];
  const tar = execFileSync('tar', ['-C', folder, ...words, '-c', name], { maxBuffer: 64 * 1024 * 1024 });
  writeFileSync(target, gzipSync(tar, { level: 9 }));
}

/** A page of the manual out of plain words. @param {string} name @param {number} section @param {string} title @param {string} text */
function writeManual(name, section, title, text) {
  const escape = (line) =>
    line
      .replaceAll('\\', '\\e')
      .replaceAll('-', '\\-')
      .replace(/^(?=[.'])/, '\\&');
  const body = text.split('\n').map(escape).join('\n');
  return gzipSync(
    `.TH ${name.toUpperCase()} ${section}\n.SH NAME\n${name} \\- ${title}\n.SH DESCRIPTION\n.nf\n${body}\n.fi\n`,
  );
}

/**
 * Builds one Debian package.
 * @param {string} folder with the files of the system below it
 * @param {Readonly<Record<string, string>>} fields
 * @param {string} target the folder of packages
 */
function buildDeb(folder, fields, target) {
  const all = { ...fields, Architecture: 'all', Section: 'web', Priority: 'optional', Maintainer: MAINTAINER };
  const control = Object.entries(all).map(([name, value]) => `${name}: ${value}\n`);
  write(join(folder, 'DEBIAN/control'), control.join(''));
  write(join(folder, `usr/share/doc/${fields.Package}/copyright`), read('LICENSE'));
  const out = join(target, `${fields.Package}_${fields.Version}_all.deb`);
  execFileSync('find', [folder, '-exec', 'touch', '-h', '-d', `@${EPOCH}`, '{}', '+']);
  const env = { ...process.env, SOURCE_DATE_EPOCH: EPOCH };
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '-b', folder, out], { env, stdio: 'pipe' });
}

const POLICY = 'examples/policies/keycloak.json';

/**
 * Builds every package.
 * @param {string} target an empty folder
 * @param {{ readonly lua: string, readonly js: string }} [built] the artifacts, where they are there already
 * @returns {Promise<readonly string[]>} their names
 */
export async function buildPackages(target, built) {
  const work = mkdtempSync(join(tmpdir(), 'jwtverify-package-'));
  try {
    const { version, description, license, engines } = JSON.parse(read('package.json'));
    const cli = await buildCli();
    const js = built?.js ?? (await buildNginx());
    const lua = built?.lua ?? buildHaproxy(work);
    mkdirSync(target, { recursive: true });
    const npm = join(work, 'npm/package');
    for (const [from, to] of [
      [lua, 'haproxy/jwtverify.lua'],
      [js, 'nginx/jwtverify.js'],
      ...['schema/policy.schema.json', 'README.md', 'CHANGELOG.md', 'LICENSE'].map((name) => [join(ROOT, name), name]),
    ])
      copy(from, join(npm, to));
    copyCli(cli, join(npm, 'cli'));
    write(join(npm, 'policy.d.ts'), writePolicyTypes(JSON.parse(read('schema/policy.schema.json'))));
    const own = { name: 'jwtverify', version, description, license, type: 'module', engines };
    const exports_ = {
      '.': { types: './policy.d.ts' },
      './schema': './schema/policy.schema.json',
      './package.json': './package.json',
    };
    const manifest = { ...own, bin: { jwtverify: 'cli/jwtverify.mjs' }, types: 'policy.d.ts', exports: exports_ };
    write(join(npm, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
    pack(dirname(npm), 'package', join(target, `jwtverify-${version}.tgz`));

    const named = `jwtverify-${version}`;
    mkdirSync(join(work, 'tarball'));
    cpSync(npm, join(work, 'tarball', named), { recursive: true });
    for (const name of ['haproxy.Dockerfile', 'nginx.Dockerfile'])
      copy(join(ROOT, 'scripts/package', name), join(work, 'tarball', named, 'container', name));
    pack(join(work, 'tarball'), named, join(target, `${named}.tar.gz`));

    const haproxy = join(work, 'haproxy-jwtverify');
    const example = 'usr/share/doc/haproxy-jwtverify/examples';
    copy(lua, join(haproxy, 'usr/share/haproxy/jwtverify.lua'));
    copy(join(ROOT, POLICY), join(haproxy, example, 'policy.json'));
    const site = ['--policy-path', `/${example}/policy.json`, '--module', '/usr/share/haproxy/jwtverify.lua'];
    write(join(haproxy, example, 'haproxy.cfg'), ask(cli, ['generate', 'haproxy', POLICY, ...site]));
    const words =
      'The file is /usr/share/haproxy/jwtverify.lua; /usr/share/doc/haproxy-jwtverify/examples has a configuration.';
    const manual = writeManual('haproxy-jwtverify', 7, 'OAuth 2 and JWT in HAProxy', words);
    write(join(haproxy, 'usr/share/man/man7/haproxy-jwtverify.7.gz'), manual);
    const about = `${description}\n HAProxy's part: one Lua file.`;
    const fields = { Version: version, Description: about };
    buildDeb(
      haproxy,
      { Package: 'haproxy-jwtverify', Depends: 'haproxy (>= 2.6)', Recommends: 'lua-luaossl', ...fields },
      target,
    );

    const nginx = join(work, 'libnginx-mod-jwtverify');
    const folder = 'usr/share/doc/libnginx-mod-jwtverify/examples';
    copy(js, join(nginx, 'usr/share/nginx/njs/jwtverify.js'));
    const jwks = { ...JSON.parse(read(POLICY)) };
    jwks.issuers[0].keys = { jwks_url: 'https://sso.example/realms/hamsters/protocol/openid-connect/certs' };
    const policy = join(nginx, folder, 'policy.json');
    write(policy, `${JSON.stringify(jwks, undefined, 2)}\n`);
    // Of each njs that Debian has.
    for (const [name, njs] of Object.entries({
      'nginx.conf': '1.0',
      'nginx-njs-0.8.conf': '0.8.9',
      'nginx-njs-0.7.conf': '0.7.9',
    })) {
      const forward = ['--forward', `/${folder}/jwtverify-forward.conf`, '--policy-path', `/${folder}/policy.json`];
      const rest = [...forward, '--module', '/usr/share/nginx/njs/jwtverify.js', '--njs', njs];
      write(join(nginx, folder, name), ask(cli, ['generate', 'nginx', policy, ...rest]));
    }
    write(join(nginx, folder, 'jwtverify-forward.conf'), ask(cli, ['generate', 'nginx', policy, '--part', 'forward']));
    const place =
      'The module is /usr/share/nginx/njs/jwtverify.js; /usr/share/doc/libnginx-mod-jwtverify/examples has configurations.';
    const page = writeManual('libnginx-mod-jwtverify', 7, 'OAuth 2 and JWT in nginx', place);
    write(join(nginx, 'usr/share/man/man7/libnginx-mod-jwtverify.7.gz'), page);
    const module_ = { ...fields, Description: `${description}\n nginx's part: one njs module.` };
    buildDeb(nginx, { Package: 'libnginx-mod-jwtverify', Depends: 'nginx, libnginx-mod-http-js', ...module_ }, target);

    const command = join(work, 'jwtverify');
    copyCli(cli, join(command, 'usr/lib/jwtverify/cli'));
    mkdirSync(join(command, 'usr/bin'), { recursive: true });
    symlinkSync('../lib/jwtverify/cli/jwtverify.mjs', join(command, 'usr/bin/jwtverify'));
    write(join(command, 'usr/share/bash-completion/completions/jwtverify'), ask(cli, ['completion', 'bash']));
    const help = ['', 'check', 'explain', 'test', 'generate', 'init', 'migrate', 'keys', 'token', 'fmt'];
    const helps = help.map((name) => ask(cli, ['help', ...(name === '' ? [] : [name])]));
    write(
      join(command, 'usr/share/man/man1/jwtverify.1.gz'),
      writeManual('jwtverify', 1, description, helps.join('\n')),
    );
    const cliAbout = `${description}\n The command: checks, explains, tests and writes policies.`;
    buildDeb(command, { Package: 'jwtverify', Depends: 'nodejs (>= 20.19)', ...fields, Description: cliAbout }, target);

    const names = readdirSync(target).sort();
    const sums = names.map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(join(target, name)))
          .digest('hex')}  ${name}\n`,
    );
    writeFileSync(join(target, 'SHA256SUMS'), sums.join(''));
    return [...names, 'SHA256SUMS'];
  } finally {
    rmSync(work, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = join(ROOT, 'dist/packages');
  rmSync(target, { recursive: true, force: true });
  for (const name of await buildPackages(target)) console.log(`dist/packages/${name}`);
}
