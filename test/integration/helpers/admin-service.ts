// A real admin service over HTTP: it knows users, their roles and codes of devices, and lies, waits and fails as a test wants.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, decodeJwt, jwtVerify, type JWTPayload, type JWTHeaderParameters } from 'jose';

export interface AdminUser {
  readonly upn: string;
  readonly origin: string;
  readonly name: string;
  readonly roles: readonly string[];
}

/** What it does with a look-up in place of an answer about the user. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

/** The bearer token of a request, as the keys that its issuer publishes verify it. */
export type InternalToken =
  | { readonly ok: true; readonly header: JWTHeaderParameters; readonly claims: JWTPayload }
  | { readonly ok: false; readonly problem: string };

export interface AdminRequest {
  readonly method: string;
  /** As it came, query and all. */
  readonly target: string;
  /** The first segment of its path. */
  readonly audience: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly token: InternalToken;
}

export interface AdminService {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** By `USER/PROVIDER` or `USER/PROVIDER:TENANT`, decoded. */
  readonly users: Map<string, AdminUser>;
  /** The codes that wait for a pairing, and who has paired each. */
  readonly codes: Map<string, string | undefined>;
  readonly requests: readonly AdminRequest[];
  /** What it does with a user, decoded, in place of what it should. */
  readonly behaviours: Map<string, Behaviour>;
  /** Forgets what was asked. */
  clear(): void;
  stop(): Promise<void>;
  start(): Promise<void>;
}

const sends =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** Answers with a good record of the user whom a request is about, but for some changes. */
const answers =
  (
    changes: object,
    damage: (body: string) => string = (body) => body,
    headers: Readonly<Record<string, string>> = {},
  ): Behaviour =>
  (request, response) => {
    const upn = decoded((request.url ?? '').split('/')[4] ?? '');
    const record = { upn, origin: 'microsoft', name: 'Ann', roles: ['USER'], ...changes };
    sends(200, damage(JSON.stringify(record)), headers)(request, response);
  };

const typed = (type: string | undefined): Behaviour =>
  answers({}, undefined, type === undefined ? {} : { 'content-type': type });

/** Good answers under types that servers write for JSON, and under none. */
export const OTHER_TYPES: readonly Behaviour[] = [
  typed('application/json; charset=utf-8'),
  typed('Application/Vnd.Zoo+JSON'),
  typed('text/plain; charset=utf-8'),
  (request, response) => {
    const upn = decoded((request.url ?? '').split('/')[4] ?? '');
    response.writeHead(200).end(JSON.stringify({ upn, roles: [] }));
  },
];

/** Every way in which it is of no use, or lies. */
export const MISBEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  'fails with 500': sends(500, '{"error":"x"}'),
  'is forbidden': sends(403, '{}'),
  'closes the connection': (request) => request.socket.destroy(),
  'answers with 10 MB': answers({ padding: 'x'.repeat(10_000_000) }),
  'answers with no JSON': sends(200, 'ann'),
  'answers with half of it': answers({}, (body) => body.slice(0, -5)),
  'answers with an empty body': sends(200, ''),
  'answers with a list': sends(200, '[]'),
  'answers with null': sends(200, 'null'),
  'answers without roles': answers({ roles: undefined }),
  'answers with roles that are a word': answers({ roles: 'USER' }),
  'answers with roles that are numbers': answers({ roles: [1] }),
  'answers with the record of another user': answers({ upn: 'root@contoso.example', roles: ['ROOT'] }),
  'answers with a user name that is an object': answers({ upn: {} }),
  'answers with roles twice': answers({}, (body) => body.replace('}', ',"roles":["ROOT"]}')),
  'answers with a good record as a page': typed('text/html; charset=utf-8'),
  'leads elsewhere': sends(302, '', { location: '/lies' }),
  'answers with 204': (_, response) => response.writeHead(204).end(),
};

/** Ways that take the whole time that the broker gives it. */
export const DELAYS: Readonly<Record<string, Behaviour>> = {
  'says nothing': () => undefined,
  drips: (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 200);
    response.once('close', () => {
      clearInterval(timer);
    });
  },
};

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  return body;
}

/** Starts it. @param issuers whose tokens it takes: the brokers, which publish their keys */
export async function startAdminService(issuers: readonly string[]): Promise<AdminService> {
  const users = new Map<string, AdminUser>();
  const codes = new Map<string, string | undefined>();
  const requests: AdminRequest[] = [];
  const keySets = new Map(
    issuers.map((issuer) => [issuer, createRemoteJWKSet(new URL(`${issuer}/oauth2/v1/certs`))] as const),
  );
  const behaviours = new Map<string, Behaviour>();

  async function verify(field: string | undefined, audience: string): Promise<InternalToken> {
    try {
      const token = /^Bearer (\S+)$/.exec(field ?? '')?.[1] ?? '';
      const keys = keySets.get(decodeJwt(token).iss ?? '');
      if (keys === undefined) return { ok: false, problem: 'a strange issuer' };
      const { protectedHeader: header, payload: claims } = await jwtVerify(token, keys, { audience });
      const life = (claims.exp ?? 0) - (claims.iat ?? 0);
      if (life !== 120) return { ok: false, problem: `lives ${String(life)} s` };
      const roles = claims['roles'];
      if (!Array.isArray(roles) || !roles.includes('SYSTEM')) return { ok: false, problem: 'no role SYSTEM' };
      return { ok: true, header, claims };
    } catch (problem) {
      return { ok: false, problem: String(problem) };
    }
  }

  const answer = (response: ServerResponse, status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: target = '', headers } = request;
    const body = await readBody(request);
    const [path = '', query = ''] = target.split('?');
    const [, audience = '', ...segments] = path.split('/');
    const token = await verify(headers.authorization, audience);
    requests.push({ method, target, audience, headers, body, token });
    if (!token.ok) {
      answer(response, 401, {});
      return;
    }
    const [system, kind, user = '', what = '', code, ...rest] = segments.map(decoded);
    const behaviour = behaviours.get(user);
    if (behaviour !== undefined) {
      behaviour(request, response);
      return;
    }
    if (system !== 'sysapi' || kind !== 'user' || rest.length > 0) {
      answer(response, 404, {});
      return;
    }
    if (method === 'GET' && code === undefined) {
      const found = users.get(`${user}/${what}`);
      answer(response, found === undefined ? 404 : 200, found ?? {});
      return;
    }
    if (method !== 'POST' || what !== 'device' || code === undefined) {
      answer(response, 405, {});
      return;
    }
    const isWaiting = codes.has(code) && codes.get(code) === undefined;
    if (isWaiting) codes.set(code, `${user}/${new URLSearchParams(query).get('provider') ?? ''}`);
    answer(response, isWaiting ? 200 : codes.has(code) ? 409 : 404, {});
  }

  const make = () => createServer((request, response) => void serve(request, response));
  let server = make();
  const listen = (port: number): Promise<void> =>
    new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    users,
    codes,
    requests,
    behaviours,
    clear: () => {
      requests.length = 0;
    },
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
    start: async () => {
      server = make();
      await listen(port);
    },
  };
}
