// A whole configuration of nginx for a policy, as the version of njs has it.
import { formatForwarding, findTooLong, LONGEST_NAME } from '../../nginx/answer/forward-lines';
import { URI_VARIABLE } from '../../nginx/answer/remainder-lines';
import { addressesOf, givesCodes } from '../../src/broker/addresses';
import type { Broker } from '../../src/model/broker';
import type { Settings } from '../../src/model/settings';
import { failure } from '../desk/failure';
import { writeKeysLocation } from './nginx-keys';
import { block, HEAD, hasPlace, type Site } from './site';

/**
 * How nginx asks the module. `access`: njs 0.9.9 and later; `subrequest`: `auth_request`, with dictionaries and values in `env`
 * lines (njs 0.8.8 and later); `plain`: `auth_request` without either.
 */
export type Way = 'access' | 'subrequest' | 'plain';

export const WAYS: readonly Way[] = ['access', 'subrequest', 'plain'];

export interface NginxSite extends Site {
  readonly way: Way;
  /** The path of the file with the lines for a backend. */
  readonly forward: string;
  /** The address of a name server. */
  readonly resolver: string;
  /** The authorities by which issuers are trusted. */
  readonly authorities: string;
}

/** What the lines of `http` that load the module need to know. */
export type ModuleSite = Pick<NginxSite, 'settings' | 'module' | 'way' | 'resolver' | 'authorities'>;

/** The way that a version of njs has. @throws a failure for what is no version */
export function wayOf(njs: string): Way {
  const [, major = '', minor = '', patch = '0'] = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?$/.exec(njs) ?? [];
  if (major === '') throw failure(`\`${njs}\` is not a version of njs such as 0.8.9`);
  const number = Number(major) * 1e6 + Number(minor) * 1e3 + Number(patch);
  return number >= 9_009 ? 'access' : number >= 8_008 ? 'subrequest' : 'plain';
}

/** The lines for every location that sends requests to a backend. @throws a failure for a header that nginx has no room for */
export function writeForwardLines(settings: Settings, way: Way): string {
  const { policy } = settings;
  if (policy === undefined) throw failure('the settings have no policy');
  const tooLong = findTooLong(policy);
  if (tooLong !== undefined) {
    throw failure(`nginx supports header names of up to ${LONGEST_NAME} characters; \`${tooLong}\` is longer`);
  }
  const taken = { places: settings.tokenPlaces, signsIn: settings.login !== undefined };
  return formatForwarding(policy, taken, way !== 'access');
}

/** The `env` lines of a policy. */
export function writeEnvironmentLines({
  policy,
  variables,
  way,
}: Pick<NginxSite, 'policy' | 'variables' | 'way'>): string {
  const own = way === 'plain' ? 'env OAUTH_POLICY;' : `env OAUTH_POLICY=${policy};`;
  return [own, ...variables.map((name) => `env ${name};`), ''].join('\n');
}

const DICTIONARIES = [
  'js_shared_dict_zone zone=jwtverify:16m timeout=1h evict;',
  'js_shared_dict_zone zone=jwtverify_keys:4m timeout=2d evict;',
];

/** Longer than any session, and any one-time code of the broker. */
function writeEnded({ login, broker }: Settings): readonly string[] {
  if (login === undefined && (broker === undefined || !givesCodes(broker))) return [];
  const hours = Math.ceil((login?.maxAge ?? 0) / 3600) + 1;
  return [`js_shared_dict_zone zone=jwtverify_ended:4m timeout=${hours}h;`];
}

const FETCH_TIMEOUT = 'js_fetch_timeout 3s;';

/** Whether people sign in here. */
const signsIn = ({ login, broker }: Settings): boolean => login !== undefined || broker?.desk !== undefined;

/** How the module fetches keys, and tokens, for which a slow issuer gets the nine seconds that jwtverify waits. */
const fetchLines = ({ authorities, resolver, settings }: ModuleSite): readonly string[] => [
  `js_fetch_trusted_certificate ${authorities};`,
  signsIn(settings) ? 'js_fetch_timeout 10s;' : FETCH_TIMEOUT,
  `resolver ${resolver} ipv6=off;`,
  'resolver_timeout 2s;',
];

/** The lines of `http` that load the module, with its memory and how it fetches. */
export function writeModuleLines(site: ModuleSite): readonly string[] {
  return [
    `js_import jwtverify from ${site.module};`,
    ...(site.way === 'plain' ? [] : [...DICTIONARIES, ...writeEnded(site.settings), ...fetchLines(site)]),
  ];
}

/** nginx ends a run that takes longer than its interval. */
export function writePeriodic(settings: Settings): readonly string[] {
  return [...(signsIn(settings) ? [FETCH_TIMEOUT] : []), 'js_periodic jwtverify.refresh interval=15s;'];
}

function writeHttp(site: NginxSite): readonly string[] {
  const { settings, way } = site;
  const isAccess = way === 'access';
  const reason = isAccess ? 'oauth_reason' : 'reason';
  const rule = isAccess ? 'oauth_rule' : 'rule';
  return [
    ...(isAccess ? ['js_engine qjs;'] : []),
    ...writeModuleLines(site),
    ...(isAccess ? [`js_var $${reason};`, `js_var $${rule};`] : []),
    ...(hasPlace(settings, 'query') ? [`js_var $${URI_VARIABLE} $request_uri;`] : []),
    ...(settings.login === undefined ? [] : ['large_client_header_buffers 4 32k;']),
    '# The path without its query, which may hold a token or a code.',
    `log_format jwtverify '$remote_addr $request_method $uri $status reason=$${reason} rule=$${rule}';`,
    'access_log /var/log/nginx/access.log jwtverify;',
    ...(way === 'plain' ? writeKeysLocation(site.settings, site).http : []),
    `upstream applications { server ${site.backend}; }`,
  ];
}

/** The lines of the location that asks, but for those that send the request on. */
function writeAsking({ settings, way }: NginxSite): readonly string[] {
  if (way === 'access') return ['js_access jwtverify.access;'];
  const isLogin = settings.login !== undefined;
  return [
    'auth_request /_jwtverify;',
    'auth_request_set $reason $sent_http_x_oauth_reason;',
    'auth_request_set $rule $sent_http_x_oauth_rule;',
    ...(isLogin ? [] : ['auth_request_set $status_wanted $sent_http_x_oauth_status;']),
    ...(isLogin ? [] : ['auth_request_set $challenge $sent_http_www_authenticate;']),
    `error_page 401 403 = ${isLogin ? '@jwtverify_sign_in' : '@refused'};`,
  ];
}

function refusedLines(status: string, challenge: string): readonly string[] {
  return [
    `add_header WWW-Authenticate $${challenge} always;`,
    ...['400', '401', '503'].map((code) => `if ($${status} = ${code}) { return ${code}; }`),
    'return 403;',
  ];
}

/** The location that answers what `auth_request` refused, with its exact status. */
function writeRefused({ settings, way }: NginxSite): readonly string[] {
  if (way === 'access') return [];
  if (settings.login !== undefined) return block('location @jwtverify_sign_in', ['js_content jwtverify.login;']);
  return block('location @refused', refusedLines('status_wanted', 'challenge'));
}

/** The same for lines that `migrate` writes, whose variables have names of our own. */
export const REFUSED = block('location @jwtverify_refused', refusedLines('jwtverify_status', 'jwtverify_challenge'));

/** nginx checks the size of a body there again, and a page in place of a refusal would let the request pass. */
export const JUDGE = block('location = /_jwtverify', [
  'internal;',
  'client_max_body_size 0;',
  'error_page 599 /_;',
  'js_content jwtverify.auth;',
]);

const BODIES = ['client_max_body_size 16k;', 'client_body_buffer_size 16k;'];

/** The locations of the broker; people and servers post to those that are no documents. */
function writeBroker(broker: Broker | undefined): readonly string[] {
  if (broker === undefined) return [];
  const { exact, below } = addressesOf(broker);
  const documents = broker.documents.map(({ path }) => path);
  const content = 'js_content jwtverify.broker;';
  return [
    ...exact.flatMap((path) =>
      block(`location = ${path}`, documents.includes(path) ? [content] : [...BODIES, content]),
    ),
    ...(below === undefined ? [] : block(`location ${below}`, [...BODIES, content])),
  ];
}

function writeServer(site: NginxSite): readonly string[] {
  const { settings, way } = site;
  const { login, policy } = settings;
  const target = hasPlace(settings, 'query') ? `http://applications$${URI_VARIABLE}` : 'http://applications';
  const privacy = ['add_header Referrer-Policy no-referrer always;', 'add_header Cache-Control private always;'];
  return [
    '# Tokens are passwords; where others can listen use TLS: listen 443 ssl;',
    `listen ${site.listen};`,
    ...(hasPlace(settings, 'cookie')
      ? ['# Refuse what other sites have a browser write: docs/nginx.md, "A cookie and other sites".']
      : []),
    ...(way === 'plain' ? writeKeysLocation(settings, site).server : []),
    ...block('location /', [
      ...writeAsking(site),
      ...(hasPlace(settings, 'query') ? privacy : []),
      `include ${site.forward};`,
      `proxy_pass ${target};`,
    ]),
    ...(login === undefined ? [] : block(`location ${login.prefix}/`, [...BODIES, 'js_content jwtverify.login;'])),
    ...writeBroker(settings.broker),
    ...(policy?.metadata === undefined
      ? []
      : block(`location = ${policy.metadata.path}`, ['js_content jwtverify.metadata;'])),
    ...writeRefused(site),
    ...(way === 'access' ? [] : JUDGE),
    ...(way === 'plain' ? [] : block('location @jwtverify', writePeriodic(site.settings))),
  ];
}

/** The whole configuration; the lines for the backend are a file of their own. */
export function writeNginxConfiguration(site: NginxSite): string {
  return [
    HEAD,
    'load_module modules/ngx_http_js_module.so;',
    'user www-data;',
    'error_log /var/log/nginx/error.log warn;',
    writeEnvironmentLines(site).trimEnd(),
    'events {}',
    '',
    ...block('http', [...writeHttp(site), '', ...block('server', writeServer(site))]),
    '',
  ].join('\n');
}
