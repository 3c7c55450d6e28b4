// nginx's configuration for a trial: `auth_request`, which every version has, as the documents have it.
import { URI_VARIABLE } from '../../nginx/answer/remainder-lines';
import { hasPlace } from '../write/site';
import { CLOCK, SHOWN, type TrialSite } from './site';

const KINDS = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

const ASKING = [
  '      auth_request /_jwtverify;',
  ...SHOWN.map((name) => `      auth_request_set $trial_${name} $sent_http_x_oauth_${name};`),
  '      auth_request_set $trial_challenge $sent_http_www_authenticate;',
  '      error_page 401 403 = @refused;',
];

const DICTIONARIES = ['jwtverify', 'jwtverify_keys'].map(
  (name) => `  js_shared_dict_zone zone=${name}:4m timeout=1h evict;`,
);
/** What njs before 0.8.0 says of them. */
export const NO_DICTIONARIES = 'unknown directive "js_shared_dict_zone"';

function writeHttp(site: TrialSite, hasDictionaries: boolean): readonly string[] {
  const { settings, folder, socket, backend, module } = site;
  const isQuery = hasPlace(settings, 'query');
  const include = `      include ${folder}/forward.conf;`;
  const { metadata } = settings.policy ?? {};
  const documents =
    metadata === undefined
      ? []
      : [`    location = ${metadata.path} {`, ...ASKING, include, '      js_content jwtverify.metadata;', '    }'];
  return [
    '  access_log off;',
    ...KINDS.map((kind) => `  ${kind}_temp_path ${folder}/temp-${kind};`),
    '  large_client_header_buffers 4 32k;',
    `  js_import jwtverify from ${module};`,
    ...(hasDictionaries ? DICTIONARIES : []),
    ...(isQuery ? [`  js_var $${URI_VARIABLE} $request_uri;`] : []),
    `  upstream shows { server unix:${backend}; }`,
    '  server {',
    `    listen unix:${socket};`,
    ...SHOWN.map((name) => `    add_header x-trial-${name} $trial_${name} always;`),
    ...SHOWN.map((name) => `    set $trial_${name} "";`),
    '    set $trial_challenge "";',
    '    add_header WWW-Authenticate $trial_challenge always;',
    `    location = ${CLOCK} { add_header x-trial-clock $msec always; return 204; }`,
    '    location / {',
    ...ASKING,
    include,
    '      client_max_body_size 0;',
    `      proxy_pass http://shows${isQuery ? `$${URI_VARIABLE}` : ''};`,
    '    }',
    ...documents,
    '    location @refused {',
    ...['400', '401', '503'].map((status) => `      if ($trial_status = ${status}) { return ${status}; }`),
    '      return 403;',
    '    }',
    '    location = /_jwtverify { internal; client_max_body_size 0; error_page 599 /_; js_content jwtverify.auth; }',
    '  }',
  ];
}

/**
 * @param isRoot whether the workers must run as root to read the trial's folder
 * @param hasDictionaries whether njs has dictionaries: without them it reads the policy at each request
 */
export function writeNginxTrial(site: TrialSite, isRoot: boolean, hasDictionaries: boolean): string {
  const { folder, variables } = site;
  return [
    'load_module modules/ngx_http_js_module.so;',
    ...(isRoot ? ['user root;'] : []),
    'daemon off;',
    'master_process off;',
    `pid ${folder}/nginx.pid;`,
    'error_log stderr warn;',
    ...['OAUTH_POLICY', ...variables].map((name) => `env ${name};`),
    'events {}',
    'http {',
    ...writeHttp(site, hasDictionaries),
    '}',
    '',
  ].join('\n');
}
