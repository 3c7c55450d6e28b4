// Every setting once: its name in the environment, its place in a policy, and the bounds of what is a number. Both compilers
// read it. What the documents need besides is in descriptions.ts.

/** A setting of the environment. */
export interface Setting {
  readonly name: string;
  /** Its place in a policy, that of the first issuer for what each issuer has (RFC 6901); empty where it has none. */
  readonly key: string;
}

/** What a whole number may be. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
  /** The default. */
  readonly otherwise: number;
}

export interface NumberSetting extends Setting, Bounds {
  /** What it counts, as messages name it. */
  readonly unit: 'seconds' | 'tokens' | 'signatures';
}

/** A number that only a policy can hold. */
export interface PolicyNumber extends Bounds {
  readonly key: string;
}

function number(
  name: string,
  key: string,
  least: number,
  most: number,
  otherwise: number,
  unit: NumberSetting['unit'],
): NumberSetting {
  return { name, key, least, most, otherwise, unit };
}

export const ISSUER: Setting = { name: 'OAUTH_ISSUER', key: '/issuers/0/issuer' };
export const AUDIENCE: Setting = { name: 'OAUTH_AUDIENCE', key: '/issuers/0/audiences' };
export const JWKS_URL: Setting = { name: 'OAUTH_JWKS_URL', key: '/issuers/0/keys/jwks_url' };
export const PUBKEY_PATH: Setting = { name: 'OAUTH_PUBKEY_PATH', key: '/issuers/0/keys/public_key_file' };
export const JWKS_PATH: Setting = { name: 'OAUTH_JWKS_PATH', key: '/issuers/0/keys/jwks_file' };
export const HMAC_SECRET: Setting = { name: 'OAUTH_HMAC_SECRET', key: '/issuers/0/keys/secret_env' };
export const HMAC_SECRET_FILE: Setting = { name: 'OAUTH_HMAC_SECRET_FILE', key: '/issuers/0/keys/secret_file' };
export const HMAC_SECRET_ENCODING: Setting = { name: 'OAUTH_HMAC_SECRET_ENCODING', key: '/issuers/0/keys/encoding' };
export const NAMED_ALGORITHMS: Setting = { name: 'OAUTH_ALGORITHMS', key: '/issuers/0/algorithms' };
export const TOKEN_FROM: Setting = { name: 'OAUTH_TOKEN_FROM', key: '/token/from' };

/** Beyond an hour of tolerance `exp` would mean little. */
export const CLOCK_SKEW = number('OAUTH_CLOCK_SKEW', '/clock_skew', 0, 3600, 60, 'seconds');
export const JWKS_REFRESH = number('OAUTH_JWKS_REFRESH', '/jwks_refresh', 10, 86400, 600, 'seconds');
export const JWKS_COOLDOWN = number('OAUTH_JWKS_COOLDOWN', '/jwks_cooldown', 1, 3600, 30, 'seconds');

/** How long keys count that the provider no longer confirms. */
export const JWKS_MAX_STALE = number('OAUTH_JWKS_MAX_STALE', '/jwks_max_stale', 20, 31536000, 86400, 'seconds');

export const ALLOW_HTTP: Setting = { name: 'OAUTH_ALLOW_HTTP', key: '/allow_http' };

/** Only the proxy's own configuration can name the authorities that key URLs are trusted by. */
export const CA_FILE: Setting = { name: 'OAUTH_CA_FILE', key: '' };

export const CACHE_SIZE = number('OAUTH_CACHE_SIZE', '/cache_size', 0, 1000000, 10000, 'tokens');
export const CACHE_AGE = number('OAUTH_CACHE_AGE', '/cache_age', 1, 86400, 3600, 'seconds');

/** How many verified tokens HAProxy's own C lets pass. HAProxy's part reads it. */
export const LANE_SIZE: Setting = { name: 'OAUTH_LANE_SIZE', key: '' };
export const LANE_SOCKETS: Setting = { name: 'OAUTH_LANE_SOCKETS', key: '' };

export const DENY_PATH: Setting = { name: 'OAUTH_DENY_PATH', key: '/deny_path' };
export const CLAIM_VARIABLES: Setting = { name: 'OAUTH_CLAIM_VARIABLES', key: '/claim_variables' };

/** In Lua 5.3 a signature of RS256 takes 4 ms: 25 of them are a tenth of a second's processor time. */
export const PLAIN_BUDGET = number('OAUTH_PLAIN_BUDGET', '/plain_budget', 0, 10000, 25, 'signatures');

export const NATIVE_KEYS: Setting = { name: 'OAUTH_NATIVE_KEYS', key: '/native_keys' };
export const POLICY: Setting = { name: 'OAUTH_POLICY', key: '' };
export const CHECKED_ELSEWHERE: Setting = { name: 'OAUTH_CHECKED_ELSEWHERE', key: '' };

export const LOGIN_CLIENT_ID: Setting = { name: 'OAUTH_LOGIN_CLIENT_ID', key: '/login/client_id' };
export const LOGIN_CLIENT_SECRET: Setting = { name: 'OAUTH_LOGIN_CLIENT_SECRET', key: '/login/client_secret_env' };
export const LOGIN_CLIENT_SECRET_FILE: Setting = {
  name: 'OAUTH_LOGIN_CLIENT_SECRET_FILE',
  key: '/login/client_secret_file',
};
export const COOKIE_SECRET: Setting = { name: 'OAUTH_COOKIE_SECRET', key: '/login/cookie/secret_env' };
export const COOKIE_SECRET_FILE: Setting = { name: 'OAUTH_COOKIE_SECRET_FILE', key: '/login/cookie/secret_file' };

/** The settings that give the `login` of a policy what it leaves out. */
export const LOGIN_SETTINGS: readonly Setting[] = [
  LOGIN_CLIENT_ID,
  LOGIN_CLIENT_SECRET,
  LOGIN_CLIENT_SECRET_FILE,
  COOKIE_SECRET,
  COOKIE_SECRET_FILE,
];

/** Every setting that a policy replaces: none may be set beside it. */
export const REPLACED: readonly Setting[] = [
  ISSUER,
  AUDIENCE,
  JWKS_URL,
  PUBKEY_PATH,
  JWKS_PATH,
  HMAC_SECRET,
  HMAC_SECRET_FILE,
  HMAC_SECRET_ENCODING,
  NAMED_ALGORITHMS,
  TOKEN_FROM,
  CLOCK_SKEW,
  JWKS_REFRESH,
  JWKS_COOLDOWN,
  JWKS_MAX_STALE,
  ALLOW_HTTP,
  CA_FILE,
  CACHE_SIZE,
  CACHE_AGE,
  DENY_PATH,
  CLAIM_VARIABLES,
  PLAIN_BUDGET,
  NATIVE_KEYS,
];

const YEAR = 31536000;

/** Seconds for which an active token needs no other question to its issuer. */
export const ACTIVE_AGE: PolicyNumber = {
  key: '/issuers/0/introspection/cache_age',
  least: 1,
  most: 3600,
  otherwise: 60,
};

/** Seconds for which a token that is not active is refused without another question. */
export const INACTIVE_AGE: PolicyNumber = {
  key: '/issuers/0/introspection/inactive_age',
  least: 0,
  most: 300,
  otherwise: 10,
};

/** Seconds since `iat`; -1: any. */
export const MAX_TOKEN_AGE: PolicyNumber = { key: '/issuers/0/max_token_age', least: 1, most: YEAR, otherwise: -1 };

/** Seconds since `auth_time` (RFC 9470); -1: any. */
export const MAX_AGE: PolicyNumber = { key: '/rules/0/require/max_age', least: 0, most: YEAR, otherwise: -1 };

/** Seconds after which a session ends, whatever was refreshed. */
export const SESSION_AGE: PolicyNumber = { key: '/login/cookie/max_age', least: 60, most: 2592000, otherwise: 28800 };

/** Seconds for which a token of the broker counts. */
export const TOKEN_MAX_AGE: PolicyNumber = { key: '/broker/token_max_age', least: 60, most: 604800, otherwise: 86400 };

/** The names at the top of a policy that settings of a list have, each once and in its order. */
export function topLevelNames(settings: readonly Setting[]): string[] {
  const names: string[] = [];
  for (let index = 0; index < settings.length; index++) {
    const setting = settings[index];
    const name = setting?.key.split('/')[1];
    if (name !== undefined && names.indexOf(name) < 0) names.push(name);
  }
  return names;
}

/** The name by which the object that holds a setting has it. */
export function memberName(key: string): string {
  const names = key.split('/');
  return names[names.length - 1] ?? '';
}
