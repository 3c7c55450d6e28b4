// A policy out of the options of OAuth2-Proxy. INVARIANT: a restriction without an equal refuses everything until somebody has
// decided; it is never dropped.
import { ELSEWHERE } from '../desk/oauth2-proxy-found';
import type { ProxyOptions } from '../desk/oauth2-proxy-options';
import { loginOf } from './oauth2-proxy-login';
import type { Note } from './migration';
import { all, isOn, lacks, one, type Members, type Work } from './oauth2-proxy-notes';
import { EFFECTS, NO_EFFECT } from './oauth2-proxy-table';

export interface Migrated {
  readonly policy: object;
  /** Host and port; undefined where the options name none. */
  readonly backend: string | undefined;
  readonly notes: readonly Note[];
}

const KNOWN: Readonly<Record<string, string>> = { google: 'https://accounts.google.com' };
/** Providers that speak OpenID Connect. */
const OPENID: readonly string[] = [
  'oidc',
  'keycloak-oidc',
  'entra-id',
  'azure',
  'google',
  'gitlab',
  'login.gov',
  'cidaas',
];

/** The lines of an issuer's claims. */
function claimsOf(work: Work, provider: string): Members {
  const groups = one(work, 'oidc-groups-claim', '`claims.groups`');
  const email = one(work, 'oidc-email-claim', '`claims.email`');
  const isKeycloak = provider === 'keycloak-oidc';
  const claims: Members = {};
  if (email !== undefined) claims['email'] = [email];
  if (groups !== undefined) claims['groups'] = [groups];
  // Roles of the realm alone: a client's role of the same name is another one.
  if (isKeycloak) claims['roles'] = ['realm_access.roles'];
  return Object.keys(claims).length === 0 ? {} : { claims };
}

function issuersOf(work: Work): readonly Members[] {
  const provider = one(work, 'provider', 'what it means for claims') ?? 'google';
  if (!OPENID.includes(provider))
    lacks(
      work,
      'provider',
      `\`${provider}\` does not speak OpenID Connect: it issues no tokens that a proxy can verify`,
    );
  const issuer = one(work, 'oidc-issuer-url', '`issuer`') ?? KNOWN[provider] ?? '';
  const clientId = one(work, 'client-id', '`audiences`, and `login.client_id` where browsers sign in') ?? '';
  const audiences = [clientId, ...all(work, 'oidc-extra-audience', '`audiences`')].filter((value) => value !== '');
  const more = all(work, 'extra-jwt-issuers', 'an issuer each').map((pair): Members => {
    const at = pair.lastIndexOf('=');
    return { issuer: pair.slice(0, at), audiences: [pair.slice(at + 1)] };
  });
  const keys = one(work, 'oidc-jwks-url', '`keys.jwks_url`');
  const own = keys === undefined ? {} : { keys: { jwks_url: keys } };
  const unverified = isOn(work, 'insecure-oidc-allow-unverified-email', '`allow_unverified_email`');
  const loose = unverified ? { allow_unverified_email: true } : {};
  return [{ issuer, audiences, ...own, ...claimsOf(work, provider), ...loose }, ...more];
}

const LITERAL = /^\^(\/(?:[A-Za-z0-9/_-]|\\[.-])*?)(\$|\/\.\*\$?|\/\(\.\*\)\$?)?$/;

/** A pattern for what an expression matches, or less; undefined where there is none. */
function globOf(expression: string): string | undefined {
  const [, path, end] = LITERAL.exec(expression) ?? [];
  if (path === undefined) return undefined;
  const plain = path.replaceAll('\\', '');
  if (end === '$') return plain;
  return `${plain.replace(/\/$/, '')}/**`;
}

/** Routes that need no token. What has no pattern keeps needing one. */
function publicRules(work: Work): readonly Members[] {
  const words = 'a public rule, for the path and what is below it';
  const routes = [...all(work, 'skip-auth-route', words), ...all(work, 'skip-auth-regex', words)];
  const rules: Members[] = [];
  for (const route of routes) {
    const [, method, expression = ''] = /^(?:([A-Z]+)=)?(.*)$/.exec(route) ?? [];
    const path = globOf(expression);
    if (path === undefined)
      lacks(
        work,
        'skip-auth-route',
        `\`${route}\` is no plain path: these requests need a token until you write a rule`,
      );
    else {
      const methods = method === undefined ? {} : { methods: [method] };
      rules.push({ name: `public-${String(rules.length + 1)}`, ...methods, paths: [path], access: 'public' });
    }
  }
  return rules;
}

/** What every other request needs. */
function demandsOf(work: Work): Members {
  const require: Members = {};
  const groups = all(work, 'allowed-group', '`require.groups`');
  const roles = all(work, 'allowed-role', '`require.roles`');
  const domains = all(work, 'email-domain', '`require.email_domains`, unless it is `*`');
  if (groups.length > 0) require['groups'] = { any: groups };
  if (roles.length > 0) require['roles'] = { any: roles };
  if (groups.length > 0 && roles.length > 0) {
    work.notes.push({
      kind: 'translated',
      option: 'allowed-role',
      words: 'here a user needs one of the groups and one of the roles',
    });
  }
  if (domains.length > 0 && !domains.includes('*')) {
    require['email_domains'] = domains.map((domain) => domain.replace(/^\*\./, '.'));
  }
  if (domains.length === 0)
    lacks(work, 'email-domain', 'is not set: OAuth2-Proxy lets nobody in without it or a file of emails');
  if (roles.some((role) => role.includes(':')))
    lacks(work, 'allowed-role', 'roles of another client (`client:role`) need a condition of your own');
  return require;
}

function forwardOf(work: Work): Members {
  const user = isOn(work, 'prefer-email-to-user', 'the user is the email') ? 'email' : 'user';
  const token = isOn(
    work,
    'pass-access-token',
    '`forward` of the token to the backend; `/oauth2/auth` never answers with it',
  );
  const sets = isOn(work, 'set-xauthrequest', 'headers `X-Auth-Request-...` in `forward`');
  const passes = one(work, 'pass-user-headers', 'headers `X-Forwarded-...` in `forward`') !== 'false';
  const named = (prefix: string): Members => ({
    [`${prefix}User`]: user,
    [`${prefix}Email`]: 'email',
    [`${prefix}Groups`]: 'groups',
    [`${prefix}Preferred-Username`]: 'preferred_username',
    ...(token ? { [`${prefix}Access-Token`]: 'token' } : {}),
  });
  return { ...(sets ? named('X-Auth-Request-') : {}), ...(passes ? named('X-Forwarded-') : {}) };
}

function backendOf(work: Work): string | undefined {
  const upstreams = all(work, 'upstream', 'the backend of the configuration');
  const urls = upstreams.flatMap((value) => {
    const [, scheme = '', host = ''] = /^(https?):\/\/([A-Za-z0-9.[\]:-]+)/.exec(value) ?? [];
    return host === '' ? [] : [/:\d+$/.test(host) ? host : `${host}:${scheme === 'https' ? '443' : '80'}`];
  });
  if (urls.length > 1)
    lacks(work, 'upstream', 'only the first backend is in the configuration; add the others by your own rules');
  if (upstreams.some((value) => value.startsWith('https')))
    lacks(
      work,
      'upstream',
      'TLS to the backend is a matter of the configuration: `ssl verify required`, `proxy_pass https://`',
    );
  return urls[0];
}

/** Options of which nothing has been made. */
function noteOthers(work: Work): void {
  for (const [name] of work.options) {
    if (work.seen.has(name)) continue;
    const none = NO_EFFECT[name];
    if (none !== undefined) work.notes.push({ kind: 'no effect', option: name, words: none });
    else if (name.startsWith(ELSEWHERE))
      lacks(work, name, 'may restrict who gets in: give it too, or leave its name out');
    else lacks(work, name, EFFECTS[name] ?? 'is no option that this command knows');
  }
}

/** Restrictions: nobody passes while one of them has no equal. */
const RESTRICTIONS: readonly string[] = Object.keys(EFFECTS).concat('provider', 'email-domain', 'allowed-role');

/** An option that nobody knows may be one too, by its name. */
const RESTRICTS =
  /allow|group|role|user|org|team|member|email|domain|ip|audience|claim|acr|issuer|project|repo|require/;

const isRestriction = (option: string): boolean =>
  RESTRICTIONS.includes(option) ||
  option.startsWith(ELSEWHERE) ||
  (option !== 'cookie-domain' && option !== 'skip-auth-route' && RESTRICTS.test(option));

export function migrateProxy(options: ProxyOptions): Migrated {
  const work: Work = { options, notes: [], seen: new Set() };
  const issuers = issuersOf(work);
  const rules = publicRules(work);
  const require = demandsOf(work);
  const login = loginOf(work);
  const forward = forwardOf(work);
  const backend = backendOf(work);
  const preflight = isOn(work, 'skip-auth-preflight', '`preflight`') ? { preflight: 'allow' } : {};
  noteOthers(work);
  const isOpen = !work.notes.some(({ kind, option }) => kind === 'no equal' && isRestriction(option));
  const demand = Object.keys(require).length === 0 ? {} : { require };
  const rest = isOpen
    ? { name: 'signed-in', paths: ['/**'], ...demand }
    : { name: 'undecided', paths: ['/**'], access: 'deny' };
  const isPlain = issuers.some(({ issuer }) => String(issuer).startsWith('http://'));
  const allow = isPlain ? { allow_http: true } : {};
  const policy = { issuers, ...allow, rules: [...rules, rest], otherwise: 'deny', ...preflight, forward, ...login };
  return { policy, backend, notes: work.notes };
}
