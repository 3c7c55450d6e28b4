// What a client that has a key sends the token endpoint (RFC 7523 §3): signed claims that count once, for a minute.
import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import type { SigningKey } from '../../../src/model/signing-key';
import type { HttpQuestion } from '../../../src/ports/http';
import { bring, CLIENT, contextOf, ENDPOINTS, jsonAnswer, loginOf, NOW, start, tokensFor } from './provider';

const segmentOf = (json: string): string => Buffer.from(json).toString('base64url');
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key: SigningKey = {
  type: 'P-256',
  algorithm: 'ES256',
  header: segmentOf('{"alg":"ES256","typ":"JWT","kid":"k"}'),
  pkcs8: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
};

const form = '&client_id=gateway&client_assertion=';
const contextWith = (changes: Partial<SigningKey> = {}, audience?: string) =>
  contextOf({ login: loginOf({ credentials: [{ form, key: { ...key, ...changes }, audience }] }) });

/** Signs in, and has what was posted. */
async function signIn(context = contextWith()): Promise<{ status: number; posted: readonly HttpQuestion[] }> {
  const started = await start(context);
  const posted: HttpQuestion[] = [];
  const answer = (question: HttpQuestion) => {
    posted.push(question);
    return jsonAnswer(tokensFor(started));
  };
  const reply = await bring(context, started, { host: { answer } });
  return { status: reply.status, posted };
}

const assertionOf = (question: HttpQuestion | undefined): string =>
  new URLSearchParams(question?.body ?? '').get('client_assertion') ?? '';

describe('a client assertion', () => {
  test('says who the client is, to the token endpoint alone, for one minute', async () => {
    const { status, posted } = await signIn();
    expect([status, posted.length, posted[0]?.authorization]).toEqual([302, 1, undefined]);
    const { payload, protectedHeader } = await jwtVerify(assertionOf(posted[0]), publicKey, {
      currentDate: new Date(NOW * 1000),
    });
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'k' });
    const { jti, ...rest } = payload;
    expect(jti).toMatch(/^[\w-]{22}$/);
    const times = { iat: NOW, nbf: NOW, exp: NOW + 60 };
    expect(rest).toEqual({ iss: CLIENT, sub: CLIENT, aud: ENDPOINTS.token, ...times });
  });

  test('is for the issuer where it wants that', async () => {
    const { posted } = await signIn(contextWith({}, 'https://issuer.example'));
    expect(decodeJwt(assertionOf(posted[0])).aud).toBe('https://issuer.example');
  });

  test('is signed by the next key where the issuer does not know the first, and by the first alone else', async () => {
    const keys = ['new', 'old', 'oldest'].map((kid) => ({
      ...key,
      header: segmentOf(`{"alg":"ES256","kid":"${kid}"}`),
    }));
    const context = contextOf({ login: loginOf({ credentials: keys.map((one) => ({ form, key: one })) }) });
    const started = await start(context);
    const kids: unknown[] = [];
    const answer = (question: HttpQuestion) => {
      const { kid } = decodeProtectedHeader(assertionOf(question));
      kids.push(kid);
      return kid === 'old' ? jsonAnswer(tokensFor(started)) : jsonAnswer({ error: 'invalid_client' }, 401);
    };
    expect((await bring(context, started, { host: { answer } })).status).toBe(302);
    expect(kids).toEqual(['new', 'old']);
  });

  test('is another one each time', async () => {
    const assertions = [await signIn(), await signIn()].map(({ posted }) => assertionOf(posted[0]));
    expect(new Set(assertions).size).toBe(2);
  });

  test('that cannot be signed is not sent: the issuer counts as not reached', async () => {
    const { status, posted } = await signIn(contextWith({ pkcs8: 'AAAA' }));
    expect([status, posted]).toEqual([503, []]);
  });
});
