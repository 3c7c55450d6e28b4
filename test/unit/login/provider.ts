// A login's surroundings in this process: a policy, an issuer that signs, and a host that performs each step.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createSignatures } from '../../../nginx/ports/signatures';
import { sign as signWithKey } from '../../../nginx/ports/signing';
import { text } from '../../../nginx/ports/text';
import { plainHash } from '../../../src/crypto/plain-hash';
import { createPlainSealing } from '../../../src/crypto/plain-sealing';
import { sessionAim } from '../../../src/login/establish';
import { callBack } from '../../../src/login/callback';
import { findSession } from '../../../src/login/find-session';
import { deriveSealingKeys } from '../../../src/login/sealing-keys';
import { refreshSession } from '../../../src/login/refresh';
import { parseSession, type Session } from '../../../src/login/session-text';
import { startLogin } from '../../../src/login/start';
import type { LoginContext, LoginReply, LoginStep, Refreshed } from '../../../src/login/step';
import { ALGORITHMS } from '../../../src/model/algorithm';
import type { Login, LoginEndpoints, SealingPurpose } from '../../../src/model/login';
import type { HttpAnswer, HttpQuestion } from '../../../src/ports/http';
import { compileSettings } from '../../../src/settings/environment';
import { begin, createTrust, resume } from '../../../src/token/flow';
import type { RequestLines } from '../../../src/token/places/request-lines';
import type { Step, Trust } from '../../../src/token/step';
import { noPause } from '../crypto/reference';

export const NOW = 1_700_000_000;
export const ISSUER = 'https://issuer.example/realms/zoo';
export const CLIENT = 'gateway';
export const NAME = '__Host-jwtverify';
const ORIGIN = 'https://app.example';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

const base64url = (value: object | string | Buffer): string =>
  Buffer.from(typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value)).toString(
    'base64url',
  );

export type Claims = Readonly<Record<string, unknown>>;

/** A token that the issuer signs, or somebody else. */
export function signToken(claims: Claims, header: object = { alg: 'RS256', typ: 'JWT' }, key = privateKey): string {
  const input = `${base64url(header)}.${base64url(claims)}`;
  return `${input}.${base64url(sign('sha256', Buffer.from(input), key))}`;
}

export const halfOf = (value: string): string =>
  createHash('sha256').update(value).digest().subarray(0, 16).toString('base64url');

/** A policy with one issuer. @param more members of it @param rules of the policy */
export function trustOf(more: object = {}, rules: readonly object[] = []): Trust {
  const files: Record<string, string> = {
    'policy.json': JSON.stringify({
      issuers: [{ issuer: ISSUER, audiences: ['api'], keys: { jwks_file: 'keys.json' }, ...more }],
      ...(rules.length > 0 ? { rules } : {}),
      otherwise: 'authenticated',
    }),
    'keys.json': JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] }),
  };
  const answer = compileSettings(
    {
      environment: (name) => (name === 'OAUTH_POLICY' ? 'policy.json' : undefined),
      readFile: (path) => {
        const found = files[path];
        return found === undefined ? { ok: false, problem: 'no such file' } : { ok: true, text: found };
      },
    },
    text,
    ALGORITHMS.map(({ name }) => name),
  );
  if (!answer.ok) throw new Error(JSON.stringify(answer.problems));
  return createTrust(answer.settings, text);
}

const keysOf = (purpose: SealingPurpose, secrets: readonly string[]) =>
  deriveSealingKeys(secrets, purpose, NAME, plainHash, text);

export function loginOf(changes: Partial<Login> = {}, secrets = ['a secret of 32 bytes, or of more.']): Login {
  return {
    issuer: 0,
    clientId: CLIENT,
    credentials: [{ authorization: 'Basic Z2F0ZXdheTpz', form: '' }],
    scopes: 'openid profile',
    prefix: '/oauth2',
    redirectUri: undefined,
    cookie: { name: NAME, domain: undefined, path: '/', sameSite: 'lax', secure: true },
    maxAge: 28_800,
    keys: {
      session: keysOf('session', secrets),
      login: keysOf('login', secrets),
      signOut: keysOf('sign_out', secrets),
    },
    returnTo: [{ host: 'partner.example', port: '' }],
    claimsFrom: ['id_token'],
    keepsIdToken: false,
    keepsAccessToken: false,
    backChannel: true,
    signIn: 'redirect',
    ...changes,
  };
}

export const ENDPOINTS: LoginEndpoints = {
  authorization: `${ISSUER}/auth?kc=1`,
  token: `${ISSUER}/token`,
  endSession: `${ISSUER}/logout`,
  namesIssuer: true,
};

export function contextOf(changes: Partial<LoginContext> = {}): LoginContext {
  return {
    login: loginOf(),
    endpoints: { ok: true, endpoints: ENDPOINTS },
    trust: trustOf(),
    hash: plainHash,
    text,
    ...changes,
  };
}

const sealing = createPlainSealing(text, () => randomBytes(12).toString('latin1'), noPause);
const signatures = createSignatures(true);

/** Performs the steps of a token. */
async function verify(trust: Trust, token: string, now: number): Promise<Step> {
  let step = begin(trust, token);
  while (step.kind === 'verify') {
    step = resume(trust, step.pending, await signatures.verify(step.pending.request), now);
  }
  return step;
}

export interface Host {
  /** Whether a name is claimed for the first time. */
  readonly claim?: ((name: string) => boolean) | undefined;
  readonly now?: number | undefined;
  /** What the issuer answers. */
  readonly answer?: ((question: HttpQuestion) => HttpAnswer) | undefined;
  /** Each step that was performed. */
  readonly log?: string[];
}

/** Performs the steps of login but the last. */
async function performAll(first: LoginStep, host: Host): Promise<LoginReply | Refreshed> {
  const now = host.now ?? NOW;
  let step = first;
  for (;;) {
    host.log?.push(step.kind);
    switch (step.kind) {
      case 'reply':
        return step.reply;
      case 'refreshed':
        return step.refreshed;
      case 'open':
        step = step.next(sealing.open(step.openable.key, step.openable.sealed), now);
        break;
      case 'seal':
        step = step.next(sealing.seal(step.key, step.plain));
        break;
      case 'sign': {
        const claims = step.write(randomBytes(16).toString('base64url'), now);
        const input = `${step.key.header}.${Buffer.from(claims).toString('base64url')}`;
        const signature = await signWithKey(step.key, input);
        step = step.next(signature === undefined ? undefined : `${input}.${signature}`);
        break;
      }
      case 'claim':
        step = step.next(host.claim?.(step.name) ?? false);
        break;
      case 'fetch':
        step = step.next(host.answer?.(step.question) ?? { ok: false, problem: 'it sends no answer' }, now);
        break;
      case 'verify':
        step = step.next(await verify(step.trust, step.token, now), now);
        break;
    }
  }
}

/** Performs the steps of login. */
export async function perform(first: LoginStep, host: Host = {}): Promise<LoginReply> {
  const last = await performAll(first, host);
  if ('kind' in last) throw new Error('a refresh is no reply');
  return last;
}

/** Refreshes a session at a time. */
export async function refresh(context: LoginContext, session: Session, host: Host, cookie = ''): Promise<Refreshed> {
  const last = await performAll(refreshSession(context, requestOf('/app1', { cookie }), session), host);
  if (!('kind' in last)) throw new Error('a reply is no refresh');
  return last;
}

export type Headers = Readonly<Record<string, string | readonly string[]>>;

export function requestOf(target: string, headers: Headers = {}, method = 'GET', body?: string): RequestLines {
  const all: Headers = { host: 'app.example', ...headers };
  return { method, target, lines: (name) => [all[name] ?? []].flat(), body: () => body };
}

export function jsonAnswer(body: object | string, status = 200): HttpAnswer {
  const written = typeof body === 'string' ? body : JSON.stringify(body);
  return { ok: true, status, body: written, cacheControl: '', contentEncoding: '', contentType: '' };
}

/** A browser's cookies. */
export function jarOf(replies: readonly LoginReply[]): string {
  const jar = new Map<string, string>();
  for (const field of replies.flatMap(({ cookies }) => cookies)) {
    const [pair = ''] = field.split(';');
    const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    if (field.includes('Max-Age=0')) jar.delete(name);
    else jar.set(name, value);
  }
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
}

export interface Started {
  readonly reply: LoginReply;
  readonly cookie: string;
  /** The parameters at the issuer. */
  readonly asked: URLSearchParams;
}

export async function start(
  context: LoginContext,
  target = '/oauth2/start?rd=/app1',
  headers: Headers = {},
): Promise<Started> {
  const random = randomBytes(96).toString('base64url');
  const reply = await perform(startLogin(context, requestOf(target, headers), random, NOW));
  const asked = new URL(reply.location ?? 'about:blank').searchParams;
  return { reply, cookie: jarOf([reply]), asked };
}

/** The tokens of a good login. */
export function tokensFor({ asked }: Started, changes: Claims = {}, more: object = {}): object {
  const claims = {
    iss: ISSUER,
    aud: CLIENT,
    sub: 'ada',
    iat: NOW,
    exp: NOW + 300,
    nonce: asked.get('nonce'),
    ...changes,
  };
  return {
    access_token: 'opaque',
    token_type: 'Bearer',
    expires_in: 300,
    refresh_token: 'again',
    id_token: signToken(claims),
    ...more,
  };
}

export interface Brought {
  readonly query?: Readonly<Record<string, string>>;
  readonly cookie?: string | readonly string[];
  readonly host?: Host;
}

/** The browser brings the issuer's answer. */
export async function bring(context: LoginContext, started: Started, brought: Brought = {}): Promise<LoginReply> {
  const state = started.asked.get('state') ?? '';
  const query = new URLSearchParams({ state, code: 'a-code', iss: ISSUER, ...brought.query });
  for (const [name, value] of [...query]) if (value === '') query.delete(name);
  const request = requestOf(`/oauth2/callback?${query.toString()}`, { cookie: brought.cookie ?? started.cookie });
  return perform(callBack(context, request, sessionAim(context, request)), {
    answer: () => jsonAnswer(tokensFor(started)),
    ...brought.host,
  });
}

/** The session in a browser's cookies; undefined when none opens. */
export function openSession(cookie: string, login: Login): Session | undefined {
  const found = findSession(login, [cookie], text);
  const opened = found.kind === 'sealed' ? sealing.open(found.openable.key, found.openable.sealed) : undefined;
  return opened === undefined ? undefined : parseSession(opened, text);
}

export { ORIGIN };
