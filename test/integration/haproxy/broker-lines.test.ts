// What of a configuration would keep the broker from answering: the start finds it, and so does `haproxy -c`.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { checkHaproxy } from '../helpers/haproxy-server';
import { SUITES } from '../helpers/suite';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const FILES = {
  'broker.pem': String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  'public.pem': String(publicKey.export({ type: 'spki', format: 'pem' })),
  secret: 'a-secret-of-32-bytes-or-of-more-than-that',
};
const ISSUER = 'https://login.example/in';
const KEYS = [{ kid: '1', private_key_file: 'DIRECTORY/broker.pem' }];
const DESK = {
  providers: { google: { client_id: 'gateway', client_secret_file: 'DIRECTORY/secret' } },
  audiences: { register: { redirect: 'https://register.example/in', look_up: false } },
  cookie: { secret_file: 'DIRECTORY/secret' },
};
const policyOf = (broker: object | undefined): string =>
  JSON.stringify({
    issuers: [{ issuer: ISSUER, audiences: ['register'], keys: { public_key_file: 'DIRECTORY/public.pem' } }],
    otherwise: 'authenticated',
    broker,
  });
const PUBLISHES = policyOf({ issuer: ISSUER, keys: KEYS });
const SIGNS_IN = policyOf({ issuer: ISSUER, keys: KEYS, ...DESK });
const ENFORCE = 'http-request lua.jwtenforce';
const CHECK = 'http-request deny deny_status 503 unless { var(txn.authorized) -m bool }';
const DOCUMENTS = '/in/oauth2/v1/certs /in/.well-known/openid-configuration';
const FEW = `http-request use-service lua.jwtbroker if { path ${DOCUMENTS} }`;
const ALL = `http-request use-service lua.jwtbroker if { path /in/ /in/authorize /in/pair /in/token ${DOCUMENTS} } or { path_beg /in/callback/ }`;

const LEAST = `http-request use-service lua.jwtbroker if { path /in/ /in/authorize /in/callback/google ${DOCUMENTS} }`;
const VISITED = 'http-request use-service lua.jwtbroker if { path_beg /in/ }';
const REGULAR = 'http-request use-service lua.jwtbroker if { path_reg ^/in/ }';
const NO_CALLBACK = `http-request use-service lua.jwtbroker if { path /in/ /in/authorize ${DOCUMENTS} }`;

describe.each(SUITES)('HAProxy of %s', (suite) => {
  test.each([
    ['accepts the line of the documents', PUBLISHES, [FEW, ENFORCE, CHECK], undefined],
    ['accepts the line of all addresses', SIGNS_IN, [ALL, ENFORCE, CHECK], undefined],
    ['names the line of the documents that is missing', PUBLISHES, [ENFORCE, CHECK], `put \`${FEW}\` above this line`],
    ['names the line of all addresses that is missing', SIGNS_IN, [ENFORCE, CHECK], `put \`${ALL}\` above this line`],
    ['names the line that is below the action', SIGNS_IN, [ENFORCE, CHECK, ALL], 'is below an action of jwtverify'],
    ['accepts a line without what no audience needs', SIGNS_IN, [LEAST, ENFORCE, CHECK], undefined],
    ['accepts two lines that share the addresses', SIGNS_IN, [FEW, VISITED, ENFORCE, CHECK], undefined],
    ['accepts a condition that it cannot read', SIGNS_IN, [REGULAR, ENFORCE, CHECK], undefined],
    [
      'names the address that the line leaves out',
      SIGNS_IN,
      [FEW, ENFORCE, CHECK],
      'leaves out `/in/` of the broker; write',
    ],
    [
      'names the callback that the line leaves out',
      SIGNS_IN,
      [NO_CALLBACK, ENFORCE, CHECK],
      'leaves out `/in/callback/google`',
    ],
    ['names the line without a broker', policyOf(undefined), [FEW, ENFORCE, CHECK], 'the policy has no `broker`'],
  ])('%s', async (_, policy, rules, problem) => {
    const outcome = await checkHaproxy(suite, {
      settings: { OAUTH_POLICY: 'DIRECTORY/policy.json' },
      files: { ...FILES, 'policy.json': policy },
      rules,
      isCheckedByItself: true,
    });
    if (problem !== undefined) expect(outcome.output).toContain(problem);
    expect(outcome.code, outcome.output).toBe(problem === undefined ? 0 : 1);
  });
});
