// A whole login on whatever engine runs this: the same code in JavaScript and in Lua. Signatures are looked at elsewhere
// (vectors); here a token's payload counts as verified.
import { encodeBase64Url } from '../../src/codec/base64';
import { utf8Octets } from '../../src/codec/character';
import { formatJson } from '../../src/codec/json-format';
import { asObject, type JsonObject } from '../../src/codec/json';
import { parseJson } from '../../src/codec/json-parse';
import type { Text } from '../../src/codec/text';
import { bytesOf } from '../../src/crypto/octets';
import { plainHash } from '../../src/crypto/plain-hash';
import { createPlainSealing } from '../../src/crypto/plain-sealing';
import { answerLogin as answerPath } from '../../src/login/answer-login';
import { sessionAim } from '../../src/login/establish';
import { callBack } from '../../src/login/callback';
import { renderReply } from '../../src/login/login-answer';
import { refreshSession } from '../../src/login/refresh';
import { checkReturn } from '../../src/login/return-to';
import { deriveSealingKeys } from '../../src/login/sealing-keys';
import { acceptSession } from '../../src/login/session';
import { parseSession } from '../../src/login/session-text';
import { signOut } from '../../src/login/sign-out';
import { startLogin } from '../../src/login/start';
import type { LoginContext, LoginReply, LoginStep, Refreshed } from '../../src/login/step';
import type { Login, SealingPurpose } from '../../src/model/login';
import { compileSettings } from '../../src/settings/environment';
import { accept } from '../../src/token/accept';
import { checkClaims } from '../../src/token/claims';
import { createTrust } from '../../src/token/flow';
import type { RequestLines } from '../../src/token/places/request-lines';
import { refused, type Step, type Trust } from '../../src/token/step';
import { shortenAnswer } from './sealing-answer';

export interface LoginQuestion {
  /** The files of the settings. */
  readonly policy: string;
  readonly keys: string;
  readonly secret: string;
  readonly random: string;
  readonly now: number;
  /** The targets of the requests; the callback's is without its state. */
  readonly start: string;
  readonly callback: string;
  /** The payload of the ID token, with `NONCE` for the login's. */
  readonly claims: string;
  readonly returns: readonly string[];
  /** Targets under login's prefix that somebody who is signed in asks for. */
  readonly asked: readonly string[];
}

const NAME = '__Host-a';
const EMPTY: JsonObject = { kind: 'object', names: [], values: [] };

function contextOf(question: LoginQuestion, text: Text): LoginContext | undefined {
  const environment: Record<string, string | undefined> = { OAUTH_POLICY: 'policy.json' };
  const answer = compileSettings(
    {
      environment: (name) => environment[name],
      readFile: (path) => ({ ok: true, text: path === 'policy.json' ? question.policy : question.keys }),
    },
    text,
    ['RS256'],
  );
  if (!answer.ok) return undefined;
  const keysOf = (purpose: SealingPurpose) => deriveSealingKeys([question.secret], purpose, NAME, plainHash, text);
  const login: Login = {
    issuer: 0,
    clientId: 'gateway',
    credentials: [{ authorization: 'Basic eA==', form: '' }],
    scopes: 'openid groups',
    prefix: '/oauth2',
    redirectUri: undefined,
    cookie: { name: NAME, domain: undefined, path: '/', sameSite: 'lax', secure: true },
    maxAge: 28800,
    keys: { session: keysOf('session'), login: keysOf('login'), signOut: keysOf('sign_out') },
    returnTo: [{ host: '.zoo.example', port: '' }],
    claimsFrom: ['id_token'],
    keepsIdToken: true,
    keepsAccessToken: true,
    backChannel: true,
    signIn: 'redirect',
  };
  const issuer = 'https://issuer.example';
  const endpoints = {
    authorization: issuer + '/auth',
    token: issuer + '/token',
    endSession: issuer + '/end',
    namesIssuer: false,
  };
  return {
    login,
    endpoints: { ok: true, endpoints },
    trust: createTrust(answer.settings, text),
    hash: plainHash,
    text,
  };
}

function requestOf(target: string, cookie: string): RequestLines {
  const lines: Record<string, readonly string[] | undefined> = { host: ['app.example'], cookie: [cookie] };
  return { method: 'GET', target, lines: (name) => lines[name] ?? [], body: () => undefined };
}

function verify(trust: Trust, token: string, now: number): Step {
  const claims = asObject(parseJson(trust.text.decodeBase64Url(token.split('.')[1] ?? '') ?? '', trust.text));
  const issuer = trust.settings.issuers[0];
  if (claims === undefined || issuer === undefined) return refused('payload_malformed');
  const accepted = checkClaims(claims, issuer, 60, trust.text, now);
  if (!accepted.ok) return refused(accepted.reason);
  return accept(trust, 0, accepted.value, { key: undefined, kid: undefined });
}

/** A reply in one line, without its cookies. */
function describe(last: LoginReply | Refreshed): string {
  if ('kind' in last) return last.kind + ' ' + (last.kind === 'refreshed' ? '' : last.detail);
  const fields = (last.form?.fields ?? []).map((field) => field[0] + '=' + field[1]).join('&');
  const parts = [
    last.status.toString(),
    last.location ?? '',
    last.page ?? '',
    last.detail ?? '',
    last.denies?.entry ?? '',
  ];
  return parts.concat([fields]).join(' | ');
}

/** The HTTP answer for a reply, in one line. */
function renderLine(context: LoginContext, reply: LoginReply): string {
  const answer = renderReply(context, reply);
  const fields = answer.headers.map((field) => field[0] + ': ' + field[1]).join(' | ');
  return answer.status.toString() + ' | ' + fields + ' | ' + answer.body;
}

/** The cookies of a reply as a browser sends them. */
function cookiesOf(fields: readonly string[]): string {
  return fields
    .filter((field) => field.indexOf('Max-Age=0') < 0)
    .map((field) => field.split(';')[0] ?? '')
    .join('; ');
}

function encodePayload(json: string, text: Text): string {
  return encodeBase64Url(utf8Octets(json, text));
}

/** A line as every engine prints it: a long one by its digest. */
export function shortenLine(line: string, text: Text): string {
  const octets = utf8Octets(line, text);
  return octets.length > 1000 ? shortenAnswer(bytesOf(octets)) : line;
}

/** Each line that an engine prints for a login. */
export function answerLogin(question: LoginQuestion, text: Text): readonly string[] {
  const context = contextOf(question, text);
  if (context === undefined) return ['no settings'];
  const lines: string[] = [];
  const opened: string[] = [];
  let sealed = 0;
  const makeNonce = (): string => {
    sealed += 1;
    return 'the nonce ' + (10 + sealed).toString();
  };
  const sealing = createPlainSealing(text, makeNonce, () => undefined);
  let idToken = '';

  function perform(first: LoginStep): LoginReply | Refreshed {
    let step = first;
    for (;;) {
      if (step.kind === 'reply') return step.reply;
      if (step.kind === 'refreshed') return step.refreshed;
      if (step.kind === 'open') {
        const plain = sealing.open(step.openable.key, step.openable.sealed);
        opened.push(plain ?? '');
        lines.push('opened ' + (plain ?? 'nothing'));
        step = step.next(plain, question.now + 5);
      } else if (step.kind === 'seal') step = step.next(sealing.seal(step.key, step.plain));
      else if (step.kind === 'sign') step = step.next(undefined);
      else if (step.kind === 'claim') step = step.next(false);
      else if (step.kind === 'verify') step = step.next(verify(step.trust, step.token, question.now), question.now);
      else {
        lines.push('asked ' + (step.question.body ?? ''));
        const names = ['access_token', 'token_type', 'expires_in', 'refresh_token', 'id_token'];
        const lifetime = { kind: 'number', value: 300, text: '300' } as const;
        const body = formatJson({ kind: 'object', names, values: ['opaque', 'Bearer', lifetime, 'again', idToken] });
        step = step.next(
          { ok: true, status: 200, body, cacheControl: '', contentEncoding: '', contentType: '' },
          question.now,
        );
      }
    }
  }

  const say = (last: LoginReply | Refreshed): readonly string[] => {
    const cookies = 'kind' in last && last.kind === 'kept' ? [] : last.cookies;
    lines.push(describe(last));
    for (let index = 0; index < cookies.length; index++) lines.push(cookies[index] ?? '');
    return cookies;
  };
  const begun = say(perform(startLogin(context, requestOf(question.start, ''), question.random, question.now)));
  idToken = 'x.' + encodePayload(question.claims.split('NONCE').join(question.random.substring(32, 64)), text) + '.x';
  const target = question.callback + '&state=' + question.random.substring(0, 32);
  const back = requestOf(target, cookiesOf(begun));
  const cookies = say(perform(callBack(context, back, sessionAim(context, back))));
  for (let index = 0; index < question.asked.length; index++) {
    const asked = requestOf(question.asked[index] ?? '', cookiesOf(cookies));
    const reply = perform(answerPath(context, asked, question.random, question.now));
    if ('kind' in reply) continue;
    lines.push('answered ' + reply.status.toString(), renderLine(context, reply));
  }
  const request = requestOf('/oauth2/sign_out?rd=/bye', cookiesOf(cookies));
  say(perform(signOut(context, request)));
  const session = parseSession(opened[opened.length - 1] ?? '', text);
  if (session === undefined) return lines.concat(['no session']);
  const last = acceptSession(context, session, question.now + 10);
  lines.push(last.kind === 'verified' ? (last.verified.identity?.groups ?? []).join(',') : last.kind);
  lines.push(last.kind === 'verified' ? formatJson(last.verified.decision.claims ?? EMPTY) : last.kind);
  say(perform(refreshSession(context, request, session)));
  const terms = {
    hosts: context.login.returnTo,
    secure: true,
    prefix: '/oauth2',
    paths: { allow: [], ignoreCase: false },
  };
  const own = { host: 'app.example', port: '' };
  for (let index = 0; index < question.returns.length; index++) {
    lines.push(checkReturn(question.returns[index] ?? '', own, terms, text) ?? 'nowhere');
  }
  return lines;
}
