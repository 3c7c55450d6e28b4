// What `check` warns of in a broker that signs people in.
import { expect, it } from 'vitest';
import { findUnwise } from '../../../cli/desk/unwise';
import { settingsOf } from '../policy/compile';

const BROKER = {
  issuer: 'https://login.example',
  keys: [{ kid: 'k', private_key_file: '/private.pem' }],
  providers: { google: { client_id: 'gateway', client_secret_env: 'SECRET' } },
  audiences: { zoo: { redirect: 'https://zoo.example', look_up: false } },
  cookie: { secret_env: 'COOKIE' },
};
const SECRETS = { SECRET: 'client-secret', COOKIE: 'k'.repeat(32) };

const placesOf = (broker: object, more: object = {}): readonly string[] =>
  findUnwise(settingsOf({ otherwise: 'authenticated', broker: { ...BROKER, ...broker }, ...more }, SECRETS)).map(
    ({ place }) => place,
  );

it('warns of nothing in a good broker', () => {
  expect(placesOf({})).toEqual([]);
});

it.each<[object, object, string]>([
  [{ cookie: { secret_env: 'COOKIE', secure: false } }, {}, '/broker/cookie/secure'],
  [{ token_max_age: 86_401 }, {}, '/broker/token_max_age'],
  [{ other_audiences: { redirect_domain: 'a.example', look_up: false } }, {}, '/broker/other_audiences/look_up'],
  [
    { providers: { google: { ...BROKER.providers.google, keys: { discovery_url: 'http://sso.example/d' } } } },
    { allow_http: true },
    '/broker/providers/google/keys',
  ],
  [
    {
      providers: {
        google: BROKER.providers.google,
        corp: {
          ...BROKER.providers.google,
          issuer: 'https://login.microsoftonline.com/common/v2.0',
          user_claims: ['upn'],
        },
      },
    },
    {},
    '/broker/providers/corp/issuer',
  ],
])('warns of %j', (broker, more, place) => {
  expect(placesOf(broker, more)).toEqual([place]);
});

it('warns of no plain cookie on this machine', () => {
  const issuer = 'http://localhost:8080';
  expect(placesOf({ issuer, cookie: { secret_env: 'COOKIE', secure: false } }, { allow_http: true })).toEqual([]);
});

it('names an issuer of the policy by its place there, though people sign in there too', () => {
  const issuers = [{ issuer: 'https://accounts.google.com', audiences: '*' }];
  expect(placesOf({}, { issuers })).toEqual(['/issuers/0/audiences']);
});
