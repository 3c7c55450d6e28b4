// The vectors as HTTP can carry them: which, in which group of settings, and what they look like on the wire.
import { readGroups, readTopics, type SettingsGroup, type Vector } from '../../vectors/load';

export interface WireGroup {
  readonly name: string;
  readonly vectors: readonly Vector[];
  readonly environment: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly broken: boolean;
  /** Whether the keys are for an algorithm that an engine may lack. */
  readonly needs: readonly string[];
}

/** The `now` of every vector that is sent. A proxy's clock goes on from there, so those that hang on the second stay. */
const NOW = 1750000000;
export const FAKETIME = new Date(NOW * 1000).toISOString().replace('T', ' ').slice(0, 19);

const VECTORS = readTopics()
  .flatMap((topic) => topic.vectors)
  .filter((vector) => vector.wire !== false && vector.exact !== true && vector.now === NOW);

function fill(values: SettingsGroup['environment']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value.replaceAll('{directory}', 'DIRECTORY')]),
  );
}

const ALL_GROUPS: readonly WireGroup[] = Object.entries(readGroups()).map(([name, group]) => {
  const vectors = VECTORS.filter(({ settings }) => settings === name);
  return {
    name,
    vectors,
    environment: fill(group.environment),
    files: fill(group.files),
    broken: group.broken === true,
    needs: vectors[0]?.needs ?? [],
  };
});

/** Those that HTTP can carry some vector of. */
export const WIRE_GROUPS = ALL_GROUPS.filter(({ vectors }) => vectors.length > 0);

/** The header lines, each character one byte. */
export function headersOf(vector: Vector): readonly (readonly [string, string])[] {
  return vector.authorization.map((value) => ['Authorization', Buffer.from(value, 'utf8').toString('latin1')] as const);
}

/** A header's value as text again; empty when there is none. */
export function textOf(header: string | undefined): string {
  return Buffer.from(header ?? '', 'latin1').toString('utf8');
}
