// `jwtverify migrate`: a policy and a configuration out of another system's, with what became of each of its options.
import { join, resolve } from 'node:path';
import { EXIT, failure } from '../desk/failure';
import { readProxyOptions, type ProxySource } from '../desk/oauth2-proxy-options';
import { compileDeployment } from '../desk/placeholders';
import type { ProxyName } from '../ports/proxies';
import { readText } from '../ports/source';
import type { Output } from '../print/output';
import type { SystemName } from '../write/choices';
import { findExisting, withFiles, writeFiles, type Files } from '../write/files';
import { writeHaproxyConfiguration } from '../write/haproxy-configuration';
import { wayOf, writeForwardLines, writeNginxConfiguration, type Way } from '../write/nginx-configuration';
import { migratePlus } from '../write/nginx-plus';
import { migrateHaproxy } from '../write/haproxy-oauth';
import type { Migration, MigrationOptions, Note } from '../write/migration';
import { migrateProxy, type Migrated } from '../write/oauth2-proxy-policy';
import { formatPolicy } from '../write/policy-text';
import { checkListen, checkWord } from '../write/words';

export interface MigrateOptions {
  readonly to: ProxyName | undefined;
  readonly directory: string;
  readonly listen: string;
  readonly njs: string;
  readonly module: string | undefined;
  readonly issuer: string | undefined;
  readonly audience: readonly string[];
  readonly force?: true | undefined;
  readonly json?: true | undefined;
}

const MODULES: Readonly<Record<ProxyName, string>> = {
  haproxy: '/usr/local/share/haproxy/jwtverify.lua',
  nginx: '/etc/nginx/njs/jwtverify.js',
};

const moduleOf = (proxy: ProxyName, { module }: MigrateOptions): string =>
  checkWord('--module', module ?? MODULES[proxy]);

const BACKEND = '127.0.0.1:3001';

/** @throws a failure where the policy would have a problem */
function filesOf({ policy, backend }: Migrated, proxy: ProxyName, options: MigrateOptions, folder: string): Files {
  const text = formatPolicy('policy.json', JSON.stringify(policy));
  const compiled = withFiles({ 'policy.json': text }, '', (own) => compileDeployment(join(own, 'policy.json'), ''));
  const way = wayOf(options.njs);
  const site = {
    ...compiled,
    policy: checkWord('--directory', join(folder, 'policy.json')),
    forward: join(folder, 'jwtverify-forward.conf'),
    module: moduleOf(proxy, options),
    listen: checkListen(options.listen),
    backend: checkWord('upstream', backend ?? BACKEND),
    resolver: '127.0.0.53',
    authorities: '/etc/ssl/certs/ca-certificates.crt',
    way,
  };
  if (proxy === 'haproxy') return { 'policy.json': text, 'haproxy.cfg': writeHaproxyConfiguration(site) };
  const forward = writeForwardLines(site.settings, way);
  return { 'policy.json': text, 'jwtverify-forward.conf': forward, 'nginx.conf': writeNginxConfiguration(site) };
}

interface Placed {
  /** Where the files will be. */
  readonly folder: string;
  readonly sources: readonly ProxySource[];
}

/** A system that a configuration can come from. */
interface System {
  /** The proxies that it can go to, the usual one first. */
  readonly proxies: readonly [ProxyName, ...ProxyName[]];
  /** Whether its options may be in several files. */
  readonly isSpread?: true;
  readonly translate: (source: ProxySource, proxy: ProxyName, options: MigrateOptions, work: Placed) => Migration;
}

/** `auth_request` is inherited by locations as `auth_jwt` is, and can be off in one. */
function wayWithRequest(njs: string): Way {
  const way = wayOf(njs);
  return way === 'access' ? 'subrequest' : way;
}

const given = ({ issuer, audience }: MigrateOptions, module: string): MigrationOptions => ({
  module,
  issuer,
  audiences: audience,
});

const KNOWN: Readonly<Record<SystemName, System>> = {
  'oauth2-proxy': {
    proxies: ['haproxy', 'nginx'],
    isSpread: true,
    translate: (_, proxy, options, { folder, sources }) => {
      const migrated = migrateProxy(readProxyOptions(sources));
      return { files: filesOf(migrated, proxy, options, folder), notes: migrated.notes };
    },
  },
  'haproxy-lua-oauth': {
    proxies: ['haproxy'],
    translate: ({ path, text }, proxy, options) => migrateHaproxy(path, text, given(options, moduleOf(proxy, options))),
  },
  'nginx-plus': {
    proxies: ['nginx'],
    translate: ({ path, text }, proxy, options, { folder }) =>
      migratePlus(path, text, given(options, moduleOf(proxy, options)), wayWithRequest(options.njs), folder),
  },
};

const HEADS = { translated: 'translated', 'no effect': 'without effect here', 'no equal': 'without an equal' } as const;

function printNotes(notes: readonly Note[], output: Output): void {
  for (const kind of ['translated', 'no effect', 'no equal'] as const) {
    const own = notes.filter((note) => note.kind === kind);
    if (own.length === 0) continue;
    output.line(`\n${HEADS[kind]}:`);
    for (const { option, words } of own)
      output.line(`  ${kind === 'no equal' ? output.red(option) : option}: ${words}`);
  }
}

function readSource(path: string): ProxySource {
  const file = readText(path);
  if (!file.ok) throw failure(`${path}: ${file.problem}`);
  return { path, text: file.text };
}

/**
 * @param files of its configuration, of which the last one that names an option counts
 * @returns the exit code: a failure where something has no equal
 */
export function migrate(name: SystemName, files: readonly string[], options: MigrateOptions, output: Output): number {
  const system = KNOWN[name];
  const proxy = options.to ?? system.proxies[0];
  if (!system.proxies.includes(proxy)) throw failure(`${name} goes to ${system.proxies.join(' or ')}, not to ${proxy}`);
  if (files.length > 1 && system.isSpread !== true) throw failure(`${name} is read from one file`);
  const sources = files.map(readSource);
  const [first] = sources;
  if (first === undefined) throw failure('there is no file to read');
  const folder = resolve(options.directory);
  const { files: written, notes } = system.translate(first, proxy, options, { folder, sources });
  const paths = Object.keys(written).map((own) => join(folder, own));
  const existing = findExisting('', paths);
  if (existing.length > 0 && options.force !== true) {
    throw failure(
      `${existing.join(', ')}: exists already; give --force to replace it, or --directory for another place`,
    );
  }
  writeFiles('', folder, written);
  if (options.json === true) output.json({ files: paths, notes });
  else {
    for (const one of paths) output.line(`${output.green('written')}: ${one}`);
    printNotes(notes, output);
  }
  return notes.some(({ kind }) => kind === 'no equal') ? EXIT.failure : EXIT.fine;
}
