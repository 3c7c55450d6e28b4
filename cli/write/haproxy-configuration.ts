// A whole configuration of HAProxy for a policy, and the parts of it that the policy decides.
import {
  CHECK_LINE,
  SESSION_LINE,
  SESSION_ROOM,
  writeBrokerLine,
  writeLoginLine,
  writeNativeLine,
} from '../../haproxy/ports/wanted-lines';
import type { Settings } from '../../src/model/settings';
import { HEAD, hasPlace, indent, type Site } from './site';

/** The lines of `global` that load keys into HAProxy itself; none without `native_keys`. */
export function writeNativeLines(settings: Settings): readonly string[] {
  return settings.nativeKeys.map(({ path }, index) => writeNativeLine(path, index + 1));
}

/** The lines of `global` that name the policy. HAProxy does not clear the environment of its process. */
export function writeSettingLines({ policy, variables }: Pick<Site, 'policy' | 'variables'>): readonly string[] {
  return [...variables.map((name) => `# The environment of the process has ${name}.`), `setenv OAUTH_POLICY ${policy}`];
}

/** Room for sessions; and an issuer is asked once for each code and each refresh token. */
const LOGIN_LINES = [...SESSION_ROOM, '.if version_atleast(3.0)', '  httpclient.retries 0', '.endif'];

function writeGlobal({ settings, policy, variables, module }: Site): readonly string[] {
  const natives = writeNativeLines(settings);
  return [
    'zero-warning',
    'log stdout format raw local0',
    '.if version_atleast(3.1)',
    '  tune.lua.bool-sample-conversion normal',
    '.endif',
    ...(settings.login === undefined ? [] : LOGIN_LINES),
    ...writeSettingLines({ policy, variables }),
    ...natives,
    `lua-load-per-thread ${module}`,
  ];
}

/** Lines for places of tokens that others can see. */
function writePlaces(settings: Settings): readonly string[] {
  const query = [
    'http-response set-header Referrer-Policy no-referrer',
    'http-response set-header Cache-Control private',
  ];
  return [
    ...(hasPlace(settings, 'cookie')
      ? ['# Refuse what other sites have a browser write: docs/haproxy.md, "A cookie and other sites".']
      : []),
    ...(hasPlace(settings, 'form') ? ['http-request wait-for-body time 1s'] : []),
    ...(hasPlace(settings, 'query') ? query : []),
  ];
}

function writeFrontend({ settings, listen }: Site): readonly string[] {
  const { login, broker } = settings;
  return [
    '# Tokens are passwords; where others can listen use TLS: bind :443 ssl crt PATH',
    `bind ${listen.includes(':') ? listen : `:${listen}`}`,
    '# The path without its query, which may hold a token or a code.',
    'log-format "%ci %HM %HP %ST reason=%[var(txn.oauth_reason)] rule=%[var(txn.oauth_rule)]"',
    ...writePlaces(settings),
    ...(broker === undefined ? [] : [writeBrokerLine(broker)]),
    ...(login === undefined ? [] : [writeLoginLine(login.prefix)]),
    'http-request lua.jwtenforce',
    CHECK_LINE,
    ...(login === undefined ? [] : [SESSION_LINE]),
    'default_backend applications',
  ];
}

/** The whole configuration. */
export function writeHaproxyConfiguration(site: Site): string {
  const section = (head: string, lines: readonly string[]): readonly string[] => [head, ...indent(lines), ''];
  const timeouts = ['timeout connect 5s', 'timeout client 30s', 'timeout server 30s'];
  return [
    HEAD,
    ...section('global', writeGlobal(site)),
    ...section('defaults', ['mode http', 'log global', ...timeouts]),
    ...section('frontend web', writeFrontend(site)),
    'backend applications',
    ...indent([`server app1 ${site.backend}`]),
    '',
  ].join('\n');
}
