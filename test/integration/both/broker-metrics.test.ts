// What both proxies count of the broker, alike, over all threads and workers: sign-ins, tokens, devices, and answers of the admin
// service. No label has what a request brought.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TENANT } from '../helpers/broker-providers';
import { choose, openSignIn, signIn, startBroker, stopBeforeCallback } from '../helpers/broker-gateway';
import { startBrokerWorld, type BrokerWorld } from '../helpers/broker-world';
import { headerOf, headingOf } from '../helpers/login-browser';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import { pick, readMetrics } from '../helpers/metrics';

const PAIRING = 'd0d0caca-1234:5678_90ab-cdefABCDEF0123456789';
const VERIFIER = 'v'.repeat(43);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const CODED = { audience: 'coded', code_challenge: CHALLENGE, code_challenge_method: 'S256', state: 'of-the-app' };
const NAMES = ['sign_ins', 'tokens', 'pairings', 'exchanges', 'admin_answers'].map(
  (name) => `jwtverify_broker_${name}_total`,
);

let world: BrokerWorld;
beforeAll(async () => {
  world = await startBrokerWorld(LOGIN_GATEWAYS.map(({ name }) => name));
});
afterAll(() => world.stop());

const signIns = (provider: string, result: string): string =>
  `jwtverify_broker_sign_ins_total{provider="${provider}",result="${result}"}`;
const tokens = (delivery: string): string => `jwtverify_broker_tokens_total{delivery="${delivery}"}`;
const pairings = (result: string): string => `jwtverify_broker_pairings_total{result="${result}"}`;
const exchanges = (result: string): string => `jwtverify_broker_exchanges_total{result="${result}"}`;
const answers = (about: string, result: string): string =>
  `jwtverify_broker_admin_answers_total{about="${about}",result="${result}"}`;

/** What is there before anything happened. */
const BEFORE = Object.fromEntries(
  [
    ...['microsoft', 'google'].flatMap((name) => [signIns(name, 'begun'), signIns(name, 'done')]),
    ...['fragment', 'form_post', 'code', 'admin'].map(tokens),
    ...['asked', 'done', 'unknown', 'failed'].map(pairings),
    ...['done', 'invalid_request', 'invalid_grant', 'unsupported_grant_type'].map(exchanges),
    ...['user', 'device'].flatMap((about) => ['known', 'unknown', 'failed'].map((result) => answers(about, result))),
  ].map((series) => [series, 0]),
);

// They share one admin service.
describe.each(LOGIN_GATEWAYS)('$name', { timeout: 60_000 }, (gateway) => {
  test('counts what the broker does', async () => {
    const broker = await startBroker(world, gateway, {}, { processes: 2 });
    const { users, codes } = world.admin;
    users.clear();
    codes.clear();
    users.set(`ann@contoso.example/microsoft:${TENANT}`, {
      upn: 'ann@contoso.example',
      origin: 'admin',
      name: 'Ann',
      roles: ['USER'],
    });
    const read = async (): Promise<Record<string, number>> => {
      const { body } = await broker.browser().send(`${broker.origin}/_metrics`);
      return pick(readMetrics(body.replace(/^# Nothing.*$/m, '')), ...NAMES);
    };
    const isCounted = gateway.proxy === 'HAProxy' || gateway.ends;
    expect(await read()).toEqual(isCounted ? BEFORE : {});

    // A token in the fragment, one in a form, and somebody whom the admin service does not know.
    expect((await signIn(broker, 'google', 'gus')).status).toBe(302);
    expect((await signIn(broker, 'microsoft', 'ann', { audience: 'zoo' })).status).toBe(200);
    expect((await signIn(broker, 'google', 'gus', { audience: 'zoo' })).status).toBe(403);
    // A callback of no browser, one of no provider, and a request for what is no audience.
    const browser = broker.browser();
    expect((await browser.send(`${broker.origin}/callback/google?code=a&state=b`)).status).toBe(400);
    expect((await browser.send(`${broker.origin}/callback/nobody?code=a&state=b`)).status).toBe(404);
    expect((await openSignIn(broker, browser, { audience: 'a.b' })).status).toBe(400);
    // A device whose code is known, and one whose code is not.
    codes.set(PAIRING, undefined);
    for (const [code, heading] of [
      [PAIRING, 'Your device is connected'],
      ['e'.repeat(32), 'Your device is not connected'],
    ] as const) {
      const person = broker.browser();
      const page = await openSignIn(broker, person, { audience: 'zoo', code });
      const callback = await stopBeforeCallback(broker, person, await choose(person, page, 'microsoft'), 'ann');
      expect(headingOf(await person.submit(await person.open(callback)))).toBe(heading);
    }

    // A code for a token, one that nobody made, one for another grant, and none.
    const coded = await signIn(broker, 'google', 'gus', CODED);
    const address = new URL(headerOf(coded, 'location'));
    const made = address.searchParams.get('code') ?? '';
    for (const [code, grant_type, status] of [
      [made, 'authorization_code', isCounted ? 200 : 400],
      ['made-up', 'authorization_code', 400],
      ['made-up', 'password', 400],
      ['', 'authorization_code', 400],
    ] as const) {
      const form = {
        grant_type,
        code,
        client_id: 'coded',
        redirect_uri: `${address.origin}${address.pathname}`,
        code_verifier: VERIFIER,
      };
      const body = new URLSearchParams(form);
      const answer = await fetch(`${broker.origin}/token`, { method: 'POST', body });
      expect([code === '', grant_type, answer.status]).toEqual([code === '', grant_type, status]);
      if (answer.ok) broker.hide(((await answer.json()) as { readonly access_token: string }).access_token);
    }

    const after = {
      ...BEFORE,
      [signIns('google', 'begun')]: 3,
      [signIns('google', 'done')]: 2,
      [signIns('google', 'not_a_member')]: 1,
      [signIns('google', 'request_malformed')]: 1,
      [signIns('microsoft', 'begun')]: 3,
      [signIns('microsoft', 'done')]: 3,
      [tokens('fragment')]: 1,
      [tokens('form_post')]: 1,
      [tokens('code')]: 1,
      [tokens('admin')]: 6,
      [pairings('asked')]: 2,
      [pairings('done')]: 1,
      [pairings('unknown')]: 1,
      [exchanges('done')]: 1,
      [exchanges('invalid_request')]: 1,
      [exchanges('invalid_grant')]: 1,
      [exchanges('unsupported_grant_type')]: 1,
      [answers('user', 'known')]: 3,
      [answers('user', 'unknown')]: 1,
      [answers('device', 'known')]: 1,
      [answers('device', 'unknown')]: 1,
    };
    expect(await read()).toEqual(isCounted ? after : {});
    await broker.stop();
    expect(broker.leaks()).toEqual([]);
  });
});
