// The lines of nginx's configuration in place of those of `auth_jwt`.
import { join } from 'node:path';
import { failure } from '../desk/failure';
import { claimOf, tokenVariables } from '../desk/nginx-plus-claims';
import { isAsked, isForwarded, type Context } from '../desk/nginx-plus-contexts';
import { everyPlaced, inForce, nameOf, own, type Placed } from '../desk/nginx-text';
import { compileDeployment, type Deployment } from '../desk/placeholders';
import { withFiles } from './files';
import {
  JUDGE,
  REFUSED,
  writeEnvironmentLines,
  writeModuleLines,
  writePeriodic,
  type Way,
} from './nginx-configuration';
import { writeKeysLocation } from './nginx-keys';
import type { Rules } from './nginx-plus-policy';
import { at, note, type Plus } from './nginx-plus-work';
import { block as blockOf } from './site';

const HEADERS = ['proxy_set_header', 'grpc_set_header'];

/** The locations with a backend that are judged, the public ones among them. */
const listJudged = ({ contexts }: Plus, { refused }: Rules): readonly Context[] =>
  contexts.filter(
    (one) =>
      one.kind !== 'server' && isForwarded(one.block) && (one.isPublic ? !refused.includes(one) : isAsked(one.block)),
  );

/** Headers that hold a claim alone. @throws a failure where one holds two */
export function forwardOf(plus: Plus, rules: Rules): Readonly<Record<string, { readonly claim: string }>> {
  const forward: Record<string, { readonly claim: string }> = {};
  for (const one of everyPlaced(plus.http)) {
    if (!HEADERS.includes(nameOf(one))) continue;
    const [, name = '', value = ''] = one.words;
    const claim = claimOf(value, plus.names);
    if (claim === undefined) continue;
    if (forward[name] !== undefined && forward[name].claim !== claim)
      throw failure(
        `${at(plus, one)}: \`${name}\` holds another claim elsewhere, and a policy has one for all; nothing is written`,
      );
    forward[name] = { claim };
    const includes = listJudged(plus, rules).some(({ block }) => block === one.around);
    plus.edits.replaced.set(one, includes ? [] : [`${nameOf(one)} ${name} "";`]);
    note(plus, 'translated', at(plus, one), `\`forward\` has \`${name}\``);
  }
  return forward;
}

const OWN = /^auth_jwt(?:_\w+)?$/;

/** Finds what else is decided or sent by claims. @throws a failure for what has no equal */
export function checkUses(plus: Plus): readonly string[] {
  const { names, http, edits } = plus;
  const declared = new Set<string>();
  for (const one of everyPlaced(http)) {
    const used = tokenVariables(one.words.join(' '), names);
    if (used.length === 0 || OWN.test(nameOf(one)) || edits.replaced.has(one)) continue;
    const target = nameOf(one) === 'map' ? (one.words[2] ?? '') : '';
    const others = everyPlaced(http).filter((other) => !OWN.test(nameOf(other)) && other !== one);
    // A map that rules have in its place, or that nobody reads.
    const isDone = target !== '' && !others.some(({ words }) => words.join(' ').includes(target));
    if (isDone) edits.replaced.set(one, []);
    else if (nameOf(one) === 'log_format') for (const name of used) declared.add(name);
    else
      throw failure(
        `${at(plus, one)}: \`${nameOf(one)}\` goes by \`${used[0] ?? ''}\`, which has no equal there; nothing is written`,
      );
  }
  for (const name of declared)
    if (name !== SUBJECT)
      note(plus, 'no equal', name, 'is empty in the log; `$rule` and `$jwt_claim_sub` are what the log can have');
  return [...declared];
}

const SUBJECT = '$jwt_claim_sub';
const PARAMETERS = ['proxy_set_header', 'grpc_set_header', 'fastcgi_param', 'uwsgi_param', 'scgi_param'];

/** The lines of outer levels that a location would lose by lines of its own. */
function inherited({ source, edits }: Plus, location: Placed): readonly string[] {
  return PARAMETERS.flatMap((name) => {
    if (own(location, name).length > 0) return [];
    return inForce(location, name)
      .filter((one) => !edits.replaced.has(one))
      .map(({ start, end }) => source.slice(start, end));
  });
}

/** The lines that ask about a request. */
function askingLines(hasPages: boolean, declared: readonly string[]): readonly string[] {
  return [
    'auth_request /_jwtverify;',
    ...(declared.includes(SUBJECT) ? [`auth_request_set ${SUBJECT} $sent_http_x_oauth_subject;`] : []),
    'auth_request_set $jwtverify_status $sent_http_x_oauth_status;',
    'auth_request_set $jwtverify_challenge $sent_http_www_authenticate;',
    ...(hasPages ? [] : ['error_page 401 403 = @jwtverify_refused;']),
  ];
}

/** Replaces what a block says of tokens. */
function replaceOwn(plus: Plus, one: Placed, asking: readonly string[], isPublic: boolean): readonly string[] {
  const isLimit = one.around !== undefined && nameOf(one.around) === 'limit_except';
  if (nameOf(one) !== 'auth_jwt') return [];
  if (isLimit) {
    note(
      plus,
      'no equal',
      at(plus, one),
      '`limit_except` cannot ask; it refuses everybody: write a rule with `methods`',
    );
    return ['deny all;'];
  }
  if (one.words[1] !== 'off') return asking;
  return isPublic ? [] : ['auth_request off;'];
}

/** Puts our lines where theirs were. @param declared the variables that the log has */
export function editBlocks(plus: Plus, forward: string, rules: Rules, declared: readonly string[]): void {
  const { edits, top } = plus;
  const hasPages = everyPlaced(top).some((one) => nameOf(one) === 'error_page');
  const asking = askingLines(hasPages, declared);
  if (hasPages)
    note(
      plus,
      'translated',
      'error_page',
      'your pages stay, so a refusal has no challenge: docs/nginx.md, "The exact status"',
    );
  const judged = listJudged(plus, rules);
  for (const one of everyPlaced(top)) {
    if (!OWN.test(nameOf(one))) continue;
    const isPublic = judged.some(({ block, isPublic }) => isPublic && block === one.around);
    edits.replaced.set(one, replaceOwn(plus, one, asking, isPublic));
  }
  for (const { block, isPublic } of judged) {
    if (isPublic)
      note(plus, 'translated', block.words.join(' '), 'is public by a rule: its backend may be one that others share');
    const lines = [...inherited(plus, block), `include ${forward};`];
    edits.added.set(block, isPublic ? [...asking, ...lines] : lines);
  }
  for (const { block, kind, isPublic, foreign } of rules.refused) {
    if (isPublic || !isAsked(block)) continue;
    edits.added.set(block, ['return 403;', ...(edits.added.get(block) ?? [])]);
    const name = kind === 'server' ? 'server' : block.words.join(' ');
    const why = foreign.length > 0 ? foreign.join(', ') : 'what it demands';
    note(plus, 'no equal', name, `refuses everybody: ${why} has no equal; write a rule for it`);
  }
}

export interface PlusSite {
  readonly forward: string;
  readonly policy: string;
  readonly way: Way;
}

const RESOLVER = '127.0.0.53';
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/** Puts what is new into the top, `http` and each server. */
export function addLines(plus: Plus, site: PlusSite, text: string, declared: readonly string[]): Deployment {
  const { top, http, contexts, edits, options } = plus;
  const compiled = withFiles({ 'policy.json': text }, '', (folder) =>
    compileDeployment(join(folder, 'policy.json'), ''),
  );
  const { settings, variables } = compiled;
  const fetching = { resolver: RESOLVER, authorities: AUTHORITIES };
  const whole = { settings, variables, policy: site.policy, module: options.module, way: site.way, ...fetching };
  const hasOwn = (pattern: RegExp): ((line: string) => boolean) => {
    const names = http.block.map((one) => nameOf(one)).filter((name) => pattern.test(name));
    return (line) => names.includes(line.split(' ')[0] ?? '');
  };
  const isThere = hasOwn(/^resolver(?:_timeout)?$/);
  const keys = site.way === 'plain' ? writeKeysLocation(settings, fetching) : { http: [], server: [] };
  const isLoaded = own(top, 'load_module').some(({ words }) => (words[1] ?? '').includes('ngx_http_js_module'));
  edits.added.set(top, [
    ...(isLoaded ? [] : ['load_module modules/ngx_http_js_module.so;']),
    ...writeEnvironmentLines(whole).trimEnd().split('\n'),
  ]);
  const variablesOf = declared.filter((name) => name !== SUBJECT).map((name) => `js_var ${name};`);
  edits.added.set(
    http,
    [...writeModuleLines(whole), ...keys.http, ...variablesOf].filter((line) => !isThere(line)),
  );
  const servers = [...new Set(contexts.map(({ server }) => server))];
  servers.forEach((server, index) => {
    const hasPages = everyPlaced(top).some((one) => nameOf(one) === 'error_page');
    const isFirst = index === 0 && site.way !== 'plain';
    edits.added.set(server, [
      ...(edits.added.get(server) ?? []),
      ...keys.server,
      ...JUDGE,
      ...(isFirst ? blockOf('location @jwtverify', writePeriodic(settings)) : []),
      ...(hasPages ? [] : REFUSED),
    ]);
  });
  return compiled;
}
