// Before njs 0.8.8 nginx itself fetches and keeps an issuer's keys: the lines for that, which serve njs without dictionaries too.
import type { Settings } from '../../src/model/settings';
import { failure } from '../desk/failure';
import { block } from './site';

interface Fetching {
  readonly resolver: string;
  readonly authorities: string;
}

export interface KeysLines {
  readonly http: readonly string[];
  readonly server: readonly string[];
}

const NOTHING: KeysLines = { http: [], server: [] };
const DISCOVERY =
  'before njs 0.8.8 nginx itself fetches the keys here, and cannot discover where they are: name `jwks_url` in the policy';

/** The URL of each remote source, by its arguments. @throws a failure for what nginx cannot find by itself */
function urlsOf(settings: Settings): readonly (readonly [argument: string, url: string])[] {
  return settings.issuers.flatMap((issuer, index) => {
    if (issuer.introspection !== undefined) {
      throw failure(
        'before njs 0.8.8 issuers are asked about opaque tokens in a location of your own: docs/nginx.md has its lines',
      );
    }
    return issuer.sources.remotes.map(({ kind, url }, place) => {
      if (kind === 'discovery') throw failure(DISCOVERY);
      return [`${index}:${place === 0 ? '' : String(place)}`, url] as const;
    });
  });
}

const isSecure = (url: string): boolean => url.startsWith('https://');

/** The lines for sources that are fetched; none where every key is in a file. */
export function writeKeysLocation(settings: Settings, { resolver, authorities }: Fetching): KeysLines {
  const urls = urlsOf(settings);
  if (urls.length === 0) return NOTHING;
  const tls = [
    'proxy_ssl_server_name on;',
    'proxy_ssl_verify on;',
    'proxy_ssl_verify_depth 3;',
    `proxy_ssl_trusted_certificate ${authorities};`,
  ];
  return {
    http: [
      'proxy_cache_path /var/lib/nginx/jwtverify keys_zone=jwtverify_keys:1m inactive=2d use_temp_path=off;',
      `resolver ${resolver} ipv6=off;`,
      '# Without `volatile` nginx would keep the first URL, and accept one issuer by the keys of another.',
      ...block('map $arg_issuer:$arg_source $jwtverify_url', [
        'volatile;',
        ...urls.map(([argument, url]) => `"${argument}" ${url};`),
      ]),
    ],
    server: [
      'set $jwtverify_keys /_jwtverify_keys;',
      ...block('location = /_jwtverify_keys', [
        'internal;',
        'proxy_pass $jwtverify_url;',
        'proxy_method GET;',
        'proxy_pass_request_headers off;',
        'proxy_pass_request_body off;',
        'proxy_set_header Accept application/json;',
        'proxy_set_header Content-Length "";',
        ...(urls.some(([, url]) => isSecure(url)) ? tls : []),
        'proxy_connect_timeout 2s;',
        'proxy_read_timeout 2s;',
        'proxy_cache jwtverify_keys;',
        'proxy_cache_key $jwtverify_url?$args;',
        'proxy_cache_valid 200 5m;',
        'proxy_cache_valid any 30s;',
        'proxy_ignore_headers Cache-Control Expires Set-Cookie Vary;',
        'proxy_cache_lock on;',
        'proxy_cache_use_stale error timeout invalid_header updating http_404 http_500 http_502 http_503 http_504;',
        'proxy_cache_background_update on;',
        'subrequest_output_buffer_size 1m;',
      ]),
    ],
  };
}
