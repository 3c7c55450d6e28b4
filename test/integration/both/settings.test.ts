// Broken settings: HAProxy does not start, nginx refuses every request, and both log every problem at once.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { settingsGateways } from '../helpers/settings-gateways';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const RSA = makeKeyPair('RS256');
const PRIVATE = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const SECRET = 'a secret of more than sixty-four bytes, so that any of the three will take it';
const FILES = {
  'key.pem': RSA.pem,
  'empty.pem': '',
  'garbage.pem': 'no key in here\n',
  'private.pem': PRIVATE.toString(),
  'keys.json': JSON.stringify({ keys: [RSA.jwk] }),
  'broken.json': '{"keys":',
  'none.json': '{"keys":[]}',
};
const GOOD = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/key.pem' };

/** Leaves settings out and puts others in. */
function change(changes: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries<string | undefined>({ ...GOOD, ...changes });
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

const withSet = (name: string): Record<string, string> =>
  change({ OAUTH_PUBKEY_PATH: undefined, OAUTH_JWKS_PATH: `DIRECTORY/${name}` });

/** Each: what is wrong, the settings, and what the message must say, problem by problem; then what one proxy alone says. */
type Broken = readonly [
  what: string,
  settings: Record<string, string>,
  messages: readonly RegExp[],
  own?: { readonly HAProxy?: RegExp; readonly nginx?: RegExp },
];

const BROKEN: readonly Broken[] = [
  ['nothing set at all', {}, [/OAUTH_ISSUER: is not set/, /OAUTH_AUDIENCE: is not set/]],
  [
    'a file that is not there',
    change({ OAUTH_PUBKEY_PATH: '/nowhere/key.pem' }),
    [/OAUTH_PUBKEY_PATH: cannot read `\/nowhere\/key.pem`: [^;]*no such file/i],
  ],
  [
    'a directory',
    change({ OAUTH_PUBKEY_PATH: '/etc' }),
    [/OAUTH_PUBKEY_PATH: cannot read/],
    { HAProxy: /OAUTH_PUBKEY_PATH: .*directory/ },
  ],
  [
    'an empty file',
    change({ OAUTH_PUBKEY_PATH: 'DIRECTORY/empty.pem' }),
    [/OAUTH_PUBKEY_PATH: .*(empty|no key can be used)/],
    { HAProxy: /OAUTH_PUBKEY_PATH: .*empty/, nginx: /OAUTH_PUBKEY_PATH: no key can be used/ },
  ],
  [
    'a file without a key',
    change({ OAUTH_PUBKEY_PATH: 'DIRECTORY/garbage.pem' }),
    [/OAUTH_PUBKEY_PATH: no key can be used/],
  ],
  ['a private key', change({ OAUTH_PUBKEY_PATH: 'DIRECTORY/private.pem' }), [/OAUTH_PUBKEY_PATH: /]],
  ['a JWK set that is not JSON', withSet('broken.json'), [/OAUTH_JWKS_PATH: /]],
  ['a JWK set without keys', withSet('none.json'), [/OAUTH_JWKS_PATH: no key can be used/]],
  [
    'no keys at all, and an issuer that is not a URL to discover them from',
    change({ OAUTH_PUBKEY_PATH: undefined, OAUTH_ISSUER: 'hamsters' }),
    [
      /OAUTH_ISSUER: is where keys come from, for OAUTH_PUBKEY_PATH, .* are not set; but its discovery URL is not an https/,
    ],
  ],
  [
    'keys that are discovered by plain http',
    change({ OAUTH_PUBKEY_PATH: undefined, OAUTH_ISSUER: 'http://127.0.0.1:1' }),
    [/set OAUTH_ALLOW_HTTP=1 if you mean it/],
  ],
  [
    'keys by plain http',
    change({ OAUTH_PUBKEY_PATH: undefined, OAUTH_JWKS_URL: 'http://127.0.0.1:1/jwks' }),
    [/set OAUTH_ALLOW_HTTP=1 if you mean it/],
  ],
  [
    'a secret beside a public key',
    change({ OAUTH_HMAC_SECRET: SECRET }),
    [/OAUTH_HMAC_SECRET: contradicts OAUTH_PUBKEY_PATH/],
  ],
  [
    'a secret that is too short',
    change({ OAUTH_PUBKEY_PATH: undefined, OAUTH_HMAC_SECRET: 'hamster' }),
    [/OAUTH_HMAC_SECRET: .*32 bytes/],
  ],
  ['an unknown algorithm', change({ OAUTH_ALGORITHMS: 'RS257' }), [/OAUTH_ALGORITHMS: `RS257` is not known/]],
  ['an unknown algorithm beside another', change({ OAUTH_ALGORITHMS: 'RS256 RS999' }), [/OAUTH_ALGORITHMS: `RS999`/]],
  ['the algorithm none', change({ OAUTH_ALGORITHMS: 'RS256,none' }), [/OAUTH_ALGORITHMS: `none` means no signature/]],
  ['an algorithm that no key fits', change({ OAUTH_ALGORITHMS: 'ES256' }), [/OAUTH_ALGORITHMS: `ES256`/]],
  ['a blank audience', change({ OAUTH_AUDIENCE: ' ' }), [/OAUTH_AUDIENCE: is empty/]],
  ['an empty audience', change({ OAUTH_AUDIENCE: '' }), [/OAUTH_AUDIENCE: is empty/]],
  ['an empty issuer', change({ OAUTH_ISSUER: '' }), [/OAUTH_ISSUER: is empty/]],
  ['no issuer', change({ OAUTH_ISSUER: undefined }), [/OAUTH_ISSUER: is not set/]],
  ['a clock skew that is not a number', change({ OAUTH_CLOCK_SKEW: '1m' }), [/OAUTH_CLOCK_SKEW: /]],
  [
    'a place of tokens without its name',
    change({ OAUTH_TOKEN_FROM: 'cookie' }),
    [/OAUTH_TOKEN_FROM: `cookie` needs a name; write `cookie:NAME`/],
  ],
  [
    'an authority in the settings',
    { OAUTH_ISSUER: 'https://a.example', OAUTH_AUDIENCE: AUDIENCE, OAUTH_CA_FILE: '/ca.pem' },
    [/OAUTH_CA_FILE: is set, but only the proxy's own directive works/],
    { HAProxy: /httpclient\.ssl\.ca-file/, nginx: /js_fetch_trusted_certificate/ },
  ],
  [
    'a policy that is not there, and settings beside it',
    change({ OAUTH_POLICY: '/nowhere/policy.json' }),
    [
      /OAUTH_POLICY: is set together with OAUTH_ISSUER, OAUTH_AUDIENCE/,
      /OAUTH_POLICY: cannot read `\/nowhere\/policy.json`/,
    ],
  ],
  [
    'several things at once',
    {
      OAUTH_AUDIENCE: ' ',
      OAUTH_PUBKEY_PATH: '/nowhere/key.pem',
      OAUTH_HMAC_SECRET: 'hamster',
      OAUTH_ALGORITHMS: 'RS257 none',
      OAUTH_CLOCK_SKEW: '-1',
    },
    [
      /OAUTH_ISSUER: is not set/,
      /OAUTH_AUDIENCE: is empty/,
      /OAUTH_PUBKEY_PATH: [^;]*no such file/i,
      /OAUTH_HMAC_SECRET: contradicts/,
      /OAUTH_HMAC_SECRET: .*32 bytes/,
      /OAUTH_ALGORITHMS: `RS257`/,
      /OAUTH_ALGORITHMS: `none`/,
      /OAUTH_CLOCK_SKEW: /,
    ],
  ],
];

const tokens = [await signToken(RSA.privateKey, 'RS256'), await signToken(SECRET, 'HS256'), 'x'];

describe.each(settingsGateways('lua-load', 'lua-load-per-thread', 'no dictionary'))('$name', (gateway) => {
  test.each(BROKEN.map(([what, settings, messages, own = {}]) => [what, settings, messages, own] as const))(
    'judges nobody by %s, and logs the problems',
    async (_, settings, messages, own) => {
      for (const log of await gateway.refusalsOf({ settings, files: FILES }, tokens)) {
        for (const message of [...messages, own[gateway.proxy] ?? /./]) expect(log).toMatch(message);
        expect(log).not.toMatch(/hamster`|PRIVATE KEY/);
        expect(log).not.toContain(SECRET);
      }
    },
  );
});

describe.each(settingsGateways('lua-load', 'no dictionary'))('$name', (gateway) => {
  test('any audience passes under *, and only under *', async () => {
    const stranger = await signToken(RSA.privateKey, 'RS256', claims({ aud: 'https://stranger.example' }));
    for (const [audience, own, other] of [
      ['*', 'allowed', 'allowed'],
      ['x', 'audience_refused', 'audience_refused'],
      [AUDIENCE, 'allowed', 'audience_refused'],
    ] as const) {
      const running = await gateway.start({ settings: { ...GOOD, OAUTH_AUDIENCE: audience }, files: FILES });
      const verdicts = [
        await running.verdict(await signToken(RSA.privateKey, 'RS256')),
        await running.verdict(stranger),
      ];
      await running.stop();
      expect([audience, ...verdicts]).toEqual([audience, own, other]);
    }
  });
});
