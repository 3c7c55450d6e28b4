// `jwtverify check`: every problem of policies and of the proxies' configurations, with its place and its mend, and what is
// legal but unwise.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EXIT, failure } from '../desk/failure';
import type { Settings } from '../../src/model/settings';
import { error, type Finding } from '../desk/finding';
import { compileFile, placeOf } from '../desk/settings';
import { findUnwise } from '../desk/unwise';
import type { Unwise } from '../desk/unwise-issuers';
import { findOpenOrders } from '../desk/unwise-rules';
import { findSharedSecrets } from '../desk/unwise-secrets';
import { readText } from '../ports/source';
import type { Output } from '../print/output';

export interface CheckOptions {
  readonly root: string;
  readonly live?: true | undefined;
  readonly json?: true | undefined;
}

/** What is wrong with the keys that an issuer publishes now. */
async function findFaults(settings: Settings, now: number): Promise<readonly string[]> {
  const { findKeys } = await import('../desk/keys');
  return (await findKeys(settings, true, now)).faults;
}

/** What is wrong with a policy, and what is unwise in it. */
export async function checkPolicy(path: string, options: CheckOptions): Promise<readonly Finding[]> {
  const answer = compileFile(path, options.root);
  if (!answer.ok) {
    return answer.problems.map((problem) => error(placeOf(problem, path), problem.message));
  }
  const notices = answer.notices.map((one) => ({ place: placeOf(one, path), message: one.message }));
  const document = readText(path);
  const written = document.ok ? [...findOpenOrders(document.text), ...findSharedSecrets(document.text)] : [];
  const unwise: readonly Unwise[] = [...notices, ...findUnwise(answer.settings), ...written];
  const now = Math.floor(Date.now() / 1000);
  const faults = options.live === true ? await findFaults(answer.settings, now) : [];
  return [
    ...faults.map((message) => error('keys', message)),
    ...unwise.map(({ place, message, severity = 'warning' }) => ({ severity, place, message })),
  ];
}

/** What an argument names: a policy, or a configuration of a proxy. */
interface Target {
  readonly kind: 'policy' | 'haproxy' | 'nginx';
  /** Files of one configuration of HAProxy, in the order of its `-f`; one file otherwise. */
  readonly paths: readonly string[];
}

const isCfg = (path: string): boolean => path.endsWith('.cfg');
const isConf = (path: string): boolean => path.endsWith('.conf');

/** Whether a JSON file is a policy: a folder may have others. */
const isPolicy = (path: string): boolean => /"issuers"\s*:/.test(readFileSync(path, 'utf8'));

/** The files of a folder: `.cfg` files are one configuration, as by `haproxy -f`; `nginx.conf` includes other `.conf` files. */
function targetsIn(folder: string): readonly Target[] {
  const paths = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
  const configurations = paths.filter(isCfg);
  const main = paths.filter((path) => basename(path) === 'nginx.conf');
  const servers = main.length > 0 ? main : paths.filter(isConf);
  const found: readonly Target[] = [
    ...(configurations.length === 0 ? [] : [{ kind: 'haproxy' as const, paths: configurations }]),
    ...servers.map((path) => ({ kind: 'nginx' as const, paths: [path] })),
    ...paths
      .filter((path) => path.endsWith('.json') && isPolicy(path))
      .map((path) => ({ kind: 'policy' as const, paths: [path] })),
  ];
  if (found.length === 0) throw failure(`${folder}: no policy, no .cfg and no .conf file is in it`);
  return found;
}

/** A policy is JSON; whatever ends with `.cfg` is HAProxy's, and with `.conf` nginx's. All `.cfg` files are one configuration. */
function listTargets(paths: readonly string[]): readonly Target[] {
  const isFolder = (path: string): boolean => {
    try {
      return statSync(path).isDirectory();
    } catch {
      // Whoever reads it says why not.
      return false;
    }
  };
  const files = paths.filter((path) => !isFolder(path));
  const configurations = files.filter(isCfg);
  return [
    ...paths.filter(isFolder).flatMap(targetsIn),
    ...(configurations.length === 0 ? [] : [{ kind: 'haproxy' as const, paths: configurations }]),
    ...files
      .filter((path) => !isCfg(path))
      .map((path) => ({ kind: isConf(path) ? ('nginx' as const) : ('policy' as const), paths: [path] })),
  ];
}

interface Placed extends Finding {
  readonly file: string;
}

/** Loads what reads a proxy's configuration where there is one. @returns undefined of one that has nothing of jwtverify */
async function findIn(
  kind: Target['kind'],
  paths: readonly string[],
  options: CheckOptions,
): Promise<readonly Finding[] | undefined> {
  const [path = ''] = paths;
  if (kind === 'haproxy') return (await import('../desk/haproxy-conf')).checkHaproxyConf(paths, options.root);
  if (kind === 'nginx') return (await import('../desk/nginx-conf')).checkNginxConf(path);
  return checkPolicy(path, options);
}

async function findAll({ kind, paths }: Target, options: CheckOptions): Promise<readonly Placed[] | string> {
  const [path = ''] = paths;
  const findings = await findIn(kind, paths, options);
  if (findings === undefined) return `${paths.join(', ')}: has nothing of jwtverify, so nothing of it was checked`;
  return findings.map((one) => ({ ...one, file: one.file ?? path }));
}

function formatFinding({ file, line, place, message }: Placed): string {
  const where = line === undefined ? file : `${file}:${String(line)}`;
  return `${where}: ${place === '' ? '' : `${place} `}${message}`;
}

/** @returns the exit code */
export async function check(paths: readonly string[], options: CheckOptions, output: Output): Promise<number> {
  const found = (await Promise.all(listTargets(paths).map((target) => findAll(target, options)))).flat();
  const findings = found.filter((one) => typeof one !== 'string');
  const foreign = found.filter((one) => typeof one === 'string');
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  if (options.json === true) output.json(findings);
  else {
    for (const finding of findings) {
      if (finding.severity === 'error') output.error(formatFinding(finding));
      else output.warn(formatFinding(finding));
    }
    for (const line of foreign) output.line(line);
    const warnings = findings.length - errors;
    const sum = `${String(errors)} ${errors === 1 ? 'error' : 'errors'}, ${String(warnings)} ${warnings === 1 ? 'warning' : 'warnings'}`;
    output.line(errors === 0 ? output.green(sum) : output.red(sum));
  }
  return errors === 0 ? EXIT.fine : EXIT.failure;
}
