// The proxies of this machine, or of a root file system: whether one reads a configuration, and where its artifact is.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type ProxyName = 'haproxy' | 'nginx';

/** `absent`: the proxy is not here; `unable`: it may not look, as without root. */
export interface Tried {
  readonly result: 'passed' | 'failed' | 'absent' | 'unable';
  readonly output: string;
}

const SEARCH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const LONGEST = 30_000;
const WORDS: Readonly<Record<ProxyName, readonly string[]>> = { haproxy: ['-c', '-f'], nginx: ['-t', '-c'] };

/** Has the proxy check a configuration. @param root where its root file system is; empty: this machine's own */
export function tryConfiguration(proxy: ProxyName, root: string, path: string): Tried {
  const inside = [proxy, ...WORDS[proxy], path];
  const [program = '', ...words] = root === '' ? inside : ['chroot', root, '/usr/bin/env', ...inside];
  const path_ = `${process.env['PATH'] ?? ''}:${SEARCH}`;
  const ran = spawnSync(program, words, { encoding: 'utf8', timeout: LONGEST, env: { ...process.env, PATH: path_ } });
  // `ran.status` is null where the program is not there or does not end, whatever the types say.
  const output = `${(ran.stdout as string | null) ?? ''}${(ran.stderr as string | null) ?? ''}`.trim();
  if (ran.error !== undefined || ran.status === 127) return { result: 'absent', output };
  if (ran.status === 0) return { result: 'passed', output };
  return { result: /permission denied|cannot chroot/i.test(output) ? 'unable' : 'failed', output };
}

const NAMES: Readonly<Record<ProxyName, string>> = { haproxy: 'haproxy/jwtverify.lua', nginx: 'nginx/jwtverify.js' };

/** Where packages and the documents put the artifacts. */
export const INSTALLED: Readonly<Record<ProxyName, readonly string[]>> = {
  haproxy: ['/usr/local/share/haproxy/jwtverify.lua', '/usr/share/haproxy/jwtverify.lua'],
  nginx: ['/etc/nginx/njs/jwtverify.js', '/usr/share/nginx/njs/jwtverify.js'],
};

export function findInstalled(proxy: ProxyName, root: string): string | undefined {
  return INSTALLED[proxy].find((path) => existsSync(join(root, path)));
}

/** The path of the artifact that came with this command, beside its own folder. */
export const ownArtifact = (proxy: ProxyName): string =>
  join(dirname(fileURLToPath(import.meta.url)), '..', NAMES[proxy]);

/** The artifact that came with this command. */
export function readOwnArtifact(proxy: ProxyName): string | undefined {
  const path = ownArtifact(proxy);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** The first name server of the machine. */
export function findNameServer(root: string): string | undefined {
  const path = join(root, '/etc/resolv.conf');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const address = /^nameserver[ \t]+([0-9A-Fa-f.:]+)/m.exec(text)?.[1];
  return address?.includes(':') === true ? `[${address}]` : address;
}

const OTHERS_ENTER = 0o001;

/** The first folder of a path that other users cannot enter; nginx's workers are such. */
export function findClosed(path: string): string | undefined {
  const closed: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & OTHERS_ENTER) === 0) closed.unshift(folder);
    if (folder === dirname(folder)) return closed[0];
  }
}
