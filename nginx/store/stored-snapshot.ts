// The snapshot of an epoch as an entry of a shared dictionary. The engine njs parses it for each new token, so what it would
// have twice is in it once.
import type { KeySet, Settings } from '../../src/model/settings';
import type { SnapshotParts } from './snapshot';
import type { PolicyHead } from './policy-store';

/** A snapshot as it is read. */
export interface StoredSnapshot {
  readonly settings: Settings;
  readonly keySets: readonly KeySet[];
  readonly head?: PolicyHead | undefined;
  readonly denied: string;
}

/** What the entry has besides. */
interface Entry extends StoredSnapshot {
  /** The places of issuers whose configured keys are all that they have, and so in `keySets` alone. */
  readonly configured: readonly number[];
}

/** Writes the entry. Of settings with a head it has no policy, which is the head's. */
export function writeSnapshot(parts: SnapshotParts, denied: string): string {
  const head = parts.rules === undefined ? undefined : parts.rules.head;
  const configured: number[] = [];
  const issuers = parts.settings.issuers.map((issuer, index) => {
    const sources = issuer.sources;
    if (sources.configured === undefined || sources.configured !== parts.keySets[index]) return issuer;
    configured.push(index);
    return Object.assign({}, issuer, { sources: { configured: undefined, remotes: sources.remotes } });
  });
  const policy = head === undefined ? parts.settings.policy : undefined;
  const settings = Object.assign({}, parts.settings, { issuers, policy });
  const entry: Entry = { settings, keySets: parts.keySets, head, denied, configured };
  return JSON.stringify(entry);
}

/** Reads it. @throws for anything but such an entry */
export function readSnapshot(source: string): StoredSnapshot {
  const entry = JSON.parse(source) as Entry;
  const settings = entry.settings;
  entry.configured.forEach((index) => {
    const issuer = settings.issuers[index];
    if (issuer !== undefined) Object.assign(issuer.sources, { configured: entry.keySets[index] });
  });
  if (entry.head !== undefined) Object.assign(settings, { policy: entry.head.policy });
  return entry;
}
