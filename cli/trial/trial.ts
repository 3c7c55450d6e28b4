// A policy in a real proxy, for as long as its cases run: everything is in a folder of its own, which goes with it.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { compileDeployment } from '../desk/placeholders';
import { EXIT, failure } from '../desk/failure';
import type { DeskRequest } from '../desk/request';
import type { Presented } from '../desk/judge';
import { INSTALLED, ownArtifact, type ProxyName } from '../ports/proxies';
import { readText } from '../ports/source';
import { writeForwardLines } from '../write/nginx-configuration';
import { ask, fieldOf, REACHED, startBackend, type Answer } from './ask';
import { writeHaproxyTrial } from './haproxy';
import { NO_DICTIONARIES, writeNginxTrial } from './nginx';
import { writeTrialPolicy, type TrialPolicy } from './policy';
import { startProxy, type Proxy } from './process';
import { CLOCK, type TrialSite } from './site';
import { presentClaims } from './token';

/** A proxy of this machine. */
export interface Program {
  readonly name: ProxyName;
  /** The program, found in PATH where it is no path. */
  readonly program: string;
  /** jwtverify.lua or jwtverify.js. */
  readonly module: string;
}

/** What a proxy did with a request. */
export interface TrialAnswer {
  readonly allowed: boolean;
  readonly status: number;
  /** Undefined where the proxy itself refused the request, before it was judged. */
  readonly reason: string | undefined;
  readonly rule: string;
  readonly wouldBe: string;
  /** What the backend got; undefined where it got nothing, or cannot say. */
  readonly headers: ReadonlyMap<string, string> | undefined;
}

export interface Trial {
  /** @param now the time of the case, in seconds since 1970 */
  readonly run: (request: DeskRequest, presented: Presented, now: number) => Promise<TrialAnswer>;
  readonly stop: () => Promise<void>;
}

function readReached(body: string): ReadonlyMap<string, string> | undefined {
  if (body === '') return undefined;
  const headers = new Map<string, string>();
  for (const [name, value] of JSON.parse(body) as Answer['fields']) {
    const known = headers.get(name);
    headers.set(name, known === undefined ? value : `${known}, ${value}`);
  }
  return headers;
}

function readTrial(answer: Answer, isDocument: boolean): TrialAnswer {
  const isReached = fieldOf(answer, REACHED) === 'yes';
  const shown = fieldOf(answer, 'x-trial-status');
  // A document of the policy is the proxy's own answer.
  const isOwn = !isReached && isDocument && answer.status === 200;
  const allowed = isReached || isOwn;
  return {
    allowed,
    status: answer.status,
    reason: shown === '' && !isOwn ? undefined : fieldOf(answer, 'x-trial-reason'),
    rule: isOwn ? 'metadata' : fieldOf(answer, 'x-trial-rule'),
    wouldBe: fieldOf(answer, 'x-trial-shadow'),
    headers: isReached ? readReached(answer.body) : undefined,
  };
}

interface Place {
  readonly policy: TrialPolicy;
  readonly site: TrialSite;
}

function prepare(program: Program, path: string, root: string, folder: string): Place {
  const document = readText(path);
  if (!document.ok) throw failure(`${path}: ${document.problem}`);
  const policy = writeTrialPolicy(path, document.text, folder, root);
  const { variables } = compileDeployment(policy.path, '');
  const own = { settings: policy.settings, policy: policy.path, folder, variables, module: program.module };
  return { policy, site: { ...own, socket: join(folder, 'proxy.sock'), backend: join(folder, 'backend.sock') } };
}

function start(program: Program, { site }: Place): Promise<Proxy> {
  const { folder, socket } = site;
  const environment = { OAUTH_POLICY: site.policy };
  if (program.name === 'haproxy') {
    const path = join(folder, 'haproxy.cfg');
    writeFileSync(path, writeHaproxyTrial(site));
    return startProxy([program.program, '-db', '-f', path], environment, socket);
  }
  const path = join(folder, 'nginx.conf');
  writeFileSync(join(folder, 'forward.conf'), writeForwardLines(site.settings, 'plain'));
  const startWith = (hasDictionaries: boolean): Promise<Proxy> => {
    writeFileSync(path, writeNginxTrial(site, process.getuid?.() === 0, hasDictionaries));
    return startProxy([program.program, '-c', path], environment, socket);
  };
  return startWith(true).catch((problem: unknown) => {
    if (!(problem instanceof Error) || !problem.message.includes(NO_DICTIONARIES)) throw problem;
    return startWith(false);
  });
}

/** The proxy's own time, in seconds. */
async function readClock(socket: string): Promise<number> {
  const answer = await ask(socket, { method: 'GET', target: CLOCK, fields: [] });
  const time = Math.floor(Number(fieldOf(answer, 'x-trial-clock')));
  if (answer.status !== 204 || time === 0)
    throw failure(`the proxy does not say its time: status ${String(answer.status)}`);
  return time;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Starts a proxy with a policy. @throws a failure with its messages where it does not start */
export async function startTrial(program: Program, path: string, root: string): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), 'jwtverify-trial-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  const leave = (): void => {
    process.exit(EXIT.failure);
  };
  // What ends the command by a signal would leave the folder.
  process.once('exit', remove);
  for (const signal of SIGNALS) process.once(signal, leave);
  const clean = (): void => {
    remove();
    process.off('exit', remove);
    for (const signal of SIGNALS) process.off(signal, leave);
  };
  let endBackend: () => void = () => undefined;
  try {
    const place = prepare(program, path, root, folder);
    const { socket, backend, settings } = place.site;
    endBackend = await startBackend(backend);
    const proxy = await start(program, place);
    return {
      run: async (request, presented, now) => {
        const whole =
          presented.kind === 'claims'
            ? presentClaims(place.policy, request, presented.claims, (await readClock(socket)) - now)
            : request;
        const isDocument = request.target.split('?')[0] === settings.policy?.metadata?.path;
        return readTrial(await ask(socket, whole), isDocument);
      },
      stop: async () => {
        await proxy.stop();
        endBackend();
        clean();
      },
    };
  } catch (problem) {
    endBackend();
    clean();
    throw problem;
  }
}

/** The module for a proxy: beside the command, or where the documents install it. @throws a failure where it is nowhere */
export function findModule(name: ProxyName, given: string | undefined): string {
  if (given !== undefined) {
    if (existsSync(given)) return given;
    throw failure(`${given}: no such file`);
  }
  const own = ownArtifact(name);
  const places = [own, join(import.meta.dirname, basename(own)), ...INSTALLED[name]];
  const found = places.find((path) => existsSync(path));
  if (found === undefined)
    throw failure(`no module for ${name} is in ${places.join(', ')}; name it with --${name}-module`);
  return found;
}
