// What the replies of login count as.
import { describe, expect, test } from 'vitest';
import { eventOf } from '../../../src/login/login-event';
import type { LoginReply } from '../../../src/login/step';

const reply = (more: Partial<LoginReply>): LoginReply => ({ status: 200, cookies: [], ...more });
const DENIES = { entry: 'jti:a', before: undefined, until: 1 };

describe('a reply of login', () => {
  test.each([
    ['start', reply({ status: 302, location: 'https://issuer.example/auth' }), 'sign_in', 'begun'],
    ['start?rd=/a', reply({ status: 503, page: 'issuer_unavailable' }), 'sign_in', 'issuer_unavailable'],
    ['callback?code=a', reply({ status: 302, location: '/' }), 'sign_in', 'done'],
    ['callback', reply({ status: 400, page: 'token_refused' }), 'sign_in', 'token_refused'],
    ['sign_out', reply({ page: 'signed_out', denies: DENIES }), 'sign_out', 'browser done'],
    ['sign_out', reply({ status: 302, location: '/', denies: DENIES }), 'sign_out', 'browser done'],
    ['sign_out', reply({ status: 503, page: 'sign_out_failed' }), 'sign_out', 'browser failed'],
    ['backchannel_logout', reply({ denies: DENIES }), 'sign_out', 'issuer done'],
    ['backchannel_logout', reply({ status: 503 }), 'sign_out', 'issuer failed'],
    ['backchannel_logout', reply({ status: 400, json: '{}' }), 'sign_out', 'issuer refused'],
  ])('counts: %s %j', (target, answer, kind, labels) => {
    expect(eventOf('/oauth2', `/oauth2/${target}`, answer)).toEqual({ kind, labels });
  });

  test.each([
    ['/oauth2/sign_in', reply({ page: 'sign_in' })],
    ['/oauth2/sign_out', reply({ page: 'sign_out' })],
    ['/oauth2/sign_out', reply({ page: 'signed_out' })],
    ['/oauth2/auth', reply({ status: 202 })],
    ['/oauth2/userinfo', reply({ json: '{}' })],
    ['/start', reply({ status: 302, location: '/' })],
  ])('counts nothing where nothing began or ended: %s %j', (target, answer) => {
    expect(eventOf('/oauth2', target, answer)).toBeUndefined();
  });
});
