// `hosts` of rules and issuers, and whether the two fit together.
import { asArray, type JsonObject } from '../../codec/json';
import type { Access } from '../../model/policy';
import { canonicalizeHost, coversHost } from '../../request/canonical-host';
import { complain, member, readStrings, type Place, type Reader } from './reader';

/** The hosts of an object, canonical; undefined when it names none. */
export function readHosts(reader: Reader, object: Place<JsonObject>): readonly string[] | undefined {
  const place = member(object, 'hosts');
  if (place === undefined) return undefined;
  const written = readStrings(reader, place);
  const hosts: string[] = [];
  for (let index = 0; index < written.length; index++) {
    const value = written[index] ?? '';
    const isBelow = value.substring(0, 2) === '*.';
    const host = canonicalizeHost(isBelow ? value.substring(2) : value, reader.text);
    const hasPort = value.indexOf(':') >= 0 && value.charAt(0) !== '[';
    if (host === undefined || hasPort) {
      complain(
        reader,
        place.pointer,
        '`' + value + '` is not a host name; give it without scheme and port, as `a.example` or `*.a.example`',
      );
      continue;
    }
    const canonical = isBelow ? '*.' + host : host;
    if (hosts.indexOf(canonical) >= 0 && written.indexOf(value) === index)
      complain(reader, place.pointer, '`' + value + '` is in the list twice, in another spelling');
    hosts.push(canonical);
  }
  return hosts;
}

/** The hosts of a rule or an issuer, and where they are; undefined for any. */
export interface PlacedHosts {
  readonly pointer: string;
  readonly hosts: readonly string[] | undefined;
}

function overlap(one: readonly string[], other: readonly string[]): boolean {
  return one.some((host) => other.some((pattern) => coversHost(pattern, host) || coversHost(host, pattern)));
}

/** Whether a host is one of some places'. */
function isOf(host: string, places: readonly PlacedHosts[]): boolean {
  return places.some((place) => place.hosts === undefined || overlap([host], place.hosts));
}

/** Each issuer's hosts, with their places. @param lists in the order of the document */
export function placeIssuers(
  document: Place<JsonObject>,
  lists: readonly (readonly string[] | undefined)[],
): readonly PlacedHosts[] {
  const issuers = member(document, 'issuers');
  const count = issuers === undefined ? 0 : (asArray(issuers.value)?.items.length ?? 0);
  // One of them has a problem already.
  if (issuers === undefined || count !== lists.length) return [];
  return lists.map((hosts, index) => ({ pointer: issuers.pointer + '/' + index.toString() + '/hosts', hosts }));
}

/**
 * Notes hosts of issuers that no rule is for, and rules whose hosts no issuer's tokens count for.
 * @param rules those that a token counts for; `otherwise` among them when it does
 */
export function checkHosts(reader: Reader, issuers: readonly PlacedHosts[], rules: readonly PlacedHosts[]): void {
  if (issuers.every((issuer) => issuer.hosts === undefined)) return;
  for (let index = 0; index < issuers.length; index++) {
    const issuer = issuers[index];
    const idle = issuer?.hosts?.filter((host) => !isOf(host, rules)) ?? [];
    if (issuer === undefined || idle.length === 0) continue;
    const names = idle.map((host) => '`' + host + '`').join(', ');
    complain(
      reader,
      issuer.pointer,
      'has ' + names + ', for which no rule requires a token; correct it, or leave it out',
    );
  }
  for (let index = 0; index < rules.length; index++) {
    const rule = rules[index];
    const idle = rule?.hosts?.filter((host) => !isOf(host, issuers)) ?? [];
    if (rule === undefined || idle.length === 0) continue;
    const names = idle.map((host) => '`' + host + '`').join(', ');
    complain(reader, rule.pointer, 'has ' + names + ', for which no issuer in `issuers` has tokens: nobody could pass');
  }
}

/** A rule's hosts for `checkHosts`; undefined when it ignores the token. */
export function placeRule(
  access: Access,
  pointer: string,
  hosts: readonly string[] | undefined,
): PlacedHosts | undefined {
  return access === 'authenticated' || access === 'optional' ? { pointer: pointer + '/hosts', hosts } : undefined;
}
