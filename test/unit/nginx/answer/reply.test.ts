// Decisions as nginx's responses and variables.
import { describe, expect, test, vi } from 'vitest';
import { answerAccess, answerAuthRequest, answerGateway, type AnsweredRuling } from '../../../../nginx/answer/reply';
import type { HttpRequest } from '../../../../nginx/njs';
import { plainAnswer } from '../../../../nginx/judge/by-policy';
import { allow, refuse, type Decision } from '../../../../src/answer/decision';
import type { Reason } from '../../../../src/answer/reason';

// No dictionary is declared.
vi.stubGlobal('ngx', {});

interface Answered {
  readonly status: number | undefined;
  readonly body: string | undefined;
  readonly headers: Record<string, unknown>;
  readonly variables: Record<string, string | undefined>;
}

function answerWith(
  answer: (request: HttpRequest, answer: AnsweredRuling) => void,
  decision: Decision,
  declared: Record<string, string> = {},
): Answered {
  const sent: { status?: number; body?: string | undefined } = {};
  const request: HttpRequest = {
    rawHeadersIn: [],
    headersIn: {},
    method: 'GET',
    args: {},
    subrequest: () => Promise.reject(new Error('not asked for')),
    headersOut: {},
    variables: { ...declared },
    return: (status, body) => {
      sent.status = status;
      sent.body = body;
    },
    jsVarNames: (prefix) => Object.keys(declared).filter((name) => name.startsWith(prefix)),
  };
  answer(request, plainAnswer(decision));
  return { status: sent.status, body: sent.body, headers: request.headersOut, variables: request.variables };
}

const claims = {
  kind: 'object',
  names: ['tenant', 'exp'],
  values: ['a', { kind: 'number', value: 9, text: '9' }],
} as const;
const allowed = allow({ scopes: 'a b', subject: 'turbo', claims });

describe('answerAuthRequest', () => {
  test.each<[Reason, number, string]>([
    ['credentials_missing', 401, '401'],
    ['expired', 401, '401'],
    ['authorization_repeated', 401, '400'],
    ['settings_invalid', 403, '503'],
    ['algorithm_unavailable', 403, '503'],
    ['internal_error', 403, '503'],
  ])('D1: answers %s with %d, and %s in X-OAuth-Status', (reason, status, exact) => {
    const answered = answerWith(answerAuthRequest, refuse(reason));
    expect(answered.status).toBe(status);
    expect(answered.headers).toMatchObject({ 'X-OAuth-Status': exact, 'X-OAuth-Reason': reason });
    expect('WWW-Authenticate' in answered.headers).toBe(status === 401);
  });

  test('answers an allowed request with 200, scopes and subject', () => {
    const answered = answerWith(answerAuthRequest, allowed);
    expect(answered.status).toBe(200);
    expect(answered.headers).toEqual({ 'X-OAuth-Status': '200', 'X-OAuth-Scopes': 'a b', 'X-OAuth-Subject': 'turbo' });
  });

  test('a value with a control character never becomes a header', () => {
    for (const subject of ['a\r\nX-Evil: 1', 'a\nb', 'a\0b', 'a\x7fb']) {
      const answered = answerWith(answerAuthRequest, { ...allowed, subject, scopes: subject });
      expect(answered.headers).toEqual({ 'X-OAuth-Status': '200' });
    }
  });
});

test('no cache may keep what an authorizer answers, and each refusal has a body', () => {
  for (const decision of [allowed, refuse('expired'), refuse('internal_error')]) {
    const answered = answerWith(answerGateway, decision);
    expect(answered.headers['Cache-Control']).toBe('no-store');
    if (decision.allowed) continue;
    expect([answered.body, answerWith(answerAuthRequest, decision).body]).toEqual([
      expect.stringContaining(decision.reason),
      expect.stringContaining(decision.reason),
    ]);
  }
});

test('answerGateway answers the exact status and problem details', () => {
  const answered = answerWith(answerGateway, refuse('authorization_repeated'));
  expect(answered.status).toBe(400);
  expect(answered.headers['Content-Type']).toBe('application/problem+json');
  expect(JSON.parse(answered.body ?? '')).toMatchObject({ status: 400, reason: 'authorization_repeated' });
  expect(answerWith(answerGateway, allowed)).toMatchObject({ status: 200, body: undefined });
});

describe('answerAccess', () => {
  const left = {
    oauth_authorized: 'old',
    oauth_scopes: 'old',
    oauth_claim_tenant: 'old',
    oauth_claim_x: 'old',
    oauth_own: 'own',
  };

  test('an allowed request gets no response, and its declared variables are set', () => {
    const answered = answerWith(answerAccess, allowed, left);
    expect(answered.status).toBeUndefined();
    expect(answered.variables).toEqual({
      oauth_authorized: '1',
      oauth_scopes: 'a b',
      oauth_claim_tenant: 'a',
      oauth_claim_x: '',
      oauth_own: 'own',
    });
  });

  test('a refusal is always answered, and nothing is left of what variables were', () => {
    const answered = answerWith(answerAccess, refuse('expired'), left);
    expect(answered.status).toBe(401);
    expect(answered.headers['WWW-Authenticate']).toContain('invalid_token');
    expect(answered.variables).toEqual({
      oauth_authorized: '0',
      oauth_scopes: '',
      oauth_claim_tenant: '',
      oauth_claim_x: '',
      oauth_own: 'own',
    });
  });
});
