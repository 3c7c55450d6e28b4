import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { performLogin, type LoginEnd, type LoginHost } from '../../../../nginx/store/login-steps';
import { createSignatures } from '../../../../nginx/ports/signatures';
import { sign } from '../../../../nginx/ports/signing';
import { callBack } from '../../../../src/login/callback';
import { sessionAim } from '../../../../src/login/establish';
import { startLogin } from '../../../../src/login/start';
import type { LoginReply } from '../../../../src/login/step';
import type { HttpAnswer, HttpQuestion } from '../../../../src/ports/http';
import { contextOf, ISSUER, jarOf, jsonAnswer, NOW, requestOf, signToken, tokensFor } from '../../login/provider';

const context = contextOf();

function hostOf(answer: (question: HttpQuestion) => HttpAnswer, keySets = context.trust.keySets): LoginHost {
  return {
    signatures: createSignatures(true),
    sign,
    post: (question) => Promise.resolve(answer(question)),
    renew: () => Promise.resolve(keySets),
    claim: () => false,
    now: () => NOW,
  };
}

function replyOf(end: LoginEnd): LoginReply {
  if (end.kind !== 'reply') throw new Error('no reply');
  return end.reply;
}

const nobody = hostOf(() => ({ ok: false, problem: 'it cannot be reached' }));

async function start() {
  const first = startLogin(context, requestOf('/oauth2/start?rd=/app1'), randomBytes(96).toString('base64url'), NOW);
  const reply = replyOf(await performLogin(nobody, first));
  return { reply, cookie: jarOf([reply]), asked: new URL(reply.location ?? '').searchParams };
}

type Started = Awaited<ReturnType<typeof start>>;

async function callback(started: Started, host: LoginHost, changed = context): Promise<LoginReply> {
  const query = new URLSearchParams({ state: started.asked.get('state') ?? '', code: 'a-code', iss: ISSUER });
  const request = requestOf(`/oauth2/callback?${query.toString()}`, { cookie: started.cookie });
  return replyOf(await performLogin(host, callBack(changed, request, sessionAim(changed, request))));
}

describe('performLogin', () => {
  test('seals the login that begins, opens it, asks for tokens and verifies them', async () => {
    const started = await start();
    const questions: HttpQuestion[] = [];
    const reply = await callback(
      started,
      hostOf((question) => {
        questions.push(question);
        return jsonAnswer(tokensFor(started));
      }),
    );
    expect(reply).toMatchObject({ status: 302, location: '/app1' });
    expect(questions.map(({ url }) => url)).toEqual([`${ISSUER}/token`]);
  });

  test('ends with a page where the token endpoint cannot be reached', async () => {
    expect(await callback(await start(), nobody)).toMatchObject({ status: 503, page: 'issuer_unavailable' });
  });

  test('fetches keys once for an ID token that names an unknown one', async () => {
    const started = await start();
    const none = contextOf({
      trust: { ...context.trust, keySets: [{ keys: [], algorithms: [], ready: false, revision: 0, unavailable: [] }] },
    });
    const answer = () => jsonAnswer(tokensFor(started));
    expect(await callback(started, hostOf(answer), none)).toMatchObject({ status: 302 });
    expect(await callback(await start(), hostOf(answer, none.trust.keySets), none)).not.toMatchObject({ status: 302 });
  });

  test('ends with a page where the ID token is of nobody', async () => {
    const started = await start();
    const answer = () => jsonAnswer(tokensFor(started, {}, { id_token: `${signToken({ iss: ISSUER })}x` }));
    expect(await callback(started, hostOf(answer))).toMatchObject({ page: 'token_refused' });
  });
});
