// Lines of nginx's configuration that jwtverify needs or that work against it, beside those that decide who is judged.
import { forgetsEnded, findLostHeaders } from '../../nginx/operate/login-gaps';
import { valueOf } from '../../nginx/ports/configuration';
import * as contract from '../../src/answer/contract';
import { distance } from '../../src/settings/policy-file/suggest';
import { error, warning, type Finding } from './finding';
import { everyDirective, named, type Block } from './nginx-blocks';

const TOLD = [
  contract.STATUS_HEADER,
  contract.REASON_HEADER,
  contract.SCOPES_HEADER,
  contract.SUBJECT_HEADER,
  contract.RULE_HEADER,
  contract.SHADOW_HEADER,
  contract.KNOWN_SUBJECT_HEADER,
  contract.KNOWN_CLIENT_HEADER,
].map((header) => header.toLowerCase().replaceAll('-', '_'));
const VARIABLES = [
  contract.AUTHORIZED_VARIABLE,
  contract.STATUS_VARIABLE,
  contract.REASON_VARIABLE,
  contract.CHALLENGE_VARIABLE,
  contract.SCOPES_VARIABLE,
  contract.SUBJECT_VARIABLE,
  contract.RULE_VARIABLE,
  contract.SHADOW_VARIABLE,
  contract.KNOWN_SUBJECT_VARIABLE,
  contract.KNOWN_CLIENT_VARIABLE,
];

const meantBy = (name: string, known: readonly string[]): string => {
  const near = known.find((one) => distance(name, one) <= 2);
  return near === undefined ? '' : `; did you mean \`$${near}\`?`;
};

/** Variables that stay empty, since nothing sets them. */
function checkVariables(all: Block, asksHere: boolean): readonly Finding[] {
  const declared = named(all, 'js_var').flatMap(({ words }) => {
    const name = (words[1] ?? '').slice(1);
    const isOurs = name.startsWith(contract.VARIABLE_PREFIX) && !name.startsWith(contract.CLAIM_PREFIX);
    if (!isOurs || VARIABLES.includes(name)) return [];
    return [error(`js_var $${name}`, `nothing sets \`$${name}\`${meantBy(name, VARIABLES)}`)];
  });
  const asked = named(all, 'auth_request_set').flatMap(({ words }) => {
    const value = words[2] ?? '';
    const found = /^\$(sent|upstream)_http_(x_oauth_\w+)$/.exec(value);
    const [, from = '', header = ''] = found ?? [];
    if (found === null) return [];
    const place = words.slice(0, 2).join(' ');
    if (!TOLD.includes(header)) {
      const near = TOLD.find((one) => distance(header, one) <= 2);
      return [
        error(
          place,
          `nothing sets \`${value}\`${near === undefined ? '' : `; did you mean \`$${from}_http_${near}\`?`}`,
        ),
      ];
    }
    // The module answers the subrequest itself: no upstream does.
    if (from === 'upstream' && asksHere)
      return [error(place, `nothing sets \`${value}\`; write \`$sent_http_${header}\``)];
    return [];
  });
  return [...declared, ...asked];
}

function checkTrust(all: Block): readonly Finding[] {
  const verify = named(all, 'js_fetch_verify').some(({ words }) => words[1] === 'off');
  return verify
    ? [
        error(
          'js_fetch_verify off',
          'lets whoever answers in place of the issuer give its keys; use `js_fetch_trusted_certificate`',
        ),
      ]
    : [];
}

/** Buffers that hold no token of the usual size. */
function checkBuffers(all: Block): readonly Finding[] {
  return named(all, 'large_client_header_buffers').flatMap(({ words }) => {
    const [, , size = ''] = words;
    const found = /^(\d+)(k?)$/i.exec(size);
    const bytes = found === null ? Infinity : Number(found[1]) * (found[2] === '' ? 1 : 1024);
    if (bytes >= 8192) return [];
    return [
      warning(
        words.join(' '),
        'answers 400 to long tokens before anybody judges them; write `large_client_header_buffers 4 16k;`',
      ),
    ];
  });
}

function checkLogin(configuration: Block, all: Block, modules: readonly string[]): readonly Finding[] {
  const calls = named(all, 'js_content').map(({ words }) => words[1] ?? '');
  const signsIn = calls.some((call) => modules.some((module) => call === `${module}.login`));
  const lost = findLostHeaders(configuration);
  const found: Finding[] = [];
  if (lost.length > 0) {
    const message = `${lost.join(', ')} is not added where the lines of \`jwtverify.forward\` add cookies; repeat it in those locations`;
    found.push(error('add_header', message));
  }
  if (forgetsEnded(configuration)) {
    const message =
      'the dictionary `jwtverify_ended` has `evict`: whoever signed out may be signed in again; remove it';
    found.push(error('http', message));
  }
  if (signsIn && named(all, 'large_client_header_buffers').length === 0) {
    const message =
      'a session is up to five cookies of 4 KB, which nginx refuses; write `large_client_header_buffers 4 32k;`';
    found.push(warning('http', message));
  }
  return found;
}

/** Whoever can ask these can change the deny list, or see what is in force. */
function checkManagement(all: Block, modules: readonly string[]): readonly Finding[] {
  return named(all, 'location').flatMap((location) => {
    const own = location.block ?? [];
    const [module = '', name = ''] = (valueOf(own, 'js_content') ?? '').split('.');
    if (!modules.includes(module) || name !== 'deny') return [];
    const isKept = ['deny', 'allow', 'internal', 'auth_basic', 'auth_request'].some(
      (one) => named(own, one).length > 0,
    );
    if (isKept) return [];
    return [
      warning(
        location.words.join(' '),
        'changes the deny list for every client of this machine, which all are behind a local proxy; write `allow 127.0.0.1; deny all;` in a server of its own',
      ),
    ];
  });
}

/** Finds them. @param modules the names that `js_import` gives the module */
export function checkNginxLines(configuration: Block, modules: readonly string[]): readonly Finding[] {
  const all = everyDirective(configuration);
  const asksHere = named(all, 'js_content').some(({ words }) => modules.includes((words[1] ?? '').split('.')[0] ?? ''));
  return [
    ...checkVariables(all, asksHere),
    ...checkTrust(all),
    ...checkBuffers(all),
    ...checkLogin(configuration, all, modules),
    ...checkManagement(all, modules),
  ];
}
