// The names in backticks of a document: paths of this repository, and functions and types of its code.

/** Blocks of code and comments are no prose. */
const NOT_PROSE = /^```[\s\S]*?^```$|<!--[\s\S]*?-->/gm;
const BACKTICKS = /`([^`\n]+)`/g;

/** What ends so is a file of this repository, unless it is absolute, an address or a pattern. */
const FILE = /^[\w.-]+\.(?:ts|mts|mjs|js|json|md|lua|cfg|conf|yml)$/;
const PATH = /^[\w.-]+(?:\/[\w.-]+)+\/?$|^[\w.-]+\/$/;

/** What the build makes, and what npm installs. */
const NOT_COMMITTED = /^(?:dist|node_modules|\.cache)\//;

const CALL = /^([A-Za-z]\w*)\(.*\)$/;
const NAME = /^[A-Za-z][A-Za-z0-9]*$/;
const PLAIN_WORD = /^[a-z]+$/;

/** A function with its file: `begin()` (`src/token/flow.ts`). */
const CALL_OF_FILE = /`([A-Za-z]\w*)\([^`]*\)`\s+\(`([\w./-]+\.ts)`\)/g;

/** @param {string} text @returns {readonly (readonly [name: string, file: string])[]} functions that a document names with their files */
export function readCalls(text) {
  return [...text.replaceAll(NOT_PROSE, '').matchAll(CALL_OF_FILE)].map((match) => [match[1] ?? '', match[2] ?? '']);
}

const COMMENT = /(?:^|\s)\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/** A file in a comment, such as `steps.ts` or `docs/policy.md`. */
const FILE_IN_COMMENT = /(?<![\w/.*-])[A-Za-z][\w./-]*\.(?:ts|mjs|md)(?![\w/-]|\.\w)/g;

/**
 * Files that the comments of a source name.
 * @param {string} text
 * @returns {readonly string[]}
 */
export function readCited(text) {
  const comments = [...text.matchAll(COMMENT)].map((match) => match[0]);
  return [...new Set(comments.flatMap((comment) => [...comment.matchAll(FILE_IN_COMMENT)].map((match) => match[0])))];
}

/** @param {string} text @returns {readonly string[]} the texts in backticks in a document's prose, each once */
export function readBackticks(text) {
  const prose = text.replaceAll(NOT_PROSE, '');
  return [...new Set([...prose.matchAll(BACKTICKS)].map((match) => match[1] ?? ''))];
}

/**
 * Whether a text in backticks names a file or folder that does not exist.
 * @param {string} name
 * @param {ReadonlySet<string>} paths files and folders, from the root of the repository
 */
export function isLostPath(name, paths) {
  if (NOT_COMMITTED.test(name)) return false;
  if (PATH.test(name)) return !paths.has(name.replace(/\/$/, ''));
  if (!FILE.test(name) || paths.has(name)) return false;
  return ![...paths].some((path) => path.endsWith(`/${name}`));
}

/**
 * Whether a text in backticks names a function or type that no file exports. A word in small letters alone may also be
 * a string of the code, such as a step's `kind`.
 * @param {string} name
 * @param {ReadonlySet<string>} exported
 * @param {ReadonlySet<string>} words the strings of the code
 */
export function isLostName(name, exported, words) {
  const called = CALL.exec(name)?.[1];
  if (called !== undefined) return !exported.has(called);
  if (!NAME.test(name) || exported.has(name)) return false;
  return !(PLAIN_WORD.test(name) && words.has(name));
}
