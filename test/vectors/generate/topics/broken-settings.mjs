// Broken settings: nothing is ever allowed, whatever the request says.
import { SETTINGS } from '../settings.mjs';
import { token } from '../token.mjs';
import { refuse, vector } from '../vector.mjs';

const BROKEN = Object.entries(SETTINGS).filter(([, group]) => group.broken);
const KEYS = {
  secp256k1: 'rsa-2048',
  'short-secret': 'secret',
  'short-secret-hex': 'secret',
  'secret-encoding': 'secret',
};

export const topic = {
  name: 'broken-settings',
  comment: 'settings that cannot work',
  vectors: [
    ...BROKEN.map(([name, { comment }]) =>
      vector(`settings-${name}`, comment, {
        settings: name,
        token: token({ alg: KEYS[name] === 'secret' ? 'HS256' : 'RS256', key: KEYS[name] }),
        expected: refuse('settings_invalid'),
      }),
    ),
    vector('settings-broken-no-token', 'broken settings come before a missing token', {
      settings: 'no-issuer',
      authorization: [],
      expected: refuse('settings_invalid'),
    }),
    vector('settings-broken-junk', 'and before a malformed one', {
      settings: 'no-key',
      token: 'junk',
      expected: refuse('settings_invalid'),
    }),
  ],
};
