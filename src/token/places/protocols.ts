// A token among the subprotocols that a WebSocket client offers (RFC 6455 §4.1): the one after a name that marks it. A
// browser can send no header with a WebSocket, and fails unless the server chooses an offered name: the mark stays.
import { longPieces } from '../../codec/pieces';
import { trimBlanks } from '../bearer';

/** The entries of all lines, one list (RFC 9110 §5.6.1: empty ones do not count); none where no mark is among them. */
function entriesOf(lines: readonly string[], marks: readonly string[]): readonly string[] {
  const list = lines.join(',');
  if (!marks.some((mark) => list.indexOf(mark) >= 0)) return [];
  return longPieces(list, ',', 1)
    .map((entry) => trimBlanks(entry))
    .filter((entry) => entry !== '');
}

/** The entry after each of these names. */
export function readProtocols(lines: readonly string[], mark: string): readonly string[] {
  const entries = entriesOf(lines, [mark]);
  return entries.filter((_, index) => index > 0 && entries[index - 1] === mark);
}

/** The list without the tokens after these names; undefined when it has none. */
export function withoutProtocols(lines: readonly string[], marks: readonly string[]): string | undefined {
  const entries = entriesOf(lines, marks);
  const kept = entries.filter((_, index) => index === 0 || marks.indexOf(entries[index - 1] ?? '') < 0);
  return kept.length === entries.length ? undefined : kept.join(', ');
}
