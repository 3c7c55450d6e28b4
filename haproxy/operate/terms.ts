// What a literal of a condition tells of a request that nobody has judged.
import { AUTHORIZED, STATUS_VARIABLE, TRANSACTION } from '../../src/answer/contract';
import { wordsInBraces, type AclLine, type Acls } from './conditions';

/**
 * `allowed`: true only of a request that an action of ours let pass. `steady`: depends on nothing that an action of ours sets
 * or removes, and stays as it is until a rule changes what it reads. `mixed`: some lines of an `acl` are the one, others the
 * other.
 */
export interface Meaning {
  readonly kind: 'allowed' | 'steady' | 'mixed' | 'other';
  /** What it reads, as `request`, `header host`, `variable txn.tenant`. */
  readonly reads: readonly string[];
}

const OTHER: Meaning = { kind: 'other', reads: [] };
const ALLOWED: Meaning = { kind: 'allowed', reads: [] };

const VAR_AUTHORIZED = `var(${TRANSACTION}${AUTHORIZED})`;
const VAR_STATUS = `var(${TRANSACTION}${STATUS_VARIABLE})`;

const TRUE_WORDS: readonly string[] = ['true', 'yes', 'on', '1'];
/** What `txn.oauth_status` is compared with: of its values 200 alone fits. It has none before the action has ended. */
const STATUS_OK: readonly string[] = ['200', '200:200', '200:299', 'eq 200', 'le 200', 'le 299', 'lt 201', 'lt 300'];
const SUFFIXES: readonly string[] = ['_beg', '_dir', '_dom', '_end', '_len', '_reg', '_sub'];
const OF_REQUEST: readonly string[] = ['path', 'pathq', 'query', 'method', 'url_param', 'urlp', 'urlp_val', 'req.ver'];
const OF_CONNECTION: readonly string[] = ['src', 'src_port', 'src_is_local', 'dst', 'dst_port', 'dst_is_local']
  .concat(['ssl_fc', 'ssl_c_used', 'fe_id', 'fe_name', 'so_id', 'so_name'])
  .concat(['fc_http_major', 'fc_rcvd_proxy']);
/** What TLS agreed on; but for early data, which come before the end of the handshake. */
const OF_TLS = '^ssl_f?c_';
const EARLY = 'early';
const OF_NOTHING: readonly string[] = ['always_true', 'always_false', 'bool', 'int', 'str', 'env', 'hostname'];
const OF_COOKIE: readonly string[] = ['cook', 'cook_cnt', 'cook_val', 'req.cook', 'req.cook_cnt', 'req.cook_val'];
const OF_CREDENTIALS: readonly string[] = ['http_auth', 'http_auth_group', 'http_auth_type', 'http_auth_user'];
const OF_HEADER: readonly string[] = ['hdr', 'req.hdr', 'req.fhdr', 'hdr_cnt', 'req.hdr_cnt', 'req.fhdr_cnt', 'hdr_ip'];
const OF_BASE = 'base';
const OF_TARGET = 'url';
/** No action of ours removes or sets it; a policy may remove any other. */
const STEADY_HEADER = 'host';
/** What an action removes from a request, without a policy; with one, other headers too. */
export const REMOVED: readonly string[] = ['upgrade', 'connection', 'http2-settings'];
/** Converters that read nothing but what they convert. */
const CONVERTERS: readonly string[] = ['lower', 'upper', 'field', 'word', 'length', 'url_dec', 'host_only', 'port_only']
  .concat(['ipmask', 'ltrim', 'rtrim', 'regsub', 'not', 'bool', 'hex', 'base64', 'b64dec', 'url_enc'])
  .concat(['sha1', 'crc32', 'djb2', 'language', 'json_query', 'iif']);
/** Those that look a value up in a file. */
const MAPS = '^map[%l_]*$';
/** Names that HAProxy itself defines: it adds an `acl` line of such a name to its own where a rule above it names it. */
const PREDEFINED: readonly string[] = ['^METH_', '^HTTP', '^LOCALHOST$', '^TRUE$', '^FALSE$'].concat([
  '^RDP_COOKIE$',
  '^REQ_CONTENT$',
  '^WAIT_END$',
]);
/** Those of them that read the request line or the connection. */
const PREDEFINED_STEADY: readonly string[] = ['^METH_', '^HTTP_[%d.]+$', '^HTTP_URL_', '^HTTP$', '^LOCALHOST$'];

/** A fetch without its method of comparison. */
interface Flags {
  /** After `-m`. */
  readonly method: string;
  /** Whether patterns come from a file, which the runtime CLI can change. */
  readonly hasFile: boolean;
  readonly patterns: string;
}

/** Flags and patterns after a fetch; undefined when a flag is unknown here. */
function readFlags(words: readonly string[]): Flags | undefined {
  let method = '';
  let hasFile = false;
  let index = 1;
  while (index < words.length) {
    const word = words[index] ?? '';
    if (string.sub(word, 1, 1) !== '-') break;
    index += 1;
    if (word === '--') break;
    if (word === '-i' || word === '-n') continue;
    if (word === '-m') method = words[index] ?? '';
    else if (word === '-f') hasFile = true;
    else return undefined;
    index += 1;
  }
  return { method, hasFile, patterns: words.slice(index).join(' ') };
}

function fits(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => string.match(name, pattern)[0] !== undefined);
}

function isAllowed(fetch: string, { method, hasFile, patterns }: Flags): boolean {
  if (hasFile) return false;
  const isTrue = patterns.split(' ').every((word) => word === '' || TRUE_WORDS.includes(word));
  const asBoolean = method === 'bool' && isTrue;
  if (fetch === VAR_AUTHORIZED) return asBoolean || (method === 'str' && patterns === '1');
  if (fetch === `${VAR_AUTHORIZED},bool`) return asBoolean || (method === '' && isTrue);
  if (fetch === VAR_STATUS) {
    return (method === 'int' && STATUS_OK.includes(patterns)) || (method === 'str' && patterns === '200');
  }
  const [scope] = string.match(fetch, '^var%(txn%.oauth_scopes%),lua%.oauth_has%(([^(),]+)%)$');
  return scope !== undefined && asBoolean;
}

interface Fetch {
  readonly name: string;
  readonly argument: string;
  readonly usesMap: boolean;
}

/** A fetch with its argument; undefined when one of its converters is unknown here. */
function readFetch(text: string): Fetch | undefined {
  const [name, rest] = string.match(text, '^([%w_.]+)(.*)$');
  if (name === undefined) return undefined;
  const [argument, behind] = string.match(rest ?? '', '^%(([^()]*)%)(.*)$');
  let more = argument === undefined ? rest : behind;
  let usesMap = false;
  while (more !== undefined && more !== '') {
    const [converter, next] = string.match(more, '^,([%w_]+)(.*)$');
    if (converter === undefined) return undefined;
    if (string.match(converter, MAPS)[0] !== undefined) usesMap = true;
    else if (!CONVERTERS.includes(converter)) return undefined;
    const [left] = string.match(next ?? '', '^%([^()]*%)(.*)$');
    more = left ?? next;
  }
  return { name, argument: argument ?? '', usesMap };
}

function isAmong(name: string, names: readonly string[]): boolean {
  if (names.includes(name)) return true;
  return SUFFIXES.some((suffix) => string.sub(name, -suffix.length) === suffix && names.includes(name.slice(0, -4)));
}

/** The header that a fetch reads; undefined where it reads none, or any. */
function findHeader(name: string, argument: string): string | undefined {
  if (isAmong(name, OF_COOKIE)) return 'cookie';
  if (isAmong(name, OF_CREDENTIALS)) return 'authorization';
  return isAmong(name, OF_HEADER) ? string.match(argument.toLowerCase(), '^([^,]+)')[0] : undefined;
}

/** What a steady fetch reads; undefined for any other. */
function findReads({ name, argument }: Fetch, hasPolicy: boolean): readonly string[] | undefined {
  if (isAmong(name, [OF_TARGET])) return ['request', 'authority'];
  if (isAmong(name, OF_REQUEST)) return ['request'];
  if (isAmong(name, OF_CONNECTION) || (string.match(name, OF_TLS)[0] !== undefined && !name.includes(EARLY)))
    return ['connection'];
  if (isAmong(name, [OF_BASE])) return ['request', 'header host'];
  if (OF_NOTHING.includes(name)) return [];
  const header = findHeader(name, argument);
  if (header !== undefined) {
    const isSteady = header === STEADY_HEADER || (!hasPolicy && !REMOVED.includes(header));
    return isSteady ? ['header ' + header] : undefined;
  }
  const [variable] = string.match(argument, '^([tr][xe][nq]%.[%w_.]+)$');
  if (name !== 'var' || variable === undefined || isOurVariable(variable)) return undefined;
  return ['variable ' + variable];
}

/** A word as HAProxy reads the arguments in it, which may have quotes of their own. */
export function withoutQuotes(word: string): string {
  return string.gsub(word, '[\'"\\ ]', '')[0];
}

/** Whether an action of ours sets this variable. */
export function isOurVariable(variable: string): boolean {
  return variable.startsWith(TRANSACTION + AUTHORIZED) || variable.startsWith(`${TRANSACTION}oauth`);
}

/** What of a configuration decides whether a condition stays as it is. */
export interface Terms {
  /** Whether a rule changes lists that patterns, or the values of maps, come from. */
  readonly changesLists: boolean;
  /** Whether there is a policy, which removes headers. */
  readonly hasPolicy: boolean;
}

function readMeaning(words: readonly string[], { changesLists, hasPolicy }: Terms): Meaning {
  const [text] = words;
  const flags = readFlags(words);
  if (text === undefined || flags === undefined || words.includes('')) return OTHER;
  if (isAllowed(text, flags)) return ALLOWED;
  const fetch = readFetch(text);
  if (fetch === undefined || ((flags.hasFile || fetch.usesMap) && changesLists)) return OTHER;
  const reads = findReads(fetch, hasPolicy);
  return reads === undefined ? OTHER : { kind: 'steady', reads };
}

function readAcl(lines: readonly AclLine[], terms: Terms): Meaning {
  const kinds: Meaning['kind'][] = [];
  const reads: string[] = [];
  for (const { words, isCertain } of lines) {
    const meaning = isCertain ? readMeaning(words, terms) : OTHER;
    if (meaning.kind === 'other') return OTHER;
    if (!kinds.includes(meaning.kind)) kinds.push(meaning.kind);
    for (const one of meaning.reads) if (!reads.includes(one)) reads.push(one);
  }
  const [kind] = kinds;
  if (kind === undefined) return OTHER;
  return { kind: kinds.length > 1 ? 'mixed' : kind, reads };
}

/** Tells what literals mean in a section whose `acl` lines have all been read; each name is looked at once. */
export function createMeanings(acls: Acls, terms: Terms): (name: string) => Meaning {
  const known = new LuaTable<string, Meaning | undefined>();
  return (name) => {
    const earlier = known.get(name);
    if (earlier !== undefined) return earlier;
    const inBraces = wordsInBraces(name);
    const lines = acls.get(name)?.lines;
    let meaning = OTHER;
    if (inBraces !== undefined) meaning = readMeaning(inBraces, terms);
    else if (fits(name, PREDEFINED)) {
      if (lines === undefined && fits(name, PREDEFINED_STEADY))
        meaning = { kind: 'steady', reads: ['request', 'authority'] };
    } else if (lines !== undefined) meaning = readAcl(lines, terms);
    known.set(name, meaning);
    return meaning;
  };
}
