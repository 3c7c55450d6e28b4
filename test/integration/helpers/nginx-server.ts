import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { recordAnswer } from './answer-record';
import { childrenOf, reloadWorkers } from './processes';
import {
  freePort,
  makeWorkDirectory,
  request,
  startIn,
  waitForPort,
  type HttpAnswer,
  type HttpRequest,
  type Running,
  type SuiteName,
} from './suite';

/** A JavaScript engine of nginx in one suite. */
export interface Engine {
  readonly suite: SuiteName;
  /** What `http` needs to say to run on it. */
  readonly directive: string;
  readonly name: string;
  readonly hasSharedDict: boolean;
  /** Whether `env NAME=value;` reaches scripts. */
  readonly seesEnvValues: boolean;
  readonly hasAccess: boolean;
}

function engine(suite: SuiteName, name: string, directive: string, generation: number): Engine {
  return {
    suite,
    directive,
    name,
    hasSharedDict: generation >= 2,
    seesEnvValues: generation >= 2,
    hasAccess: generation >= 3,
  };
}

export const ENGINES: readonly Engine[] = [
  engine('bookworm', 'njs 0.7.9', '', 1),
  engine('trixie', 'njs 0.8.9', '', 2),
  engine('sid', 'njs 1.0', 'js_engine njs;', 3),
  engine('sid', 'QuickJS', 'js_engine qjs;', 3),
];

export interface NginxOptions {
  /** The environment of the process; each name also gets an `env` directive. */
  readonly env?: Readonly<Record<string, string>>;
  /** More lines of the main context. */
  readonly main?: string;
  /** More lines of `http`. */
  readonly http?: string;
  /** The lines of `server`; `CONTRACT_LOCATIONS` when left out. */
  readonly server?: string;
  /** Files beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly faketime?: string;
  readonly workers?: number;
}

/** A request; `port` is for a server that the options added. */
export type NginxRequest = Omit<HttpRequest, 'port'> & { readonly port?: number };

export interface Nginx {
  readonly port: number;
  /** The work directory as the host of the tests sees it. */
  readonly directory: string;
  /** The workers, by their process ids. */
  workers(): readonly number[];
  ask(wanted?: NginxRequest): Promise<HttpAnswer>;
  /** Asks with one bearer token. */
  askWith(token: string, wanted?: NginxRequest): Promise<HttpAnswer>;
  /** The error log so far. */
  errorLog(): string;
  /** The lines of the error log that this product wrote, but for the one that says what is in force. */
  messages(): readonly string[];
  /** Changes the configuration, sends HUP and waits until only new workers run. */
  reload(change?: (configuration: string) => string): Promise<void>;
  /** Each token or signature that was sent and that nginx's output has; empty when all is well. */
  leaks(): readonly string[];
  stop(): Promise<void>;
}

/** The configuration of the contract as it is printed. */
export const CONTRACT_LOCATIONS = `
    location /api/ {
      auth_request /_jwtverify;
      auth_request_set $oauth_scopes $sent_http_x_oauth_scopes;
      proxy_pass http://apiservers;
      proxy_set_header X-Scopes $oauth_scopes;
    }
    location = /_jwtverify { internal; js_content jwtverify.auth; }
    location = /authorizer { js_content jwtverify.authorizer; }
`;

export const SHARED_DICT = 'js_shared_dict_zone zone=jwtverify:16m timeout=1h evict;';

/** Where work directories stand inside the suite: `DIRECTORY` in options becomes the real one. */
const DIRECTORY = 'DIRECTORY';

/** A worker has but the variables that are named, and libfaketime looks again every ten seconds. */
const FAKETIME_IN_WORKERS = 'env FAKETIME;';

function configurationFor(engine: Engine, options: NginxOptions, port: number, backend: number): string {
  const names = Object.keys(options.env ?? {});
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
user www-data;
worker_processes ${String(options.workers ?? 1)};
load_module /usr/lib/nginx/modules/ngx_http_js_module.so;
error_log ${DIRECTORY}/error.log notice;
pid ${DIRECTORY}/nginx.pid;
${names.map((name) => `env ${name};`).join(' ')}
${options.faketime === undefined ? '' : FAKETIME_IN_WORKERS}
${options.main ?? ''}
events {}
http {
  ${temporary.map((name) => `${name}_temp_path ${DIRECTORY}/${name};`).join(' ')}
  # As the documents have it: a query may have a token.
  log_format path '$remote_addr $request_method $uri $status';
  access_log ${DIRECTORY}/access.log path;
  large_client_header_buffers 4 32k;
  ${engine.directive}
  js_import jwtverify from ${DIRECTORY}/jwtverify.js;
  ${options.http ?? ''}
  upstream apiservers { server 127.0.0.1:${String(backend)}; }
  server {
    listen 127.0.0.1:${String(port)};
${options.server ?? CONTRACT_LOCATIONS}
  }
  server {
    listen 127.0.0.1:${String(backend)};
    location / { return 200 "reached: $request_method $request_uri ($http_x_scopes)"; }
  }
}
`;
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** The parts of a token that must never be seen again: all of it, what it claims and its signature. */
function secretsOf(token: string): readonly string[] {
  const [, payload = '', signature = ''] = token.split('.');
  return [token, payload, signature].filter((part) => part.length >= 16);
}

/** Starts nginx with the module built from these sources, and waits until it listens. */
export async function startNginx(engine: Engine, options: NginxOptions = {}): Promise<Nginx> {
  const work = makeWorkDirectory(engine.suite);
  const inside = (text: string): string => text.replaceAll(DIRECTORY, work.inside);
  const place = (name: string): string => join(work.outside, name);
  const [port, backend] = [await freePort(), await freePort()];
  cpSync(inject('artifacts').js, place('jwtverify.js'));
  mkdirSync(place('logs'), { recursive: true });
  for (const [name, content] of Object.entries(options.files ?? {})) writeFileSync(place(name), inside(content));
  writeFileSync(place('nginx.conf'), inside(configurationFor(engine, options, port, backend)));
  const env = Object.fromEntries(Object.entries(options.env ?? {}).map(([name, value]) => [name, inside(value)]));
  const running: Running = startIn(engine.suite, ['nginx', '-p', work.inside, '-c', `${work.inside}/nginx.conf`], {
    env,
    ...(options.faketime === undefined ? {} : { faketime: options.faketime }),
  });
  await waitForPort(port, running);

  const sent: string[] = [];
  const answers: string[] = [];
  async function ask(wanted: NginxRequest = {}): Promise<HttpAnswer> {
    for (const [name, value] of wanted.headers ?? []) {
      if (name.toLowerCase() === 'authorization') sent.push(...secretsOf(value.slice(value.indexOf(' ') + 1)));
    }
    const answer = await request({ path: '/api/hamsters', port, ...wanted });
    answers.push(JSON.stringify(answer));
    const { port: asked = port, ...rest } = wanted;
    recordAnswer(`nginx of ${engine.suite}, ${engine.name}${asked === port ? '' : ', another port'}`, rest, answer);
    return answer;
  }
  const said = (): Readonly<Record<string, string>> => ({
    'the error log': read(place('error.log')),
    'the access log': read(place('access.log')),
    'the output': running.output(),
    'an answer': answers.join('\n'),
  });
  return {
    port,
    directory: work.outside,
    workers: () => childrenOf(running.pid).map(Number),
    ask,
    askWith: (token, wanted = {}) =>
      ask({ ...wanted, headers: [['Authorization', `Bearer ${token}`], ...(wanted.headers ?? [])] }),
    errorLog: () => read(place('error.log')),
    messages: () => lines(read(place('error.log'))).filter((line) => /jwtverify: (?!in force: )/.test(line)),
    reload: async (change) => {
      if (change !== undefined) writeFileSync(place('nginx.conf'), change(read(place('nginx.conf'))));
      await reloadWorkers(running.pid);
    },
    leaks: () =>
      Object.entries(said()).flatMap(([where, text]) =>
        [...new Set(sent)].filter((secret) => text.includes(secret)).map((secret) => `${where} has ${secret}`),
      ),
    stop: () => running.stop(),
  };
}
