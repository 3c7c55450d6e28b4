// Boolean and numeric claims in the rules of a HAProxy configuration.
import { describe, expect, test } from 'vitest';
import { startHaproxy } from '../helpers/haproxy-server';
import { SUITES } from '../helpers/suite';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('ES256');
const SETTINGS = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' };
const RULES = [
  'http-request lua.jwtenforce',
  'http-request deny deny_status 503 unless { var(txn.authorized) -m bool }',
  'http-request return status 409 if { var(txn.oauth.suspended) -m bool }',
  'http-request return status 410 if { var(txn.oauth.email_verified) -m found } !{ var(txn.oauth.email_verified) -m bool }',
  'http-request return status 411 if { var(txn.oauth.level) -m int lt 3 }',
  'http-request return status 200',
];
/** 3.1 and later know two ways of handing values over; ours uses none of HAProxy's, and both are tried. */
const SAMPLES: readonly (readonly [string, readonly string[]])[] = [
  ['as it comes', []],
  ['bool-sample-conversion normal', ['tune.lua.bool-sample-conversion normal']],
  ['bool-sample-conversion pre-3.1-bug', ['tune.lua.bool-sample-conversion pre-3.1-bug']],
];

const CASES: readonly (readonly [Readonly<Record<string, unknown>>, number])[] = [
  [{}, 200],
  [{ suspended: true }, 409],
  [{ suspended: false }, 200],
  [{ suspended: null }, 200],
  [{ email_verified: false }, 410],
  [{ email_verified: true }, 200],
  [{ level: 2 }, 411],
  [{ level: 3 }, 200],
  [{ level: -1 }, 411],
];

describe.each(
  SUITES.flatMap((suite) =>
    (suite === 'sid' ? SAMPLES : SAMPLES.slice(0, 1)).map((sample) => ({ suite, how: sample[0], global: sample[1] })),
  ),
)('$suite, $how', ({ suite, global }) => {
  test.each(['lua-load', 'lua-load-per-thread'] as const)(
    'booleans and numbers of a token are booleans and numbers (%s)',
    async (load) => {
      const haproxy = await startHaproxy(suite, {
        settings: SETTINGS,
        files: { k: key.pem },
        rules: RULES,
        global,
        load,
      });
      const seen: unknown[] = [];
      for (const [changes] of CASES) {
        const token = await signToken(key.privateKey, 'ES256', claims(changes));
        // Verified, then remembered.
        for (let turn = 0; turn < 2; turn += 1) seen.push([changes, (await haproxy.askWith(token)).status]);
      }
      expect(seen).toEqual(
        CASES.flatMap(([changes, status]) => [
          [changes, status],
          [changes, status],
        ]),
      );
      await haproxy.stop();
    },
  );
});
