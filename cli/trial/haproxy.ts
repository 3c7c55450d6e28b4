// HAProxy's configuration for a trial: the action as the documents have it, before a backend that shows what reached it.
import { CHECK_LINE } from '../../haproxy/ports/wanted-lines';
import { hasPlace } from '../write/site';
import { CLOCK, SHOWN, type TrialSite } from './site';

const VARIABLES: Readonly<Record<(typeof SHOWN)[number], string>> = {
  status: 'oauth_status',
  reason: 'oauth_reason',
  rule: 'oauth_rule',
  shadow: 'oauth_shadow',
};

export function writeHaproxyTrial({ settings, policy, module, socket, backend }: TrialSite): string {
  const shown = SHOWN.map(
    (name) => `  http-after-response set-header x-trial-${name} "%[var(txn.${VARIABLES[name]})]"`,
  );
  const waits = hasPlace(settings, 'form') ? ['  http-request wait-for-body time 1s'] : [];
  return [
    'global',
    '  .if version_atleast(3.1)',
    '    tune.lua.bool-sample-conversion normal',
    '  .endif',
    `  setenv OAUTH_POLICY ${policy}`,
    `  lua-load ${module}`,
    'defaults',
    '  mode http',
    '  timeout connect 5s',
    '  timeout client 20s',
    '  timeout server 20s',
    'frontend trial',
    `  bind unix@${socket}`,
    `  http-request return status 204 hdr x-trial-clock %[date] if { path ${CLOCK} }`,
    ...shown,
    ...waits,
    '  http-request lua.jwtenforce',
    `  ${CHECK_LINE}`,
    '  default_backend shows',
    'backend shows',
    `  server shows unix@${backend}`,
    '',
  ].join('\n');
}
