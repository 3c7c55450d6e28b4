// A configuration of HAProxy that verifies tokens without jwtverify, with jwtverify in place of what does: haproxytech's library
// for Lua, or HAProxy's own `jwt_verify`. Every other line stays as it is. INVARIANT: a line that refuses somebody goes only
// where jwtverify refuses them above every line that could let them in.
import { failure } from '../desk/failure';
import { checkHaproxyConf } from '../desk/haproxy-conf';
import { editText, indentOf, readHaproxyText, wordsAt, type Edits, type HaproxyText } from '../desk/haproxy-text';
import { withFiles } from './files';
import { translateOwnVerify } from './haproxy-jwt-verify';
import { LIBRARY, noteSkew, numbersOf, SKEW, writeLoad, writeSetting } from './haproxy-settings-lines';
import type { Migration, MigrationOptions, Note } from './migration';

/** The variables of the library. */
const SETTINGS: Readonly<Record<string, string>> = {
  OAUTH_PUBKEY_PATH: 'as it is: PEM, or a certificate',
  OAUTH_ISSUER: 'as it is: compared exactly, its last slash included',
  OAUTH_AUDIENCE: 'as it is: one, or several with blanks between; `aud` of a token may be a list',
  OAUTH_HMAC_SECRET: 'as it is: it needs 32 bytes or more, and no public key beside it',
};
const KEYS = ['OAUTH_PUBKEY_PATH', 'OAUTH_HMAC_SECRET'];

const keywordAt = (text: HaproxyText, number: number): string => wordsAt(text.lines, number)[0] ?? '';

/** What the operator's own rules read of the library, and what they get now. */
function noteUses(text: HaproxyText, notes: Note[]): void {
  const uses: readonly (readonly [pattern: RegExp, words: string])[] = [
    [/^http-request lua\.jwtverify\b/, 'the action has the same name'],
    [/\bvar\(txn\.authorized\)/, 'the same boolean'],
    [
      /\bvar\(txn\.oauth_scopes\)/,
      'the same text; `lua.oauth_has(SCOPE)` compares whole scopes, `-m sub` parts of them',
    ],
    [/\bvar\(txn\.oauth\./, 'the claim, once the token is verified'],
  ];
  for (const [pattern, words] of uses) {
    const lines = numbersOf(text, (own) => pattern.test(own.join(' ')));
    if (lines.length > 0) notes.push({ kind: 'translated', option: `line ${lines.join(', ')}`, words });
  }
}

/** The settings that the library could do without, and jwtverify cannot. */
function completeSettings(names: ReadonlySet<string>, options: MigrationOptions, notes: Note[]): readonly string[] {
  const lines: string[] = [];
  const lacks = (option: string, words: string): number => notes.push({ kind: 'no equal', option, words });
  const elsewhere = 'no line sets it; HAProxy does not start unless its environment does';
  if (!names.has('OAUTH_ISSUER')) {
    if (options.issuer === undefined)
      lacks('OAUTH_ISSUER', `${elsewhere}. The library accepted any issuer then; name yours with --issuer`);
    else lines.push(writeSetting('OAUTH_ISSUER', options.issuer));
  }
  if (!names.has('OAUTH_AUDIENCE')) {
    if (options.audiences.length === 0)
      lacks('OAUTH_AUDIENCE', `${elsewhere}. The library accepted any audience then; name yours with --audience`);
    else lines.push(writeSetting('OAUTH_AUDIENCE', options.audiences.join(' ')));
  }
  if (!KEYS.some((name) => names.has(name))) lacks('OAUTH_PUBKEY_PATH', elsewhere);
  return lines;
}

/** With the library: the file that is loaded is another one, and all else is called as before. */
function translateLibrary(text: HaproxyText, load: number, options: MigrationOptions, notes: Note[]): string {
  const names = new Set<string>();
  for (const number of numbersOf(text, ([keyword = '']) => /^(?:setenv|presetenv)$/.test(keyword))) {
    const name = wordsAt(text.lines, number)[1] ?? '';
    const words = SETTINGS[name];
    names.add(name);
    if (words !== undefined) notes.push({ kind: 'translated', option: name, words });
  }
  notes.push({
    kind: 'translated',
    option: `line ${String(load)}`,
    words: `\`${options.module}\` is loaded in its place`,
  });
  for (const number of numbersOf(text, ([keyword = '']) => keyword === 'lua-prepend-path'))
    notes.push({
      kind: 'no effect',
      option: `line ${String(number)}`,
      words: 'jwtverify needs no library of JSON or base64',
    });
  noteUses(text, notes);
  const own = completeSettings(names, options, notes);
  const indent = indentOf(text.lines[load - 1] ?? '');
  const skew = names.has(SKEW) ? [] : [noteSkew(notes)];
  const lines = [...writeLoad(text, options.module), ...own, ...skew].map((line) => indent + line);
  const edits: Edits = new Map([[load, lines]]);
  return editText(text.lines, edits, []);
}

/** What of the result HAProxy would refuse to start with. */
function findFaults(result: string): readonly Note[] {
  const found = withFiles({ 'haproxy.cfg': result }, '', (folder) => checkHaproxyConf([`${folder}/haproxy.cfg`], ''));
  return (found ?? [])
    .filter(({ severity }) => severity === 'error')
    .map(({ line, place, message }) => ({
      kind: 'no equal',
      option: line === undefined ? place : `haproxy.cfg:${String(line)}`,
      words: `HAProxy does not start: ${message}`,
    }));
}

/**
 * Translates a configuration of HAProxy.
 * @throws a failure where it verifies no tokens
 */
export function migrateHaproxy(path: string, source: string, options: MigrationOptions): Migration {
  const text = readHaproxyText(source);
  const notes: Note[] = [];
  const [load] = numbersOf(
    text,
    (words) => /^lua-load/.test(words[0] ?? '') && words.some((word) => LIBRARY.test(word)),
  );
  const result =
    load === undefined ? translateOwnVerify(text, options, notes) : translateLibrary(text, load, options, notes);
  if (result === undefined)
    throw failure(
      `${path}: has neither \`lua-load .../jwtverify.lua\` nor \`jwt_verify\`, so nothing of it is for jwtverify`,
    );
  const own = load === undefined ? [] : numbersOf(text, (words) => words.join(' ').includes(',jwt_verify('));
  for (const number of own)
    notes.push({
      kind: 'translated',
      option: `line ${String(number)}`,
      words: `${keywordAt(text, number)} with HAProxy's own \`jwt_verify\` stays, and goes on guarding what it guards`,
    });
  return { files: { 'haproxy.cfg': result }, notes: [...notes, ...findFaults(result)] };
}
