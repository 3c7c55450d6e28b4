// `jwtverify init`: a policy and a configuration for one issuer and one backend, which the proxy of this machine reads.
import { join, resolve } from 'node:path';
import { EXIT, failure } from '../desk/failure';
import { findDiscovery, getKeySet, listKeys } from '../desk/key-list';
import { compileDeployment } from '../desk/placeholders';
import { findClosed, findNameServer, tryConfiguration, type ProxyName, type Tried } from '../ports/proxies';
import type { Output } from '../print/output';
import { ask, canAsk, type Question } from '../print/questions';
import { findExisting, findModule, withFiles, writeFiles, type Files } from '../write/files';
import { writeHaproxyConfiguration } from '../write/haproxy-configuration';
import {
  WAYS,
  writeForwardLines,
  writeNginxConfiguration,
  type NginxSite,
  type Way,
} from '../write/nginx-configuration';
import { writePolicy, type Beginning } from '../write/starting-policy';
import { checkListen, checkWord, findFaultyBackend } from '../write/words';

export interface InitOptions {
  readonly issuer?: string | undefined;
  readonly audience: readonly string[];
  readonly publicReads?: true | undefined;
  readonly readScope?: string | undefined;
  readonly writeScope?: string | undefined;
  readonly backend?: string | undefined;
  readonly listen: string;
  /** Where the files go, as the proxy sees it. */
  readonly directory: string;
  /** The root file system in which the proxy is; empty: this machine's. */
  readonly root: string;
  readonly module?: string | undefined;
  readonly resolver?: string | undefined;
  readonly caFile: string;
  readonly allowHttp?: true | undefined;
  readonly force?: true | undefined;
  readonly json?: true | undefined;
}

/** What has been found out. */
interface Answers {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly backend: string;
}

const BACKEND = '127.0.0.1:3001';

const isUrl = (value: string): string | undefined =>
  /^https?:\/\/[^ ?#]+$/.test(value) ? undefined : 'an issuer is a URL, exactly as tokens have it in `iss`';

async function askFor(name: string, given: string | undefined, question: Question): Promise<string> {
  if (given !== undefined) {
    const fault = question.check(given);
    if (fault !== undefined) throw failure(`--${name}: ${fault}`);
    return given;
  }
  if (!canAsk()) {
    if (question.otherwise !== undefined) return question.otherwise;
    throw failure(`init needs --issuer and --audience where it cannot ask: --${name} is missing`);
  }
  const answer = await ask(question);
  if (answer === undefined) throw failure('nothing was written');
  return answer;
}

async function gather(options: InitOptions): Promise<Answers> {
  const issuer = await askFor('issuer', options.issuer, {
    message: 'The issuer of your tokens (`iss`)?',
    check: isUrl,
  });
  const audience = await askFor('audience', options.audience[0], {
    message: 'The audience of your API (`aud`)?',
    check: (value) => (/^\S+$/.test(value) ? undefined : 'an audience has no blanks'),
  });
  const backend = await askFor('backend', options.backend, {
    message: 'Host and port of the backend?',
    otherwise: BACKEND,
    check: findFaultyBackend,
  });
  return { issuer, audiences: [audience, ...options.audience.slice(1)], backend };
}

/** Where the issuer's keys are. @throws a failure where none of them can be used */
async function findKeysUrl(issuer: string, options: InitOptions, output: Output): Promise<string> {
  output.progress(`asking ${issuer} where its keys are`);
  const { found, faults } = await findDiscovery(issuer, options.allowHttp === true);
  if (found === undefined && faults.length > 0) {
    throw failure(`${issuer} cannot be asked where its keys are:\n${faults.join('\n')}`);
  }
  if (found === undefined) {
    throw failure(`${issuer} has no discovery document; write the policy yourself, with \`keys\`: docs/policy.md`);
  }
  output.progress(`asking ${found.keys} for the keys`);
  const keys = listKeys(await getKeySet(found.keys), found.keys);
  if (keys.some(({ key }) => key !== undefined)) return found.keys;
  throw failure(`${found.keys}: the proxies can use none of its keys; \`jwtverify keys ${issuer}\` says why`);
}

interface Draft {
  readonly files: Files;
  /** The file that the proxy reads. */
  readonly main: string;
}

/** The files as they would be in a folder. @param way undefined: HAProxy */
function draft(folder: string, place: Place, beginning: Omit<Beginning, 'keys'>, way: Way | undefined): Draft {
  const keys = way === 'plain' ? place.keysUrl : undefined;
  const policy = writePolicy({ ...beginning, keys });
  const compiled = withFiles({ 'policy.json': policy }, '', (own) => compileDeployment(join(own, 'policy.json'), ''));
  const site: NginxSite = {
    ...compiled,
    ...place.words,
    policy: join(folder, 'policy.json'),
    forward: join(folder, 'jwtverify-forward.conf'),
    way: way ?? 'access',
  };
  if (way === undefined)
    return { main: 'haproxy.cfg', files: { 'policy.json': policy, 'haproxy.cfg': writeHaproxyConfiguration(site) } };
  const files = {
    'policy.json': policy,
    'jwtverify-forward.conf': writeForwardLines(site.settings, site.way),
    'nginx.conf': writeNginxConfiguration(site),
  };
  return { main: 'nginx.conf', files };
}

/** What the site has whatever the version of the proxy. */
interface Place {
  readonly keysUrl: string;
  readonly words: Pick<NginxSite, 'module' | 'listen' | 'backend' | 'resolver' | 'authorities'>;
}

interface Chosen {
  readonly draft: Draft;
  readonly tried: Tried;
}

/** The first way that the proxy of the machine reads; the newest where it cannot be asked. */
function choose(proxy: ProxyName, options: InitOptions, place: Place, beginning: Omit<Beginning, 'keys'>): Chosen {
  const ways = proxy === 'nginx' ? WAYS : [undefined];
  const outputs: string[] = [];
  for (const way of ways) {
    const { main } = draft(options.directory, place, beginning, way);
    const tried = withFiles(
      (inside) => draft(inside, place, beginning, way).files,
      options.root,
      (_, inside) => tryConfiguration(proxy, options.root, join(inside, main)),
    );
    if (tried.result !== 'failed') return { draft: draft(options.directory, place, beginning, way), tried };
    outputs.push(tried.output);
  }
  throw failure(`${proxy} does not read the configuration, and nothing was written:\n${outputs.join('\n')}`);
}

function report(proxy: ProxyName, chosen: Chosen, written: Files, options: InitOptions, output: Output): void {
  const { draft: made, tried } = chosen;
  const paths = Object.keys(written).map((name) => join(options.directory, name));
  if (options.json === true) output.json({ proxy, files: paths, checked: tried.result });
  else {
    for (const path of paths) output.line(`${output.green('written')}: ${path}`);
    if (tried.result === 'passed') output.line(`${proxy} reads ${join(options.directory, made.main)}`);
  }
  if (tried.result === 'absent') output.warn(`${proxy} is not installed here: it has not checked the configuration`);
  if (tried.result === 'unable') output.warn(`${proxy} needs root here: it has not checked the configuration`);
  const closed = findClosed(resolve(join(options.root, options.directory, 'policy.json')));
  if (proxy === 'nginx' && closed !== undefined) {
    output.warn(`nginx's workers cannot enter ${closed}: put the files into another folder, or permit it`);
  }
}

/** @returns the exit code */
export async function init(proxy: ProxyName, given: InitOptions, output: Output): Promise<number> {
  const options = { ...given, directory: resolve('/', given.root === '' ? resolve(given.directory) : given.directory) };
  const names =
    proxy === 'nginx' ? ['policy.json', 'jwtverify-forward.conf', 'nginx.conf'] : ['policy.json', 'haproxy.cfg'];
  const existing = findExisting(
    options.root,
    names.map((name) => join(options.directory, name)),
  );
  if (existing.length > 0 && options.force !== true) {
    throw failure(
      `${existing.join(', ')}: exists already; give --force to replace it, or --directory for another place`,
    );
  }
  const answers = await gather(options);
  const keysUrl = await findKeysUrl(answers.issuer, options, output);
  const { publicReads, readScope, writeScope, allowHttp } = options;
  const beginning = {
    ...answers,
    readScope,
    writeScope,
    publicReads: publicReads === true,
    allowHttp: allowHttp === true,
  };
  const found = findModule(proxy, options.root, options.module, options.directory);
  const words = {
    module: checkWord('--module', found.path),
    listen: checkListen(options.listen),
    backend: answers.backend,
    resolver: checkWord('--resolver', options.resolver ?? findNameServer(options.root) ?? '127.0.0.53'),
    authorities: checkWord('--ca-file', options.caFile),
  };
  checkWord('--directory', options.directory);
  output.progress(`asking ${proxy} whether it reads the configuration`);
  const chosen = found.withModule(() => choose(proxy, options, { keysUrl, words }, beginning));
  const files = { ...chosen.draft.files, ...found.files };
  writeFiles(options.root, options.directory, files);
  report(proxy, chosen, files, options, output);
  return EXIT.fine;
}
