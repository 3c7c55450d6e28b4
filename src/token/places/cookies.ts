// A cookie of a request (RFC 6265 §4.2.1): its values, and the lines without it.
import { longPieces, shortest, withoutPieces } from '../../codec/pieces';
import { trimBlanks } from '../bearer';

/** Backends ignore blanks around a name, so they do not make another cookie of it. */
function isNamed(pair: string, name: string): boolean {
  const equals = pair.indexOf('=');
  return equals >= name.length && trimBlanks(pair.substring(0, equals)) === name;
}

/** Every value of a cookie, in order; an empty one is a cookie that was deleted, and left out. */
export function readCookies(lines: readonly string[], name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const pairs = line.indexOf(name) < 0 ? [] : longPieces(line, ';', name.length + 1);
    for (let place = 0; place < pairs.length; place++) {
      const pair = pairs[place] ?? '';
      if (!isNamed(pair, name)) continue;
      const value = trimBlanks(pair.substring(pair.indexOf('=') + 1));
      if (value !== '') values.push(value);
    }
  }
  return values;
}

/** The lines without these cookies; undefined when they have none of them. All other cookies stay as they are. */
export function withoutCookies(lines: readonly string[], names: readonly string[]): readonly string[] | undefined {
  const rest: string[] = [];
  let isChanged = false;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const held = names.filter((name) => line.indexOf(name) >= 0);
    const kept =
      held.length === 0
        ? undefined
        : withoutPieces(line, ';', shortest(held) + 1, (pair) => held.some((name) => isNamed(pair, name)));
    if (kept === undefined) {
      rest.push(line);
      continue;
    }
    isChanged = true;
    const others = kept.map((pairs) => trimBlanks(pairs)).filter((pairs) => pairs !== '');
    if (others.length > 0) rest.push(others.join('; '));
  }
  return isChanged ? rest : undefined;
}
