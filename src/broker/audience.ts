// Whom a token is for, and where it goes: an audience of the list, or where the operator says so, a host below one domain.
import { lowerAscii } from '../codec/percent';
import type { Text } from '../codec/text';
import { fillAudience, isAudienceName } from './audience-name';
import { readAuthority, type Authority } from '../login/authority';
import { checkReturn } from '../login/return-to';
import type { BrokerAudience, BrokerDesk, OtherAudiences } from '../model/broker';
import type { ReturnHost } from '../model/login';

/** RFC 1035 §2.3.4. */
const LONGEST_LABEL = 63;

/** An audience that no list names. */
function otherAudience(others: OtherAudiences, name: string, text: Text): BrokerAudience | undefined {
  if (name.length > LONGEST_LABEL || name.charAt(name.length - 1) === '-') return undefined;
  const host = lowerAscii(name, text) + '.' + others.domain;
  return {
    name,
    redirects: [(others.secure ? 'https://' : 'http://') + host + '?from=oauth'],
    delivery: others.delivery,
    admin: others.admin === undefined ? undefined : fillAudience(others.admin, name),
    tenants: undefined,
    claims: [],
  };
}

/** The audience of a name; undefined for an unknown one. */
export function findAudience(desk: BrokerDesk, name: string, text: Text): BrokerAudience | undefined {
  if (!isAudienceName(name, text)) return undefined;
  const listed = desk.audiences.find((audience) => audience.name === name);
  if (listed !== undefined) return listed;
  return desk.others === undefined ? undefined : otherAudience(desk.others, name, text);
}

/** The URL up to its authority, and the authority. */
function originOf(url: string, text: Text): readonly [origin: string, authority: Authority] | undefined {
  const start = url.indexOf('://') + 3;
  const rest = url.substring(start);
  const ends = [rest.indexOf('/'), rest.indexOf('?'), rest.length].filter((end) => end >= 0);
  const end = ends.reduce((one, other) => Math.min(one, other), rest.length);
  const authority = readAuthority(rest.substring(0, end), url.substring(0, 8) === 'https://', text);
  return authority === undefined ? undefined : [url.substring(0, start + end), authority];
}

/** Where a token goes. */
export interface Destination {
  /** One of the audience's own addresses. */
  readonly address: string;
  /** What the application shall show then: one of its own paths or URLs; empty where the request does not say it. */
  readonly onwards: string;
}

/**
 * Where a token goes by the request's `redirect`: to the address of the audience's list that it names exactly (RFC 9700 §2.1);
 * otherwise to the first one, with a path or URL of the audience's own hosts as `redirect`.
 * @returns undefined for any other `redirect`
 */
export function findDestination(
  desk: BrokerDesk,
  audience: BrokerAudience,
  redirect: string,
  text: Text,
): Destination | undefined {
  const first = audience.redirects[0];
  if (first === undefined) return undefined;
  if (redirect === '') return { address: first, onwards: '' };
  if (audience.redirects.indexOf(redirect) >= 0) return { address: redirect, onwards: '' };
  const hosts: ReturnHost[] = [];
  for (let index = 0; index < audience.redirects.length; index++) {
    const origin = originOf(audience.redirects[index] ?? '', text);
    if (origin !== undefined) hosts.push(origin[1]);
  }
  const isPath = redirect.charAt(0) === '/';
  const wanted = isPath ? (originOf(first, text)?.[0] ?? '') + redirect : redirect;
  const terms = { hosts, secure: desk.cookie.secure, prefix: desk.prefix, paths: { allow: [], ignoreCase: false } };
  // A browser takes the host from what two slashes begin.
  if ((isPath && redirect.charAt(1) === '/') || checkReturn(wanted, undefined, terms, text) === undefined) {
    return undefined;
  }
  return { address: first, onwards: redirect };
}
