// What the documents say of each setting. Only scripts/docs.mjs reads it: no artifact holds it.
import {
  ALLOW_HTTP,
  AUDIENCE,
  CACHE_AGE,
  CACHE_SIZE,
  CA_FILE,
  CHECKED_ELSEWHERE,
  CLAIM_VARIABLES,
  CLOCK_SKEW,
  COOKIE_SECRET,
  COOKIE_SECRET_FILE,
  DENY_PATH,
  HMAC_SECRET,
  HMAC_SECRET_ENCODING,
  HMAC_SECRET_FILE,
  ISSUER,
  JWKS_COOLDOWN,
  JWKS_MAX_STALE,
  JWKS_PATH,
  JWKS_REFRESH,
  JWKS_URL,
  LANE_SIZE,
  LANE_SOCKETS,
  LOGIN_CLIENT_ID,
  LOGIN_CLIENT_SECRET,
  LOGIN_CLIENT_SECRET_FILE,
  NAMED_ALGORITHMS,
  NATIVE_KEYS,
  PLAIN_BUDGET,
  POLICY,
  PUBKEY_PATH,
  TOKEN_FROM,
  type NumberSetting,
  type Setting,
} from './table';

/** Which proxies read a setting; `neither` names it only to refuse it. */
type Readers = 'both' | 'HAProxy' | 'neither';

export interface Description {
  readonly setting: Setting;
  readonly readers: Readers;
  /** What the value is, in Markdown. */
  readonly value: string;
  /** What counts where it is not set. */
  readonly otherwise: string;
}

function describe(setting: Setting, readers: Readers, value: string, otherwise: string): Description {
  return { setting, readers, value, otherwise };
}

/** A number with its bounds and its default, which the table has. */
function describeNumber(setting: NumberSetting, readers: Readers, value: string): Description {
  const range = setting.least.toString() + ' to ' + setting.most.toString();
  return { setting, readers, value: value + ', ' + range, otherwise: setting.otherwise.toString() };
}

/** Every setting, in the order in which documents list them. */
export const DESCRIPTIONS: readonly Description[] = [
  describe(
    ISSUER,
    'both',
    'the issuer, exactly as your tokens have it in `iss`; a slash at the end counts',
    'required',
  ),
  describe(AUDIENCE, 'both', 'one or more audiences with spaces between them; `*` accepts any', 'required'),
  describe(
    JWKS_URL,
    'both',
    'the URL of a JSON Web Key Set, which the proxy fetches and keeps fresh',
    "from the issuer's discovery, without the next three",
  ),
  describe(PUBKEY_PATH, 'both', 'a PEM file: one or more public keys (SPKI or PKCS#1) or certificates', 'none'),
  describe(JWKS_PATH, 'both', 'a file with a JSON Web Key Set (RFC 7517)', 'none'),
  describe(
    HMAC_SECRET,
    'both',
    'the secret for HS256, HS384 and HS512, 32 bytes or more; never beside public keys',
    'none',
  ),
  describe(
    HMAC_SECRET_FILE,
    'both',
    'files with one such secret each, with spaces between their paths: the first and older ones',
    'none',
  ),
  describe(HMAC_SECRET_ENCODING, 'both', 'how the secret is written: `text`, `base64`, `base64url` or `hex`', '`text`'),
  describe(NAMED_ALGORITHMS, 'both', 'the allowed algorithms, as `RS256 ES256`', 'what the keys allow'),
  describe(
    TOKEN_FROM,
    'both',
    'where a request may have its token, as `bearer cookie:NAME`',
    '`bearer`: the Authorization header',
  ),
  describeNumber(CLOCK_SKEW, 'both', 'seconds of tolerance for `exp`, `nbf` and `iat`'),
  describeNumber(JWKS_REFRESH, 'both', 'seconds between fetches of keys'),
  describeNumber(JWKS_COOLDOWN, 'both', 'seconds at least between fetches for an unknown `kid`'),
  describeNumber(JWKS_MAX_STALE, 'both', 'seconds for which keys count after the last good answer of their provider'),
  describe(ALLOW_HTTP, 'both', '`1` accepts key URLs with plain http', '0'),
  describe(
    CA_FILE,
    'neither',
    'refused: a directive of the proxy, which the refusal names, sets the authorities',
    "the system's authorities",
  ),
  describeNumber(CACHE_SIZE, 'both', 'how many verified tokens are remembered'),
  describeNumber(CACHE_AGE, 'both', 'seconds for which a verified token is remembered at the most'),
  describe(LANE_SIZE, 'HAProxy', 'how many of them pass without Lua, 0 to 1000000', '0'),
  describe(LANE_SOCKETS, 'HAProxy', 'each `stats socket` whose users may let any token pass so', 'none'),
  describe(DENY_PATH, 'both', 'a file of tokens, subjects, sessions, clients and keys to refuse', 'none'),
  describe(CLAIM_VARIABLES, 'HAProxy', 'the claims that become variables, with spaces between them', 'all'),
  describeNumber(PLAIN_BUDGET, 'HAProxy', 'signatures a second that each Lua state checks in plain TypeScript'),
  describe(NATIVE_KEYS, 'HAProxy', 'PEM files, with spaces between them, whose keys its own `jwt_verify` uses', 'none'),
  describe(POLICY, 'both', 'a policy file, which replaces every setting above', 'none'),
  describe(LOGIN_CLIENT_ID, 'both', 'the client identifier for the `login` of a policy', 'that of the policy'),
  describe(LOGIN_CLIENT_SECRET, 'both', "the client's secret for `login`", 'that of the policy'),
  describe(LOGIN_CLIENT_SECRET_FILE, 'both', 'files with it, with spaces between their paths', 'those of the policy'),
  describe(
    COOKIE_SECRET,
    'both',
    'the secret that seals the cookies of `login`, 32 bytes or more',
    'that of the policy',
  ),
  describe(
    COOKIE_SECRET_FILE,
    'both',
    'files with such secrets, with spaces between their paths: the first seals',
    'those of the policy',
  ),
  describe(CHECKED_ELSEWHERE, 'HAProxy', 'sections whose check is elsewhere, with spaces between them', 'none'),
];
