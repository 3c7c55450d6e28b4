// An issuer with a placeholder and its `tenants`: many tenants of a provider on one key set.
import type { JsonObject } from '../../codec/json';
import { isListed, isTenant, tenantOf } from '../../keys/issuer-pattern';
import type { IssuerSettings, Tenancy } from '../../model/settings';
import { complain, member, readStringOrStrings, type Place, type Reader } from './reader';

const ANY = '"*" for any tenant of the provider';
/** Claims that are numbers, or the issuer itself, which would have to hold itself. */
const NO_TENANTS: readonly string[] = ['iss', 'exp', 'nbf', 'iat', 'auth_time'];

/** An issuer with one placeholder, without its tenants. */
type Pattern = Pick<Tenancy, 'before' | 'claim' | 'after'>;

/** The parts of an issuer with one placeholder; undefined where there is another number of braces. */
function splitPattern(issuer: string): Pattern | undefined {
  const open = issuer.indexOf('{');
  const close = issuer.indexOf('}');
  if (open < 0 || close < open || issuer.split('{').length !== 2 || issuer.split('}').length !== 2) return undefined;
  return {
    before: issuer.substring(0, open),
    claim: issuer.substring(open + 1, close),
    after: issuer.substring(close + 1),
  };
}

/** The tenants whose tokens are accepted; undefined for `*`. */
export function readTenants(reader: Reader, place: Place<JsonObject['values'][number]>): readonly string[] | undefined {
  const written = readStringOrStrings(reader, place, 'a list of tenants, or ' + ANY);
  const isAny = written.indexOf('*') >= 0;
  if (isAny && written.length > 1) complain(reader, place.pointer, 'has * beside other tenants; give * alone');
  if (isAny) return undefined;
  const tenants: string[] = [];
  for (let index = 0; index < written.length; index++) {
    const tenant = written[index] ?? '';
    if (isTenant(tenant, reader.text)) {
      tenants.push(tenant);
      continue;
    }
    const pointer = typeof place.value === 'string' ? place.pointer : place.pointer + '/' + index.toString();
    complain(
      reader,
      pointer,
      'is not a tenant: letters, digits, `-`, `_` and `.`, 128 at the most, no dot at the start',
    );
  }
  return tenants;
}

/** Reads `tenants`, and the placeholder of `issuer`; undefined for an issuer without one. */
export function readTenancy(reader: Reader, object: Place<JsonObject>, issuer: string): Tenancy | undefined {
  const place = member(object, 'tenants');
  const pointer = member(object, 'issuer')?.pointer ?? object.pointer;
  if (issuer.indexOf('{') < 0 && issuer.indexOf('}') < 0) {
    const hint = 'has no effect: `issuer` has no placeholder, such as `{tid}`, that the claim of this name fills';
    if (place !== undefined && issuer !== '') complain(reader, place.pointer, hint);
    return undefined;
  }
  const pattern = splitPattern(issuer);
  if (pattern === undefined || pattern.before === '' || !isTenant(pattern.claim, reader.text)) {
    complain(reader, pointer, 'has braces that are not one placeholder, such as `{tid}`, with text before it');
    return undefined;
  }
  if (NO_TENANTS.indexOf(pattern.claim) >= 0) {
    complain(
      reader,
      pointer,
      'has `{' + pattern.claim + '}`, a claim that never holds a tenant; name the one that does',
    );
  }
  if (pattern.claim === 'tenantid') {
    complain(reader, pointer, 'has `{tenantid}`, which no token of Entra ID has as a claim; write `{tid}`');
  }
  if (place === undefined) {
    complain(reader, pointer, 'has a placeholder; name the `tenants` beside it: a list, or ' + ANY);
    return undefined;
  }
  return Object.assign({ tenants: readTenants(reader, place) }, pattern);
}

/** Whether one text ends or begins the other, with nothing but a tenant's characters between. */
function overlaps(one: string, other: string, atEnd: boolean, reader: Reader): boolean {
  const long = one.length > other.length ? one : other;
  const short = one.length > other.length ? other : one;
  const cut = long.length - short.length;
  const common = atEnd ? long.substring(cut) : long.substring(0, short.length);
  const rest = atEnd ? long.substring(0, cut) : long.substring(short.length);
  return common === short && reader.text.isBase64UrlAlphabet(rest.split('.').join(''));
}

function checkPair(reader: Reader, pointer: string, one: Tenancy, other: IssuerSettings): void {
  const second = other.tenancy;
  if (second !== undefined) {
    const isBoth =
      overlaps(one.before, second.before, false, reader) && overlaps(one.after, second.after, true, reader);
    if (isBoth) complain(reader, pointer, 'matches the same `iss` as the pattern of another entry; join the two');
    return;
  }
  const tenant = tenantOf(one, other.issuer, reader.text);
  if (tenant === undefined || one.tenants === undefined || !isListed(one, tenant)) return;
  const message = 'names the tenant `' + tenant + '`, whose issuer another entry has; remove one of the two';
  complain(reader, pointer, message);
}

/** Notes each pair of issuers that could be meant by one `iss`. @param pointers of the issuers, in their order */
export function checkAmbiguous(reader: Reader, issuers: readonly IssuerSettings[], pointers: readonly string[]): void {
  for (let index = 0; index < issuers.length; index++) {
    const tenancy = issuers[index]?.tenancy;
    if (tenancy === undefined) continue;
    for (let place = 0; place < issuers.length; place++) {
      const other = issuers[place];
      // Two patterns are one pair.
      const isSecond = other?.tenancy !== undefined && place <= index;
      if (other !== undefined && !isSecond) checkPair(reader, pointers[index] ?? '', tenancy, other);
    }
  }
}
