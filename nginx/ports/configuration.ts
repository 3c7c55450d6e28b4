// nginx's own configuration as a tree of directives, with its includes (njs 0.8.0, which has the path of the file).
import fs from 'fs';

export interface Directive {
  readonly words: readonly string[];
  /** The directives in its braces; undefined when it has none. */
  readonly block: readonly Directive[] | undefined;
}

/** The first value of a directive in a block; empty where it has none, undefined where it is not there. */
export function valueOf(block: readonly Directive[], name: string): string | undefined {
  const found = block.find((directive) => directive.words[0] === name);
  return found === undefined ? undefined : (found.words[1] ?? '');
}

/** The block of `http`, and those of its servers. */
export interface HttpBlocks {
  readonly http: readonly Directive[];
  readonly servers: readonly (readonly Directive[])[];
}

export function findHttpBlocks(configuration: readonly Directive[]): HttpBlocks {
  const http = configuration.find((directive) => directive.words[0] === 'http')?.block ?? [];
  const servers = http.filter((directive) => directive.words[0] === 'server');
  return { http, servers: servers.map((server) => server.block ?? []) };
}

/** Includes within includes, at most. */
const DEPTH = 8;

/** Words, `{`, `}` and `;`, without comments and blanks. */
function tokensOf(source: string): readonly string[] {
  const found = source.match(
    /#[^\n]*|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|[{};]|(?:\x24\{[^}]*\}|\\[\s\S]|[^\s{};])+/g,
  );
  return (found === null ? [] : found).filter((token) => token.charAt(0) !== '#');
}

function unquote(word: string): string {
  const first = word.charAt(0);
  return first === '"' || first === "'" ? word.slice(1, -1) : word;
}

/** Whether a name matches one with `*`. */
function fits(entry: string, parts: readonly string[]): boolean {
  let place = 0;
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] ?? '';
    const isLast = index === parts.length - 1;
    const found = isLast ? entry.length - part.length : entry.indexOf(part, place);
    if (found < place || (index === 0 && found !== 0) || entry.slice(found, found + part.length) !== part) return false;
    place = found + part.length;
  }
  return true;
}

/** What is in a folder; nothing where there is none, as nginx itself has it. */
function entriesOf(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder);
  } catch (problem) {
    if ((problem as { readonly code?: unknown }).code === 'ENOENT') return [];
    throw problem;
  }
}

/** The files that an `include` names: the last part of its path may have a `*`. */
function filesOf(path: string, folder: string): readonly string[] {
  const whole = path.charAt(0) === '/' ? path : folder + path;
  const end = whole.lastIndexOf('/') + 1;
  const parts = whole.slice(end).split('*');
  if (parts.length === 1) return [whole];
  return entriesOf(whole.slice(0, end))
    .filter((entry) => fits(entry, parts))
    .map((entry) => whole.slice(0, end) + entry);
}

function parse(tokens: readonly string[], folder: string, depth: number): readonly Directive[] {
  let place = 0;
  function block(): readonly Directive[] {
    let directives: readonly Directive[] = [];
    let words: string[] = [];
    while (place < tokens.length) {
      const token = tokens[place] ?? '';
      place += 1;
      if (token === '}') return directives;
      if (token === '{') {
        directives = directives.concat({ words, block: block() });
        words = [];
      } else if (token === ';') {
        directives =
          words[0] === 'include' && depth < DEPTH
            ? directives.concat(included(words[1] ?? '', folder, depth))
            : directives.concat({ words, block: undefined });
        words = [];
      } else words.push(unquote(token));
    }
    return directives;
  }
  return block();
}

function included(path: string, folder: string, depth: number): readonly Directive[] {
  let directives: readonly Directive[] = [];
  const files = filesOf(path, folder);
  for (let index = 0; index < files.length; index++) {
    const source = String(fs.readFileSync(files[index] ?? '', 'utf8'));
    directives = directives.concat(parse(tokensOf(source), folder, depth + 1));
  }
  return directives;
}

/** Reads a configuration. Raises where a file cannot be read. */
export function readNginxConf(path: string): readonly Directive[] {
  return included(path, path.slice(0, path.lastIndexOf('/') + 1), 0);
}
