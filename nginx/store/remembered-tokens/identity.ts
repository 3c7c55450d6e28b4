// The identity of a remembered token for a policy's rules and headers, as one text: the engine njs parses it in each
// request, and splits a text much faster than it reads JSON.
import type { Json } from '../../../src/codec/json';
import type { ForwardedHeader } from '../../../src/claims/forwarded-headers';
import type { Identity, JudgedIdentity } from '../../../src/claims/identity';
import type { RememberedToken } from './token-store';

/** INVARIANT: no text of an identity holds a control character, and no word of its lists is empty. */
const MEMBERS = '\t';
const WORDS = '\x1f';

const NO_WORDS: readonly string[] = [];
const NO_HEADERS: readonly ForwardedHeader[] = [];
const NO_VALUES: readonly Json[] = [];

/** Writes it. The entry has subject and scopes besides; the headers have the rest. */
export function writeIdentity(identity: Identity): string {
  return [
    identity.email,
    identity.client,
    identity.acr,
    identity.authTime.toString(),
    identity.groupsOverage ? '1' : '',
    identity.groups.join(WORDS),
    identity.roles.join(WORDS),
    identity.headers.map((header) => header.name + WORDS + header.value).join(WORDS),
    identity.values.length === 0 ? '' : JSON.stringify(identity.values),
    identity.emailUnverified ? '1' : '',
    (identity.hosts ?? NO_WORDS).join(WORDS),
  ].join(MEMBERS);
}

function readWords(list: string | undefined): readonly string[] {
  return list === undefined || list === '' ? NO_WORDS : list.split(WORDS);
}

function readHeaders(list: string | undefined): readonly ForwardedHeader[] {
  if (list === undefined || list === '') return NO_HEADERS;
  const words = list.split(WORDS);
  const headers: ForwardedHeader[] = [];
  for (let place = 0; place + 1 < words.length; place += 2) {
    headers.push({ name: words[place] ?? '', value: words[place + 1] ?? '' });
  }
  return headers;
}

/** Reads the identity of a remembered token; undefined when there is none. */
export function readIdentity(token: RememberedToken): JudgedIdentity | undefined {
  const members = token.identity.split(MEMBERS);
  if (members.length !== 11) return undefined;
  const values = members[8] ?? '';
  const hosts = members[10] ?? '';
  return {
    subject: token.subject,
    email: members[0] ?? '',
    emailUnverified: members[9] === '1',
    client: members[1] ?? '',
    scopes: token.scopes,
    groups: readWords(members[5]),
    groupsOverage: members[4] === '1',
    roles: readWords(members[6]),
    acr: members[2] ?? '',
    authTime: Number(members[3]),
    hosts: hosts === '' ? undefined : hosts.split(WORDS),
    values: values === '' ? NO_VALUES : (JSON.parse(values) as readonly Json[]),
    headers: readHeaders(members[7]),
  };
}
