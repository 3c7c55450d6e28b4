// `login.return_to`: the hosts besides its own that a browser may return to.
import type { JsonObject } from '../../codec/json';
import { readAuthority } from '../../login/authority';
import type { ReturnHost } from '../../model/login';
import { complain, member, readStrings, type Place, type Reader } from './reader';

const HINT =
  '` is not a host; give it without scheme and path, as `a.example`, `.a.example` for all below it, with `:8443` or `:*` for a port';

/** One host; undefined for anything else. */
function readHost(written: string, reader: Reader): ReturnHost | undefined {
  const isAny = written.substring(written.length - 2) === ':*';
  const named = isAny ? written.substring(0, written.length - 2) : written;
  const isBelow = named.charAt(0) === '.';
  const authority = readAuthority(isBelow ? named.substring(1) : named, true, reader.text);
  if (authority === undefined || (isAny && authority.port !== '')) return undefined;
  // `.example` would be everybody's.
  if (isBelow && authority.host.indexOf('.') < 0) return undefined;
  return { host: (isBelow ? '.' : '') + authority.host, port: isAny ? '*' : authority.port };
}

/** The hosts of a policy's `login`. */
export function readReturnHosts(reader: Reader, object: Place<JsonObject>): readonly ReturnHost[] {
  const place = member(object, 'return_to');
  if (place === undefined) return [];
  const written = readStrings(reader, place);
  const hosts: ReturnHost[] = [];
  for (let index = 0; index < written.length; index++) {
    const host = readHost(written[index] ?? '', reader);
    if (host === undefined) complain(reader, place.pointer, '`' + (written[index] ?? '') + HINT);
    else hosts.push(host);
  }
  return hosts;
}
