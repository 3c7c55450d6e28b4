// A real OpenID provider that signs people in (oidc-provider), and that a test stops, slows and has lie.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Provider } from 'oidc-provider';
import { makeKey, type Handler } from './issuer-server';
import { account, configure, type Account, type ConfigurationOptions, type Lifetimes } from './login-configuration';
import { freePort } from './suite';

export interface LoginProviderOptions {
  /** Key and certificate (PEM) for https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The host name in its URL. */
  readonly host?: string;
  readonly method?: ConfigurationOptions['method'];
  readonly clientKeys?: ConfigurationOptions['clientKeys'];
  readonly wantsItself?: ConfigurationOptions['wantsItself'];
  readonly callback?: ConfigurationOptions['callback'];
  readonly claims?: ConfigurationOptions['claims'];
  /** The path of its issuer: `/tenant/v2.0`. */
  readonly path?: string;
  /** In place of `test` and `keeper`. */
  readonly accounts?: ReadonlyMap<string, Account>;
  /** Sees each request before the provider, which answers what is left of its path. */
  readonly prepare?: Handler;
}

/** Changes what the token endpoint answers. */
export type Rewrite = (tokens: Record<string, unknown>, form: URLSearchParams) => void | Promise<void>;

export interface LoginProvider {
  readonly issuer: string;
  readonly keys: ConfigurationOptions['keys'];
  /** `test` in group1, `keeper` in group1 and group2; the password is the name. */
  readonly accounts: Map<string, Account>;
  /** Access tokens from now on are good for so many seconds. */
  readonly lifetimes: Lifetimes;
  /** Names the applications, and where logout tokens go. */
  serve(origins: readonly string[], backChannel?: string): void;
  /** Puts a handler before the provider; undefined removes it. */
  misbehave(handler: Handler | undefined): void;
  /** Changes the answers of the token endpoint; undefined ends it. */
  rewrite(change: Rewrite | undefined): void;
  /** Milliseconds that the token endpoint waits before each answer. */
  slow(milliseconds: number): void;
  /** How many requests there have been for a path that ends so. */
  count(path: string): number;
  /** What was posted to the token endpoint, in order. */
  readonly posted: readonly URLSearchParams[];
  /** Every code, token and cookie that it has sent: none may be in any log, page or header. */
  readonly secrets: ReadonlySet<string>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  return body;
}

const FORM = `<form method="post"><label>User <input name="user" autocomplete="username"></label>
<label>Password <input name="password" type="password"></label>
<button type="submit" name="do" value="sign-in">Sign in</button>
<button type="submit" name="do" value="cancel">Cancel</button></form>`;

const signInPage = (problem: string): string =>
  `<!doctype html><html lang="en"><title>Sign in to the zoo</title><h1>Sign in to the zoo</h1><p>${problem}</p>${FORM}</html>`;

/** The page that asks for user and password, and its answer. */
async function interact(
  provider: Provider,
  accounts: ReadonlyMap<string, Account>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const form = new URLSearchParams(request.method === 'POST' ? await readBody(request) : '');
  if (form.get('do') === 'cancel') {
    await provider.interactionFinished(request, response, { error: 'access_denied' });
    return;
  }
  const name = form.get('user') ?? '';
  if (form.has('user') && accounts.get(name)?.password === form.get('password')) {
    await provider.interactionFinished(request, response, { login: { accountId: name }, select_account: {} });
    return;
  }
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end(signInPage(form.has('user') ? 'Wrong user or password' : ''));
}

/** Holds back what is written into a response, and sends it once it is changed. */
export function capture(response: ServerResponse, change: (body: string) => Promise<string>): void {
  const chunks: Buffer[] = [];
  const end = response.end.bind(response) as (body: Buffer) => ServerResponse;
  const keep = (chunk: unknown): void => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk as string));
  };
  response.write = (chunk: unknown) => {
    keep(chunk);
    return true;
  };
  response.end = ((chunk: unknown) => {
    keep(chunk);
    void change(Buffer.concat(chunks).toString('utf8')).then((body) => {
      const bytes = Buffer.from(body, 'utf8');
      if (!response.headersSent) response.setHeader('content-length', bytes.length);
      end(bytes);
    });
    return response;
  }) as ServerResponse['end'];
}

const SECRETS = ['access_token', 'refresh_token', 'id_token'];

interface TokenEndpoint {
  rewrite: Rewrite | undefined;
  delay: number;
  readonly posted: URLSearchParams[];
  readonly secrets: Set<string>;
}

/** Has the provider answer a request to the token endpoint as the test wants it. */
async function answerTokens(
  endpoint: TokenEndpoint,
  provider: Handler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  const form = new URLSearchParams(body);
  endpoint.posted.push(form);
  for (const name of ['code', 'refresh_token', 'code_verifier', 'client_assertion']) {
    const value = form.get(name);
    if (value !== null) endpoint.secrets.add(value);
  }
  capture(response, async (text) => {
    // Nobody waits for the answer any more.
    if (text === '') return text;
    const tokens = JSON.parse(text) as Record<string, unknown>;
    await endpoint.rewrite?.(tokens, form);
    for (const name of SECRETS) if (typeof tokens[name] === 'string') endpoint.secrets.add(tokens[name]);
    if (endpoint.delay > 0) await new Promise((done) => setTimeout(done, endpoint.delay));
    return JSON.stringify(tokens);
  });
  // The provider reads a body that was parsed before it.
  Object.assign(request, { body: Object.fromEntries(form) });
  provider(request, response);
}

const zooAccounts = (): ReadonlyMap<string, Account> =>
  new Map([
    ['test', account('test', ['group1'])],
    ['keeper', account('keeper', ['group1', 'group2'])],
  ]);

/** Starts the provider on a port that is its own while it is stopped, too. */
export async function startLoginProvider(options: LoginProviderOptions = {}): Promise<LoginProvider> {
  const port = await freePort();
  const scheme = options.tls === undefined ? 'http' : 'https';
  const issuer = `${scheme}://${options.host ?? '127.0.0.1'}:${String(port)}${options.path ?? ''}`;
  const keys = [await makeKey('RS256')];
  const accounts = new Map(options.accounts ?? zooAccounts());
  const lifetimes: Lifetimes = { access: 600 };
  const endpoint: TokenEndpoint = { rewrite: undefined, delay: 0, posted: [], secrets: new Set() };
  const paths: string[] = [];
  let handler: Handler | undefined;
  const method = options.method ?? 'client_secret_basic';
  const makeProvider = (origins: readonly string[], backChannel: string | undefined): Provider =>
    new Provider(issuer, configure({ ...options, keys, accounts, lifetimes, origins, backChannel, method }));
  let provider = makeProvider(['https://app.example'], undefined);
  const serve: Handler = (request, response) => {
    options.prepare?.(request, response);
    const [path = ''] = (request.url ?? '').split('?');
    paths.push(path);
    if (handler !== undefined) handler(request, response);
    else if (path === '/token') void answerTokens(endpoint, provider.callback(), request, response);
    else if (path.startsWith('/interaction/')) void interact(provider, accounts, request, response);
    else provider.callback()(request, response);
  };
  const make = (): Server => (options.tls === undefined ? createServer(serve) : createTlsServer(options.tls, serve));
  let server: Server;
  const start = async (): Promise<void> => {
    server = make();
    await new Promise<void>((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  };
  await start();
  return {
    issuer,
    keys,
    accounts,
    lifetimes,
    serve: (origins, backChannel) => {
      provider = makeProvider(origins, backChannel);
    },
    misbehave: (next) => {
      handler = next;
    },
    rewrite: (change) => {
      endpoint.rewrite = change;
    },
    slow: (milliseconds) => {
      endpoint.delay = milliseconds;
    },
    count: (path) => paths.filter((one) => one.endsWith(path)).length,
    posted: endpoint.posted,
    secrets: endpoint.secrets,
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
    start,
  };
}
