// The location that nginx chooses for a path (ngx_http_core_module, `location`).
import { named, type Block, type Placed } from './nginx-blocks';

interface Choice {
  readonly placed: Placed;
  /** Whether regular expressions have no say any more. */
  readonly isFinal: boolean;
}

interface Candidate {
  readonly sign: string;
  readonly pattern: string;
  readonly placed: Placed;
}

const SIGNS = ['=', '^~', '~', '~*'];

function candidatesOf(block: Block, around: readonly Block[]): readonly Candidate[] {
  return named(block, 'location').map(({ words, block: own = [] }) => {
    const [, first = '', second = ''] = words;
    const placed = { name: words.join(' '), blocks: [own, block, ...around] };
    return SIGNS.includes(first) ? { sign: first, pattern: second, placed } : { sign: '', pattern: first, placed };
  });
}

/** Whether a regular expression takes a path; one that only PCRE understands takes none. */
function takes({ sign, pattern }: Candidate, path: string): boolean {
  try {
    return new RegExp(pattern, sign === '~*' ? 'i' : '').test(path);
  } catch {
    return false;
  }
}

function choose(block: Block, around: readonly Block[], path: string): Choice | undefined {
  const all = candidatesOf(block, around);
  const equal = all.find(({ sign, pattern }) => sign === '=' && pattern === path);
  if (equal !== undefined) return { placed: equal.placed, isFinal: true };
  const [longest] = all
    .filter(({ sign, pattern }) => (sign === '' || sign === '^~') && path.startsWith(pattern))
    .sort((one, other) => other.pattern.length - one.pattern.length);
  const within = ({ placed }: Candidate): Choice | undefined =>
    choose(placed.blocks[0] ?? [], placed.blocks.slice(1), path);
  const inner = longest === undefined ? undefined : within(longest);
  if (inner?.isFinal === true) return inner;
  const found = inner?.placed ?? longest?.placed;
  if (longest?.sign !== '^~') {
    const regular = all.find((one) => one.sign.startsWith('~') && takes(one, path));
    if (regular !== undefined) return { placed: within(regular)?.placed ?? regular.placed, isFinal: true };
  }
  return found === undefined ? undefined : { placed: found, isFinal: false };
}

/** @returns undefined where no location takes the path */
export function findLocation(server: Block, around: readonly Block[], path: string): Placed | undefined {
  return choose(server, around, path)?.placed;
}
