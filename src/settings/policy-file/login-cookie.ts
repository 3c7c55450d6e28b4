// `login.cookie`: the name and attributes of the cookies that hold sessions (RFC 6265bis §4.1.2, §4.1.3).
import type { JsonObject } from '../../codec/json';
import { checkCookieSecret } from '../../login/sealing-keys';
import type { CookieTerms, SameSite } from '../../model/login';
import { canonicalizeHost } from '../../request/canonical-host';
import type { IssuerContext } from './issuer-keys';
import { readSecretTexts } from './named-secrets';
import { complain, member, readChoice, readFlag, readString, remark, type Place, type Reader } from './reader';

const SECRETS: readonly string[] = ['secret_file', 'secret_env'];
const HOST = '__Host-';
const SECURE = '__Secure-';
const MOST_NAME = 64;
const STRICT =
  'is `strict`; browsers send no such cookie when they come back from the issuer, so nobody could sign in. `lax` is what there is';

function readSameSite(reader: Reader, cookie: Place<JsonObject>, secure: boolean): SameSite {
  const place = member(cookie, 'same_site');
  if (place === undefined) return 'lax';
  if (place.value === 'strict') {
    complain(reader, place.pointer, STRICT);
    return 'lax';
  }
  const value = readChoice<SameSite>(reader, cookie, 'same_site', ['lax', 'none'], 'lax');
  if (value === 'none' && !secure) {
    complain(reader, place.pointer, 'is `none`, which browsers accept of secure cookies alone; remove `secure: false`');
  }
  return value;
}

/** What a domain costs, for the log. */
function describeDomain(domain: string): string {
  return (
    'gives sessions to every host below `' +
    domain +
    '`, and each of them can put its own in their place; leave it out, unless one sign-in serves several hosts that you all trust'
  );
}

/** Without a final dot or one at the start, and without a port. */
function readDomain(reader: Reader, cookie: Place<JsonObject>): string | undefined {
  const place = member(cookie, 'domain');
  const domain = place === undefined ? undefined : readString(reader, place);
  if (place === undefined || domain === undefined) return undefined;
  const host = canonicalizeHost(domain, reader.text);
  if (host === domain && domain.indexOf('.') > 0 && domain.charAt(0) !== '[') {
    remark(reader, place.pointer, describeDomain(domain));
    return host;
  }
  complain(reader, place.pointer, 'is not a domain in small letters, as `zoo.example`');
  return undefined;
}

/** The name: the usual one begins with `__Host-` wherever browsers keep such a cookie. */
export function readCookieName(
  reader: Reader,
  cookie: Place<JsonObject>,
  secure: boolean,
  domain: string | undefined,
  usual: string,
): string {
  const beginning = !secure ? '' : domain === undefined ? HOST : SECURE;
  const place = member(cookie, 'name');
  const name = place === undefined ? undefined : readString(reader, place);
  if (place === undefined || name === undefined) return beginning + usual;
  if (!reader.text.isBase64UrlAlphabet(name) || name.length > MOST_NAME) {
    complain(reader, place.pointer, 'is not up to 64 letters, digits, `-` and `_`');
  } else if (name.indexOf(HOST) === 0 && beginning !== HOST) {
    const why = secure ? 'a `domain`' : '`secure: false`';
    complain(reader, place.pointer, 'begins with `' + HOST + '`, which browsers refuse with ' + why);
  } else if (name.indexOf(SECURE) === 0 && !secure) {
    complain(reader, place.pointer, 'begins with `' + SECURE + '`, which browsers refuse with `secure: false`');
  }
  return name;
}

/** Reads the attributes; whatever the policy leaves out is the safest that works. */
export function readCookieTerms(reader: Reader, cookie: Place<JsonObject>): CookieTerms {
  const secure = readFlag(reader, cookie, 'secure', true);
  const domain = readDomain(reader, cookie);
  const name = readCookieName(reader, cookie, secure, domain, 'jwtverify');
  return { name, domain, path: '/', sameSite: readSameSite(reader, cookie, secure), secure };
}

/** The secrets that seal, the newest first. */
export function readCookieSecrets(context: IssuerContext, cookie: Place<JsonObject>): readonly string[] {
  const reader = context.reader;
  const named = SECRETS.filter((name) => member(cookie, name) !== undefined);
  const name = named[0];
  if (name === undefined || named.length > 1) {
    const none = 'has no `secret_file` and no `secret_env`; name a file with the output of `openssl rand -base64 32`';
    complain(reader, cookie.pointer, named.length > 1 ? 'names secret_file and secret_env; name one of them' : none);
    return [];
  }
  const texts = readSecretTexts(context.compilation, reader, cookie, name);
  const secrets: string[] = [];
  for (let index = 0; index < texts.length; index++) {
    const text = texts[index];
    const fault = text === undefined ? undefined : checkCookieSecret(text.value, reader.text);
    if (text === undefined) continue;
    if (fault !== undefined)
      context.compilation.problems.push({ setting: text.setting, message: text.subject + fault });
    else if (secrets.indexOf(text.value) >= 0) {
      context.compilation.notices.push({
        setting: text.setting,
        message: text.subject + 'is the same secret once more',
      });
    } else secrets.push(text.value);
  }
  return secrets;
}
