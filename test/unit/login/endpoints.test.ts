import { describe, expect, test } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { readEndpoints } from '../../../src/keys/endpoints';
import { compileSettings } from '../../../src/settings/environment';
import { ISSUER } from './provider';

const GOOD = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/auth?kc=1`,
  token_endpoint: `${ISSUER}/token`,
  end_session_endpoint: `${ISSUER}/logout`,
  authorization_response_iss_parameter_supported: true,
};
const read = (changes: object = {}, allowHttp = false) =>
  readEndpoints(JSON.stringify({ ...GOOD, ...changes }), { issuer: ISSUER, allowHttp }, text);

describe("an issuer's discovery document", () => {
  test('names the endpoints of login', () => {
    expect(read()).toEqual({
      ok: true,
      endpoints: {
        authorization: `${ISSUER}/auth?kc=1`,
        token: `${ISSUER}/token`,
        endSession: `${ISSUER}/logout`,
        namesIssuer: true,
      },
    });
  });

  test('may have no sign-out and not know RFC 9207', () => {
    for (const value of [undefined, false, 'true', null]) {
      const answer = read({ end_session_endpoint: undefined, authorization_response_iss_parameter_supported: value });
      expect(answer).toMatchObject({ ok: true, endpoints: { namesIssuer: false } });
      expect(answer.ok ? answer.endpoints.endSession : '').toBeUndefined();
    }
  });

  test.each<[string, object, string]>([
    ['of another issuer', { issuer: `${ISSUER}/` }, 'belongs to another issuer'],
    ['without an issuer', { issuer: undefined }, 'names nothing instead of'],
    ['without an authorization endpoint', { authorization_endpoint: undefined }, 'no authorization_endpoint'],
    ['with an empty authorization endpoint', { authorization_endpoint: '' }, 'no authorization_endpoint'],
    ['without a token endpoint', { token_endpoint: undefined }, 'no token_endpoint'],
    ['with a token endpoint in plain HTTP', { token_endpoint: 'http://issuer.example/t' }, 'token_endpoint is a plain'],
    ['with a script', { authorization_endpoint: 'javascript:alert(1)' }, 'authorization_endpoint is not an https'],
    ['with credentials', { authorization_endpoint: 'https://a@b.example/' }, 'credentials'],
    ['with a fragment', { authorization_endpoint: 'https://b.example/#a' }, 'fragment'],
    ['with blanks in its sign-out', { end_session_endpoint: 'https://b.example/ a' }, 'end_session_endpoint holds'],
  ])('%s is refused', (_, changes, problem) => {
    const answer = read(changes);
    expect(answer.ok ? '' : answer.problem).toContain(problem);
  });

  test('of several tenants names their pattern, with a placeholder of any name, or one of them', () => {
    const before = 'https://login.example/';
    const tenancy = { before, claim: 'tid', after: '/v2.0', tenants: ['a', 'b'] };
    const source = { issuer: `${before}{tid}/v2.0`, tenancy, allowHttp: false };
    const readFor = (tenant: string) =>
      readEndpoints(JSON.stringify({ ...GOOD, issuer: `${before}${tenant}/v2.0` }), source, text).ok;
    expect(['{tid}', '{tenantid}', 'a', 'b'].map(readFor)).toEqual([true, true, true, true]);
    expect(['c', '', '{tid', 'a/b', '{a/b}'].map(readFor)).toEqual([false, false, false, false, false]);
    expect(read({ issuer: `${before}{tid}/v2.0` })).toMatchObject({ ok: false });
  });

  test('that is no object is refused, and plain HTTP passes where the operator allows it', () => {
    for (const body of ['', '[]', '{', 'null', '{"issuer":1,"issuer":2}']) {
      expect(readEndpoints(body, { issuer: ISSUER, allowHttp: false }, text)).toMatchObject({ ok: false });
    }
    expect(read({ token_endpoint: 'http://issuer.example/t' }, true)).toMatchObject({ ok: true });
  });
});

describe('the discovery document of many tenants', () => {
  const tenancy = { before: `${ISSUER}/`, claim: 'tid', after: '/v2.0', tenants: ['one', 'two'] };
  const source = { issuer: `${ISSUER}/{tid}/v2.0`, tenancy, allowHttp: false };

  test.each([
    [`${ISSUER}/{tid}/v2.0`, true],
    // As Entra ID writes it.
    [`${ISSUER}/{tenantid}/v2.0`, true],
    [`${ISSUER}/two/v2.0`, true],
    [`${ISSUER}/three/v2.0`, false],
    [`${ISSUER}/{tenantid}/v1.0`, false],
    ['https://evil.example/{tenantid}/v2.0', false],
  ])('may name %s: %s', (issuer, isGood) => {
    expect(readEndpoints(JSON.stringify({ ...GOOD, issuer }), source, text).ok).toBe(isGood);
  });
});

describe('a policy with `login`', () => {
  test('is refused by a host that can sign nobody in', () => {
    const policy = {
      issuers: [{ issuer: ISSUER, audiences: ['api'] }],
      otherwise: 'authenticated',
      login: { issuer: ISSUER, client_id: 'gateway' },
    };
    const answer = compileSettings(
      {
        environment: (name) => (name === 'OAUTH_POLICY' ? 'policy.json' : undefined),
        readFile: () => ({ ok: true, text: JSON.stringify(policy) }),
      },
      text,
      ['RS256'],
    );
    expect(answer.ok ? [] : answer.problems).toContainEqual({
      setting: 'policy.json#/login',
      message: 'is here, but this proxy cannot sign browsers in; remove it',
    });
  });
});
