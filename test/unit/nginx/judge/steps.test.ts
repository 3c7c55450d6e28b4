// The driver: exactly one decision for each request, and never an allow out of an error.
import { describe, expect, test } from 'vitest';
import { decide, verifyToken, type Verifier } from '../../../../nginx/judge/steps';
import { text } from '../../../../nginx/ports/text';
import { allow, refuse, type Decision } from '../../../../src/answer/decision';
import { createTrust } from '../../../../src/token/flow';
import type { Settings } from '../../../../src/model/settings';
import type { SignatureOutcome } from '../../../../src/ports/signatures';

const allowed = allow({ scopes: '', subject: '', claims: { kind: 'object', names: [], values: [] } });
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const signature = Buffer.alloc(64, 1).toString('base64url');
const token = `${part({ alg: 'ES256' })}.${part({ iss: 'i', aud: 'a', exp: 2000 })}.${signature}`;

function workerThat(verify: () => Promise<SignatureOutcome>, changes: Partial<Verifier> = {}): Verifier {
  const key = {
    kind: 'public',
    kid: undefined,
    type: 'P-256',
    algorithms: ['ES256'],
    spki: '',
    modulusLength: 0,
  } as const;
  const keySet = { ready: true, revision: 0, keys: [key], algorithms: ['ES256'], unavailable: [] } as const;
  const settings: Settings = {
    issuers: [{ issuer: 'i', audiences: ['a'], allowed: undefined, sources: { configured: keySet, remotes: [] } }],
    clockSkew: 0,
    times: { refresh: 600, cooldown: 30, maxStale: 86400 },
    cache: { size: 0, age: 60 },
    denyPath: undefined,
    claimVariables: undefined,
    plainBudget: 25,
    nativeKeys: [],
  };
  return {
    trust: createTrust(settings, text),
    signatures: { algorithms: ['ES256'], verify },
    denyList: undefined,
    tell: () => undefined,
    remember: () => undefined,
    introspect: () => Promise.reject(new Error('nobody is to be asked')),
    renew: () => Promise.resolve(undefined),
    ...changes,
  };
}

/** What was answered and reported once everything has settled. */
async function run(
  judge: () => Decision | Promise<Decision>,
  answer: (decision: Decision) => void = () => undefined,
): Promise<{ readonly reasons: readonly string[]; readonly errors: readonly unknown[] }> {
  const reasons: string[] = [];
  const errors: unknown[] = [];
  const note = (decision: Decision): void => {
    reasons.push(decision.allowed ? 'allowed' : decision.reason);
    answer(decision);
  };
  await decide(
    judge,
    note,
    (error) => errors.push(error),
    () => refuse('internal_error'),
  );
  return { reasons, errors };
}

describe('decide', () => {
  test('hands on a decision that is there, and one that is promised', async () => {
    expect(await run(() => allowed)).toEqual({ reasons: ['allowed'], errors: [] });
    expect(await run(() => Promise.resolve(refuse('expired')))).toEqual({ reasons: ['expired'], errors: [] });
  });

  test('an exception and a rejection become a refusal', async () => {
    const error = new Error('broken');
    const raise = (): never => {
      throw error;
    };
    expect(await run(raise)).toEqual({ reasons: ['internal_error'], errors: [error] });
    expect(await run(() => Promise.reject(error))).toEqual({ reasons: ['internal_error'], errors: [error] });
  });

  test('an answer that fails is followed by a refusal', async () => {
    const failOnce = (): ((decision: Decision) => void) => {
      let failures = 0;
      return () => {
        if (failures++ === 0) throw new Error('cannot answer');
      };
    };
    expect((await run(() => allowed, failOnce())).reasons).toEqual(['allowed', 'internal_error']);
    expect((await run(() => Promise.resolve(allowed), failOnce())).reasons).toEqual(['allowed', 'internal_error']);
  });

  test('an answer that fails for good rejects, so that nginx answers 500', async () => {
    const fail = (): never => {
      throw new Error('cannot answer');
    };
    await expect(run(() => Promise.resolve(allowed), fail)).rejects.toThrow('cannot answer');
    await expect(run(() => allowed, fail)).rejects.toThrow('cannot answer');
  });
});

describe('judgeToken', () => {
  const judge = async (verify: () => Promise<SignatureOutcome>, now = 1000): Promise<Decision> =>
    verifyToken(workerThat(verify), [`Bearer ${token}`], () => now);

  test('allows a token whose signature is valid, refuses the others', async () => {
    expect((await judge(() => Promise.resolve('valid'))).allowed).toBe(true);
    expect((await judge(() => Promise.resolve('invalid'))).reason).toBe('signature_invalid');
    expect((await judge(() => Promise.resolve('unavailable'))).reason).toBe('algorithm_unavailable');
    expect((await judge(() => Promise.resolve('valid'), 2000)).reason).toBe('expired');
  });

  test('rejects, and so refuses, when the port rejects', async () => {
    const worker = workerThat(() => Promise.reject(new Error('broken')));
    expect((await run(() => verifyToken(worker, [`Bearer ${token}`], () => 1000))).reasons).toEqual(['internal_error']);
  });

  test('decides at once where no signature is to be checked', () => {
    const worker = workerThat(() => Promise.resolve('valid'));
    expect(verifyToken(worker, [], () => 1000)).toMatchObject({ reason: 'credentials_missing' });
    expect(verifyToken(worker, ['Bearer a', 'Bearer b'], () => 1000)).toMatchObject({ status: 400 });
  });

  test('remembers a token that was verified and allowed, and no other', async () => {
    const remembered: string[] = [];
    const changes: Partial<Verifier> = { remember: (verified) => remembered.push(verified.decision.reason) };
    const judge = (outcome: SignatureOutcome, more: Partial<Verifier> = {}, now = 1000) =>
      verifyToken(
        workerThat(() => Promise.resolve(outcome), { ...changes, ...more }),
        [`Bearer ${token}`],
        () => now,
      );
    await judge('invalid');
    await judge('unavailable');
    await judge('valid', {}, 2000);
    expect(remembered).toEqual([]);
    expect((await judge('valid')).allowed).toBe(true);
    expect(remembered).toEqual(['']);
  });

  test('asks for first keys once, and begins again with what came', async () => {
    const ready = workerThat(() => Promise.resolve('valid'));
    const keySets = [{ ready: false, revision: 0, keys: [], algorithms: [], unavailable: [] }];
    const asked: (number | undefined)[] = [];
    const without = (later: Verifier | undefined): Verifier => ({
      ...ready,
      trust: { ...ready.trust, keySets },
      renew: (issuer) => {
        asked.push(issuer);
        return Promise.resolve(later);
      },
    });
    const judge = (worker: Verifier) => verifyToken(worker, [`Bearer ${token}`], () => 1000);
    expect((await judge(without(ready))).allowed).toBe(true);
    expect((await judge(without(undefined))).reason).toBe('keys_unavailable');
    expect((await judge(without(without(ready)))).reason).toBe('keys_unavailable');
    expect(asked).toEqual([undefined, undefined, undefined]);
  });
});
