// `?allowed_groups=a,b` on the authorizer's own address, as OAuth2-Proxy has it: any one of them will do.
import { readEncodedCharacter, readOctet } from '../codec/percent';
import type { Text } from '../codec/text';

const NAME = 'allowed_groups';

/** Decodes a part of a query as HTML forms write it; undefined when it is not well-formed. */
function decodeFormValue(value: string, text: Text): string | undefined {
  const pieces: string[] = [];
  let index = 0;
  while (index < value.length) {
    const character = value.charAt(index);
    if (character !== '%') {
      pieces.push(character === '+' ? ' ' : character);
      index += 1;
      continue;
    }
    const octet = readOctet(value, index);
    if (octet === undefined) return undefined;
    if (octet < 128) {
      pieces.push(text.fromCodePoint(octet));
      index += 3;
      continue;
    }
    const encoded = readEncodedCharacter(value, index);
    if (encoded === undefined) return undefined;
    pieces.push(text.fromCodePoint(encoded.codePoint));
    index = encoded.end;
  }
  return pieces.join('');
}

/**
 * The groups that a query allows. A comma within a group's name is written `%2C`.
 * @param query the text after the `?`; it comes from the gateway's configuration, never from the client
 * @returns undefined when the query does not ask; an empty list, which allows nobody, when its groups are unreadable
 */
export function readAllowedGroups(query: string, text: Text): readonly string[] | undefined {
  return readAllowed(query, NAME, text);
}

/** The same for a parameter of another name, as `allowed_emails`. */
export function readAllowed(query: string, parameter: string, text: Text): readonly string[] | undefined {
  let groups: string[] | undefined;
  const parts = query.split('&');
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] ?? '';
    const equals = part.indexOf('=');
    if ((equals < 0 ? part : part.substring(0, equals)) !== parameter) continue;
    groups ??= [];
    const names = equals < 0 ? [] : part.substring(equals + 1).split(',');
    for (let place = 0; place < names.length; place++) {
      const name = decodeFormValue(names[place] ?? '', text);
      if (name === undefined) return [];
      if (name !== '') groups.push(name);
    }
  }
  return groups;
}
