// What a policy's rules and headers need of a remembered token, as one text: the engine njs parses it in each request, and
// takes a text apart much sooner than it reads JSON.
import type { Json } from '../src/codec/json';
import type { ForwardedHeader } from '../src/core/forward';
import type { Identity, JudgedIdentity } from '../src/core/identity';
import type { Remembered } from './memory';

/** INVARIANT: no text of an identity holds a control character, and no word of its lists is empty. */
const MEMBERS = '\t';
const WORDS = '\x1f';

const NO_WORDS: readonly string[] = [];
const NO_HEADERS: readonly ForwardedHeader[] = [];
const NO_VALUES: readonly Json[] = [];

/** Writes it down. Subject and scopes stand beside it in the entry, the rest has gone into the headers. */
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
export function readIdentity(seen: Remembered): JudgedIdentity | undefined {
  const members = seen[7].split(MEMBERS);
  if (members.length !== 9) return undefined;
  const values = members[8] ?? '';
  return {
    subject: seen[4],
    email: members[0] ?? '',
    client: members[1] ?? '',
    scopes: seen[3],
    groups: readWords(members[5]),
    groupsOverage: members[4] === '1',
    roles: readWords(members[6]),
    acr: members[2] ?? '',
    authTime: Number(members[3]),
    values: values === '' ? NO_VALUES : (JSON.parse(values) as readonly Json[]),
    headers: readHeaders(members[7]),
  };
}
