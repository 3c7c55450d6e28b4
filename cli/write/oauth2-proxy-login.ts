// The `login` of a policy out of the options of OAuth2-Proxy.
import { all, isOn, lacks, one, type Members, type Work } from './oauth2-proxy-notes';

const seconds = (duration: string): number => {
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };
  return [...duration.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, count = '', unit = '']) => sum + Number(count) * (units[unit] ?? 0),
    0,
  );
};

function cookieOf(work: Work): Members {
  const file = one(work, 'cookie-secret-file', '`login.cookie.secret_file`');
  one(work, 'cookie-secret', 'the variable `OAUTH2_PROXY_COOKIE_SECRET`; it needs 32 characters or more');
  const cookie: Members = file === undefined ? { secret_env: 'OAUTH2_PROXY_COOKIE_SECRET' } : { secret_file: file };
  const name = one(work, 'cookie-name', '`login.cookie.name`');
  const [domain, ...others] = all(work, 'cookie-domain', '`login.cookie.domain`');
  const age = one(work, 'cookie-expire', '`login.cookie.max_age`');
  const sameSite = one(work, 'cookie-samesite', '`login.cookie.same_site`');
  if (name !== undefined) cookie['name'] = name;
  if (domain !== undefined && domain.includes('.')) cookie['domain'] = domain.replace(/^\./, '');
  if (others.length > 0) lacks(work, 'cookie-domain', 'only the first domain can be used');
  if (age !== undefined && seconds(age) >= 60) cookie['max_age'] = Math.min(seconds(age), 2_592_000);
  if (sameSite === 'none') cookie['same_site'] = 'none';
  if (one(work, 'cookie-secure', '`login.cookie.secure`') === 'false') cookie['secure'] = false;
  return cookie;
}

const isUrl = (value: string | undefined): value is string => value !== undefined && /^https?:\/\//.test(value);

/** The issuer's endpoints, for a proxy that reads no discovery document. */
function endpointsOf(work: Work): Members {
  const [authorization] = work.options.get('login-url') ?? [];
  const [token] = work.options.get('redeem-url') ?? [];
  // `static://401` in their place is no endpoint.
  if (!isUrl(authorization) || !isUrl(token)) return {};
  one(work, 'login-url', '`login.endpoints`');
  one(work, 'redeem-url', '`login.endpoints`');
  return { endpoints: { authorization_endpoint: authorization, token_endpoint: token } };
}

/** Keycloak has the roles of its realm in the access token alone. */
function claimsFrom({ options }: Work): Members {
  const isKeycloak = options.get('provider')?.[0] === 'keycloak-oidc';
  return isKeycloak && options.has('allowed-role') ? { claims_from: ['id_token', 'access_token'] } : {};
}

/** Browsers sign in where the options say where they come back to. */
export function loginOf(work: Work): Members {
  const redirect = one(work, 'redirect-url', '`login.redirect_uri`');
  if (redirect === undefined) {
    work.notes.push({
      kind: 'no effect',
      option: 'redirect-url',
      words: 'is not set: no browser signs in, only tokens count; add `login` where browsers do',
    });
    return {};
  }
  const file = one(work, 'client-secret-file', '`login.client_secret_file`');
  one(work, 'client-secret', 'the variable `OAUTH2_PROXY_CLIENT_SECRET`');
  const login: Members = { client_id: one(work, 'client-id', ''), redirect_uri: redirect, cookie: cookieOf(work) };
  Object.assign(login, endpointsOf(work), claimsFrom(work));
  if (file === undefined) login['client_secret_env'] = 'OAUTH2_PROXY_CLIENT_SECRET';
  else login['client_secret_file'] = file;
  const scopes = one(work, 'scope', '`login.scopes`');
  const prefix = one(work, 'proxy-prefix', '`login.prefix`');
  const hosts = all(work, 'whitelist-domain', '`login.return_to`').map((host) => host.replace(/^\*/, ''));
  if (scopes !== undefined) login['scopes'] = [...new Set(['openid', ...scopes.split(/\s+/)])];
  if (prefix !== undefined) login['prefix'] = prefix;
  if (hosts.length > 0) login['return_to'] = hosts;
  if (!isOn(work, 'skip-provider-button', '`login.sign_in`')) login['sign_in'] = 'page';
  if (work.options.has('backend-logout-url'))
    login['logout'] = { issuer: one(work, 'backend-logout-url', '`login.logout.issuer`') !== undefined };
  return { login };
}
