// A configuration of NGINX Plus while it is translated.
import type { ClaimNames } from '../desk/nginx-plus-claims';
import type { Context } from '../desk/nginx-plus-contexts';
import { lineNumber, type NginxEdits, type Placed } from '../desk/nginx-text';
import type { MigrationOptions, Note } from './migration';

/** What the whole translation knows. */
export interface Plus {
  readonly path: string;
  readonly source: string;
  readonly top: Placed;
  readonly http: Placed;
  readonly names: ClaimNames;
  readonly contexts: readonly Context[];
  readonly options: MigrationOptions;
  readonly notes: Note[];
  readonly edits: NginxEdits;
}

export const note = ({ notes }: Plus, kind: Note['kind'], option: string, words: string): number =>
  notes.push({ kind, option, words });

/** Where a directive is. */
export const at = ({ source, path }: Plus, one: Placed): string => `${path}:${String(lineNumber(source, one))}`;
