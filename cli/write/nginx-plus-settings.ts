// What a policy says of issuers, keys, times and the place of the token, out of the lines of `auth_jwt`. What differs between
// locations has no equal.
import { failure } from '../desk/failure';
import { agreedOn, isAsked } from '../desk/nginx-plus-contexts';
import { everyPlaced, nameOf, own } from '../desk/nginx-text';
import { note, type Plus } from './nginx-plus-work';

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };
const within = (least: number, value: number, most: number): number => Math.min(Math.max(value, least), most);

/** A time of nginx in seconds, less than it says rather than more. */
function secondsOf(time: string): number {
  const parts = [...time.matchAll(/(\d+)(ms|[smhd]?)/g)];
  return parts.reduce((sum, [, count = '', unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
}

const FILES = '/etc/nginx/';

/** Where the keys of a request to an own location are. @throws a failure for all but a plain URL */
function urlOf(plus: Plus, uri: string): string {
  const locations = everyPlaced(plus.http).filter((one) => nameOf(one) === 'location' && one.words.at(-1) === uri);
  const url = locations.flatMap((one) => own(one, 'proxy_pass')).map(({ words }) => words[1] ?? '')[0] ?? '';
  const host = /^https?:\/\/([^/:$]+)(?::\d+)?\/[^$]*$/.exec(url)?.[1];
  const isUpstream = own(plus.http, 'upstream').some(({ words }) => words[1] === host);
  if (host === undefined || isUpstream)
    throw failure(
      `${plus.path}: \`auth_jwt_key_request ${uri}\` asks no address that is written out; nothing is written`,
    );
  return url;
}

function keysOf(plus: Plus): readonly object[] {
  const files = agreedOn(plus.contexts, 'auth_jwt_key_file').map(([file = '']) => {
    if (file.includes('$') || file.startsWith('data:'))
      throw failure(`${plus.path}: \`auth_jwt_key_file ${file}\` is no path; nothing is written`);
    return { jwks_file: file.startsWith('/') ? file : FILES + file };
  });
  const urls = agreedOn(plus.contexts, 'auth_jwt_key_request').map(([uri = '']) => ({ jwks_url: urlOf(plus, uri) }));
  if (files.length > 0) note(plus, 'translated', 'auth_jwt_key_file', '`keys.jwks_file`');
  if (urls.length > 0)
    note(
      plus,
      'translated',
      'auth_jwt_key_request',
      '`keys.jwks_url`: jwtverify fetches them; its location is no longer needed',
    );
  return [...files, ...urls];
}

/** The texts that every context demands of a claim; undefined where one does not. */
export function demandedOf(plus: Plus, path: string): readonly string[] | undefined {
  const asked = plus.contexts.filter(({ block }) => isAsked(block));
  const lists = asked.map(({ demands }) => demands.find((one) => one.path === path)?.condition['any'] ?? []);
  const texts = lists.map((list) => list.filter((value): value is string => typeof value === 'string'));
  const [first = []] = texts;
  return first.length > 0 && new Set(texts.map((list) => JSON.stringify(list))).size === 1 ? first : undefined;
}

export function issuersOf(plus: Plus): readonly object[] {
  const demanded = demandedOf(plus, 'iss');
  const issuers = demanded ?? (plus.options.issuer === undefined ? [] : [plus.options.issuer]);
  if (issuers.length === 0)
    throw failure(
      `${plus.path}: not every location compares the issuer, and jwtverify always does; name it with --issuer`,
    );
  const given = plus.options.audiences.length === 0 ? undefined : plus.options.audiences;
  const audiences = demandedOf(plus, 'aud') ?? given ?? '*';
  if (audiences === '*')
    note(
      plus,
      'translated',
      'audiences',
      'is `*`, since not every location compares `aud`; name yours, or tokens for other services pass too',
    );
  const keys = keysOf(plus);
  return issuers.map((issuer) => ({ issuer, audiences, keys: keys.length === 1 ? keys[0] : keys }));
}

/** Where tokens are, for all locations. */
export function tokenOf(plus: Plus): object {
  const places = agreedOn(plus.contexts, 'auth_jwt').map((words) =>
    words.find((word) => word.startsWith('token='))?.slice(6),
  );
  const [place] = places;
  if (place === undefined) return {};
  const [, kind, name = ''] = /^\$(cookie|http)_(\w+)$/.exec(place) ?? [];
  if (kind === undefined)
    throw failure(`${plus.path}: \`token=${place}\` is neither a cookie nor a header; write \`token.from\` by hand`);
  note(plus, 'translated', 'token=', '`token.from`; the backend no longer gets the token');
  return { token: { from: [kind === 'cookie' ? { cookie: name } : { header: name.replaceAll('_', '-') }] } };
}

/** What is the same for every request: times, keys, realm. */
export function settingsOf(plus: Plus): object {
  const [[type] = []] = agreedOn(plus.contexts, 'auth_jwt_type');
  if (type !== undefined && type !== 'signed')
    throw failure(`${plus.path}: \`auth_jwt_type ${type}\`: jwtverify reads signed tokens alone; nothing is written`);
  const [[leeway = '0'] = []] = agreedOn(plus.contexts, 'auth_jwt_leeway');
  const [[cache] = []] = agreedOn(plus.contexts, 'auth_jwt_key_cache');
  const [[realm = ''] = []] = agreedOn(plus.contexts, 'auth_jwt');
  // jwtverify reads `iat` too, and nginx's clock may be a tick behind that of an issuer whose token is used at once.
  const skew = within(1, secondsOf(leeway), 3600);
  note(
    plus,
    'translated',
    'auth_jwt_leeway',
    `\`clock_skew\` is ${String(skew)}; a token without \`exp\` is refused here`,
  );
  if (cache !== undefined) note(plus, 'translated', 'auth_jwt_key_cache', '`jwks_refresh`');
  return {
    clock_skew: skew,
    ...(cache === undefined ? {} : { jwks_refresh: within(10, secondsOf(cache), 3600) }),
    ...(/^[\w .-]+$/.test(realm) ? { challenge: { realm } } : {}),
  };
}
