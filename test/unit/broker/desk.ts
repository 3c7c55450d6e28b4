// A broker in this process: its desk, a provider that signs, and an admin service that answers.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { answerDesk, renderDesk } from '../../../src/broker/answer-broker';
import type { BrokerContext } from '../../../src/broker/context';
import { countReply } from '../../../src/broker/count-reply';
import type { CountBroker } from '../../../src/model/broker-event';
import { deriveSealingKeys } from '../../../src/login/sealing-keys';
import type { LoginReply } from '../../../src/login/step';
import { plainHash } from '../../../src/crypto/plain-hash';
import type { BrokerAudience, BrokerDesk, BrokerProvider } from '../../../src/model/broker';
import type { SealingPurpose } from '../../../src/model/login';
import type { HttpAnswer, HttpQuestion } from '../../../src/ports/http';
import { text } from '../../../nginx/ports/text';
import {
  ENDPOINTS,
  ISSUER,
  jarOf,
  jsonAnswer,
  loginOf,
  NOW,
  perform,
  requestOf,
  tokensFor,
  trustOf,
  type Claims,
  type Headers,
} from '../login/provider';

export const BROKER = 'https://login.example/in';
export const CODE = 'A1b2C3d4'.repeat(4);
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
export { publicKey };

const keysOf = (purpose: SealingPurpose) =>
  deriveSealingKeys(['a secret of 32 bytes, or of more.'], purpose, '__Host-broker', plainHash, text);

const login = loginOf();
const client = {
  issuer: 0,
  clientId: login.clientId,
  credentials: login.credentials,
  scopes: 'openid email',
  redirectUri: `${BROKER}/callback/google`,
  cookie: { name: '__Host-broker', domain: undefined, path: '/', sameSite: 'lax', secure: true },
  keys: { login: keysOf('login') },
  claimsFrom: ['id_token'],
  endpoints: { ...ENDPOINTS, authorization: 'https://issuer.example/organizations/auth', namesIssuer: false },
} as const;

export const GOOGLE: BrokerProvider = {
  name: 'google',
  label: 'Google',
  client,
  userClaims: ['email'],
  tenantClaim: undefined,
  parameters: [['prompt', 'select_account']],
};

export const MICROSOFT: BrokerProvider = {
  ...GOOGLE,
  name: 'microsoft',
  label: 'Microsoft',
  client: { ...client, redirectUri: `${BROKER}/callback/microsoft` },
  userClaims: ['upn', 'preferred_username'],
  tenantClaim: 'tid',
};

export const audienceOf = (changes: Partial<BrokerAudience> = {}): BrokerAudience => ({
  name: 'register',
  redirects: ['https://register.example/in', 'https://register.example/other?x=y'],
  delivery: 'fragment',
  admin: undefined,
  tenants: undefined,
  claims: [],
  ...changes,
});

export const ADMIN = 'https://admin.example/zoo';

/** @param counted gets each event that is counted, with its labels */
export function contextOf(changes: Partial<BrokerDesk> = {}, counted?: string[]): BrokerContext {
  const desk: BrokerDesk = {
    issuer: BROKER,
    prefix: '/in',
    signing: {
      type: 'RSA',
      algorithm: 'RS256',
      header: Buffer.from('{"alg":"RS256","kid":"2026-11","typ":"JWT"}').toString('base64url'),
      pkcs8: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    },
    lifetime: 86_400,
    providers: [MICROSOFT, GOOGLE],
    audiences: [audienceOf(), audienceOf({ name: 'zoo', admin: ADMIN, claims: ['groups'] })],
    others: undefined,
    usual: 'register',
    cookie: client.cookie,
    keys: { pairing: keysOf('pairing'), code: keysOf('code') },
    pages: undefined,
    ...changes,
  };
  const count: CountBroker = (event, labels) => {
    counted?.push(`${event} ${labels}`);
  };
  return { desk, trust: trustOf(), hash: plainHash, text, count };
}

/** A browser at the broker. */
export interface Visit {
  readonly method?: string;
  readonly headers?: Headers;
  readonly form?: Readonly<Record<string, string>>;
  readonly answer?: (question: HttpQuestion) => HttpAnswer;
  readonly claim?: (name: string) => boolean;
  readonly now?: number | undefined;
}

export async function visit(context: BrokerContext, target: string, visiting: Visit = {}): Promise<LoginReply> {
  const { form, now = NOW } = visiting;
  const type = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  const method = visiting.method ?? (form === undefined ? 'GET' : 'POST');
  const request = requestOf(target, { host: 'login.example', ...type, ...visiting.headers }, method, body);
  const { answer, claim } = visiting;
  const first = answerDesk(context, request, randomBytes(96).toString('base64url'), now);
  const reply = await perform(first, { answer, claim, now });
  countReply(context, request, reply);
  return reply;
}

/** The page of a reply. */
export const pageOf = (context: BrokerContext, reply: LoginReply): string => renderDesk(context, reply).body;

export interface Walk {
  /** What is asked of the broker. */
  readonly ask?: Readonly<Record<string, string>>;
  readonly provider?: 'google' | 'microsoft';
  readonly claims?: Claims;
  readonly admin?: (question: HttpQuestion) => HttpAnswer;
  /** Changes the way back. */
  readonly back?: (target: string, cookie: string) => readonly [target: string, cookie: string];
}

/** Signs somebody in, and returns what the callback answers, with the browser's cookies. */
export async function walk(context: BrokerContext, walking: Walk = {}) {
  const { ask = {}, provider = 'google', claims = {}, admin, back } = walking;
  const begun = await visit(context, '/in/authorize', { form: { ...ask, provider } });
  const asked = new URL(begun.location ?? 'about:blank').searchParams;
  const query = new URLSearchParams({ state: asked.get('state') ?? '', code: 'a-code' });
  const straight = [`/in/callback/${provider}?${query.toString()}`, jarOf([begun])] as const;
  const [target, cookie] = back?.(...straight) ?? straight;
  const questions: HttpQuestion[] = [];
  const reply = await visit(context, target, {
    headers: { cookie },
    answer: (question) => {
      if (question.url === ENDPOINTS.token) {
        const person =
          provider === 'google'
            ? { email: 'ada@zoo.example', email_verified: true }
            : { upn: 'ada@zoo.example', tid: 'tenant-1' };
        return jsonAnswer(tokensFor({ reply: begun, cookie: '', asked }, { name: 'Ada', ...person, ...claims }));
      }
      questions.push(question);
      return admin?.(question) ?? { ok: false, problem: 'it cannot be reached' };
    },
  });
  return { begun, asked, reply, questions, cookie: jarOf([begun, reply]) };
}

export const MEMBER = { upn: 'Ada@zoo.example', origin: 'google', name: 'Ada Lovelace', roles: ['USER'] };
export { ISSUER, jsonAnswer, NOW };
