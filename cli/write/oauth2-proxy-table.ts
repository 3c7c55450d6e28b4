// Options of OAuth2-Proxy that a policy has nothing for: those that need nothing, and those that restrict who gets in.
const LOGS = "the proxy's own log has each request";
const SERVER = 'the proxy itself listens; see its configuration';
const ALWAYS = 'is always so here';
const TOKENS = 'tokens count beside sessions always';
const HEADERS = 'the client and its address are what the proxy sees';

/** Why an option needs nothing. */
export const NO_EFFECT: Readonly<Record<string, string>> = {
  'api-route': 'only page loads are sent to sign-in',
  'auth-logging': LOGS,
  banner: 'the pages of sign-in are `login.pages`',
  'client-secret': 'no browser signs in',
  'client-secret-file': 'no browser signs in',
  'code-challenge-method': 'PKCE with S256 is always used',
  'cookie-csrf-expire': ALWAYS,
  'cookie-csrf-per-request': ALWAYS,
  'cookie-domain': 'no browser signs in',
  'cookie-expire': 'no browser signs in',
  'cookie-httponly': ALWAYS,
  'cookie-name': 'no browser signs in',
  'cookie-refresh': 'sessions are refreshed when their token is over',
  'cookie-samesite': 'no browser signs in',
  'cookie-secret': 'no browser signs in',
  'cookie-secure': 'no browser signs in',
  'cookies-samesite': 'is no option of OAuth2-Proxy, which ignores it: `cookie-samesite` is',
  'cookies-secure': 'is no option of OAuth2-Proxy, which ignores it: `cookie-secure` is',
  'custom-sign-in-logo': 'the pages of sign-in are `login.pages`',
  'custom-templates-dir': 'the pages of sign-in are `login.pages`',
  'force-json-errors': 'refusals are `application/problem+json`',
  'http-address': SERVER,
  'https-address': SERVER,
  'login-url': 'a request that is refused gets its status, and page loads alone are sent to sign-in',
  'metrics-address': 'metrics are docs/operations.md',
  'pass-authorization-header': 'a bearer token stays in the request',
  'pass-basic-auth': 'no Basic credentials are made',
  'pass-host-header': 'the configuration says which Host the backend gets',
  'ping-path': 'readiness is docs/operations.md',
  'provider-display-name': 'the pages of sign-in are `login.pages`',
  'profile-url': 'claims are those of the tokens',
  'proxy-prefix': 'no browser signs in',
  'real-client-ip-header': HEADERS,
  'redeem-url': 'the issuer is asked, unless `login-url` is given as well',
  'request-logging': LOGS,
  'reverse-proxy': HEADERS,
  scope: 'no browser signs in',
  'session-store-type': 'sessions are in sealed cookies',
  'set-authorization-header': 'a bearer token stays in the request',
  'silence-ping-logging': LOGS,
  'skip-auth-strip-headers': "clients' own identity headers are always removed",
  'skip-jwt-bearer-tokens': TOKENS,
  'skip-oidc-discovery': 'the issuer is asked unless `keys` says where its keys are',
  'skip-provider-button': 'no browser signs in',
  'standard-logging': LOGS,
  'validate-url': 'a session is judged by its claims and its time',
  'whitelist-domain': 'no browser signs in',
};

/** Restrictions that a policy cannot say by itself: what to do. */
export const EFFECTS: Readonly<Record<string, string>> = {
  'authenticated-emails-file': 'list the subjects in `require.subject`, or let the issuer put them into a group',
  'azure-tenant': 'require the claim `tid` of the issuer',
  'github-org': 'GitHub issues no tokens that a proxy can verify',
  'github-team': 'GitHub issues no tokens that a proxy can verify',
  'gitlab-group': 'require a group of the token',
  'google-group': 'Google puts no groups into tokens',
  'htpasswd-file': 'passwords are a matter of the proxy: `http_auth`, `auth_basic`',
  'keycloak-group': 'require a group of the token',
  'oidc-audience-claim': 'only `aud` names audiences',
  'trusted-ip': 'addresses are a matter of the proxy: `src`, `allow`',
};
