// Functions and variables of the module in nginx's configuration: nginx finds a misspelt function only when a request comes.
import { MOST_SET_COOKIES, SET_COOKIE_VARIABLE } from '../../nginx/answer/remainder-lines';
import * as remainders from '../../nginx/answer/remainder-lines';
import { FORWARD_MARK } from '../../nginx/answer/forward-mark';
import * as contract from '../../src/answer/contract';
import { distance, suggest } from '../../src/settings/policy-file/suggest';
import { error, type Finding } from './finding';
import { named, type Block } from './nginx-blocks';

/** The functions of the module, by the directive that calls them. */
const FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  js_content: ['auth', 'authorizer', 'login', 'health', 'metrics', 'deny', 'metadata', 'forward', 'broker'],
  js_access: ['access'],
  js_periodic: ['refresh'],
};
const ALL = Object.values(FUNCTIONS).flat();
/** Other directives that call a function: in their second word, and in their third. */
const FURTHER = ['js_header_filter', 'js_body_filter'];

/** So many letters of a name may be wrong. */
const FEW = 2;

/** Whether the module has a function. */
export const isFunction = (name: string): boolean => ALL.includes(name);

/** What is wrong with a call; undefined: nothing. */
function explainCall(directive: string, name: string): string | undefined {
  const own = FUNCTIONS[directive] ?? [];
  if (own.includes(name)) return undefined;
  if (!isFunction(name)) {
    const near = suggest(name, own);
    const mend = near === undefined ? `it has ${ALL.join(', ')}` : `did you mean \`${near}\`?`;
    return `jwtverify has no function \`${name}\`, so nginx answers 500; ${mend}`;
  }
  const right = Object.keys(FUNCTIONS).find((key) => FUNCTIONS[key]?.includes(name) === true) ?? '';
  return `\`${name}\` is not a function for \`${directive}\`; write it into \`${right}\``;
}

/** Calls of functions that the module does not have. @param modules the names that `js_import` gives the module */
export function checkFunctions(all: Block, modules: readonly string[]): readonly Finding[] {
  const imported = named(all, 'js_import').map(({ words }) =>
    words[2] === 'from' ? (words[1] ?? '') : (words[1] ?? '').replace(/^.*\/|\.js$/g, ''),
  );
  return all.flatMap(({ words }) => {
    const [directive = '', first = '', second = ''] = words;
    const isCall = directive in FUNCTIONS || FURTHER.includes(directive) || directive === 'js_set';
    const [module = '', name = ''] = isCall ? (directive === 'js_set' ? second : first).split('.') : [];
    if (!isCall || name === '') return [];
    const place = words.slice(0, 2).join(' ');
    if (modules.includes(module)) {
      const message = explainCall(directive, name);
      return message === undefined ? [] : [error(place, message)];
    }
    const near = imported.includes(module) ? undefined : modules.find((known) => distance(known, module) <= FEW);
    if (near === undefined) return [];
    return [error(place, `no \`js_import\` line gives the name \`${module}\`; did you mean \`${near}\`?`)];
  });
}

/** The variables that the module sets or reads, beside those of the contract. */
const OWN = [
  remainders.AUTHORIZATION_VARIABLE,
  remainders.COOKIE_VARIABLE,
  remainders.PROTOCOLS_VARIABLE,
  remainders.URI_VARIABLE,
  remainders.ARGS_VARIABLE,
  FORWARD_MARK,
  'jwtverify_cache',
  'jwtverify_keys',
  'jwtverify_method',
  'jwtverify_target',
  'jwtverify_host',
  ...Array.from({ length: MOST_SET_COOKIES }, (_, index) => SET_COOKIE_VARIABLE + String(index + 1)),
];
/** Those of the operator's own in the lines for keys, and those that are numbered or named for a claim. */
const OF_OTHERS = /^(?:jwtverify_(?:url|header_\d+|auth_request)|oauth_claim_\w+)$/;

const TOLD: readonly (readonly [variable: string, header: string])[] = [
  [contract.STATUS_VARIABLE, contract.STATUS_HEADER],
  [contract.REASON_VARIABLE, contract.REASON_HEADER],
  [contract.CHALLENGE_VARIABLE, 'WWW-Authenticate'],
  [contract.SCOPES_VARIABLE, contract.SCOPES_HEADER],
  [contract.SUBJECT_VARIABLE, contract.SUBJECT_HEADER],
  [contract.RULE_VARIABLE, contract.RULE_HEADER],
  [contract.SHADOW_VARIABLE, contract.SHADOW_HEADER],
  [contract.KNOWN_SUBJECT_VARIABLE, contract.KNOWN_SUBJECT_HEADER],
  [contract.KNOWN_CLIENT_VARIABLE, contract.KNOWN_CLIENT_HEADER],
];
const CONTRACT = [contract.AUTHORIZED_VARIABLE, ...TOLD.map(([variable]) => variable)];

const bare = (word: string): string => word.replaceAll(/[${}]/g, '');

/** The variables that some line gives a value or declares. */
function definedIn(all: Block): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { words, block } of all) {
    const [directive = '', first = ''] = words;
    if (['set', 'js_var', 'js_set', 'auth_request_set', 'perl_set', 'set_by_lua'].includes(directive)) {
      found.add(bare(first));
    }
    // `map`, `geo`, `split_clients` and their kin name theirs last.
    if (block !== undefined) found.add(bare(words[words.length - 1] ?? ''));
    for (const word of words) for (const [, name = ''] of word.matchAll(/\(\?P?<(\w+)>/g)) found.add(name);
  }
  return found;
}

/** How to set a variable that nothing sets. */
function mendFor(name: string, defined: ReadonlySet<string>, hasAccess: boolean): string {
  const near = [...defined, ...CONTRACT, ...OWN].find((known) => known !== name && distance(name, known) <= FEW);
  if (near !== undefined && !CONTRACT.includes(name) && !OWN.includes(name)) return `did you mean \`$${near}\`?`;
  const header = TOLD.find(([variable]) => variable === name)?.[1];
  if (!hasAccess && header !== undefined) {
    const source = `$sent_http_${header.toLowerCase().replaceAll('-', '_')}`;
    return `write \`auth_request_set $${name} ${source};\` beside \`auth_request\``;
  }
  if (name.startsWith('jwtverify_header_')) {
    return 'include the lines of `jwtverify.forward` in this location';
  }
  return `write \`js_var $${name};\` into \`http\``;
}

/** Variables of the module that a line reads and that nothing sets or declares, and declared ones that are nearly its own. */
export function checkOwnVariables(all: Block): readonly Finding[] {
  const defined = definedIn(all);
  const hasAccess = named(all, 'js_access').length > 0;
  const used = new Set<string>();
  for (const { words } of all) {
    for (const word of words)
      for (const [, name = ''] of word.matchAll(/\$\{?((?:oauth|jwtverify)_\w+)/g)) used.add(name);
  }
  const unset = [...used]
    .filter((name) => !defined.has(name))
    .map((name) =>
      error('http', `nothing sets \`$${name}\`, so nginx does not start; ${mendFor(name, defined, hasAccess)}`),
    );
  const odd = all.flatMap(({ words }) => {
    const [directive = '', variable = ''] = words;
    const name = bare(variable);
    if (!['set', 'js_var'].includes(directive) || !name.startsWith('jwtverify_')) return [];
    if (OWN.includes(name) || OF_OTHERS.test(name)) return [];
    const near = OWN.find((known) => distance(name, known) <= FEW);
    if (near === undefined) return [];
    return [error(`${directive} $${name}`, `jwtverify does not use \`$${name}\`; did you mean \`$${near}\`?`)];
  });
  return [...unset, ...odd];
}
