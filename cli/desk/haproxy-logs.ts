// Lines of HAProxy's configuration that write secrets into the log: tokens, and the code of a sign-in.
import { answersCallbacks } from '../../haproxy/operate/broker-lines';
import type { Section } from '../../haproxy/operate/sections';
import { splitLine } from '../../haproxy/ports/configuration-line';
import type { Finding } from './finding';
import { findingAt, linesOf, type Scene } from './haproxy-scene';

const TOKEN_FIELD = /(?:hdr|fhdr)\(authorization/i;

/** Whether a line writes tokens into the log. */
function logsTokens(words: readonly string[]): boolean {
  const [keyword = ''] = words;
  const text = words.join(' ');
  if (/^(?:log-format|log-format-sd|error-log-format)$/.test(keyword)) return TOKEN_FIELD.test(text);
  if (keyword === 'capture') return /^capture request header authorization /i.test(text);
  return /^http-request capture /.test(text) && TOKEN_FIELD.test(text);
}

/** The fields of a format that hold the query of a request, with their flags: `%{+Q}r`. */
const QUERY_FIELD =
  /(%(?:\{[^}]*\})?(?:r|HU|HQ)(?![A-Za-z])|%(?:\{[^}]*\})?\[(?:capture\.req\.uri|url|pathq|query|url_param\(code\)|urlp\(code\))[\],(])/;
const FORMAT = /^(?:log-format|log-format-sd)$/;
const MEND = 'write `log-format "%ci %HM %HP %ST"`, whose `%HP` has no query';

/** What of a line writes the query of each request into the log; undefined where it does not. */
function queryIn(words: readonly string[]): string | undefined {
  const [keyword = '', name = ''] = words;
  if (keyword === 'option' && /^https?log$/.test(name)) return `option ${name}`;
  if (!FORMAT.test(keyword)) return undefined;
  return QUERY_FIELD.exec(words.slice(1).join(' '))?.[1];
}

const isLogin = (words: readonly string[]): boolean =>
  words[0] === 'http-request' && words[1] === 'use-service' && words[2] === 'lua.jwtlogin';

/** The line that decides how a section that answers sign-ins logs them, where that has the query. */
function findCodes(section: Section, { settings }: Scene): readonly Finding[] {
  const lines = linesOf(section);
  const signsIn = lines.some(({ line: { words } }) => isLogin(words)) || answersCallbacks(section, settings?.broker);
  // Whoever chooses what is logged by request has thought of it.
  const isSilenced = lines.some(({ line: { words } }) => words.slice(0, 2).join(' ') === 'http-request set-log-level');
  if (!signsIn || isSilenced) return [];
  // HAProxy logs by the last of these lines.
  const [last] = lines
    .filter(({ line: { words } }) => FORMAT.test(words[0] ?? '') || queryIn(words) !== undefined)
    .slice(-1);
  const field = last === undefined ? undefined : queryIn(last.line.words);
  if (last === undefined || field === undefined) return [];
  return [findingAt(last.place, 'warning', `writes the code of each sign-in into the log, by \`${field}\`; ${MEND}`)];
}

/** Finds them. */
export function findLogged(scene: Scene): readonly Finding[] {
  const { configuration, sections } = scene;
  const tokens = configuration.lines
    .filter(({ text }) => logsTokens(splitLine(text).words))
    .map(({ place }) =>
      findingAt(place, 'warning', 'writes tokens into the log, where others may read and use them; remove it'),
    );
  const codes = sections
    .filter(({ kind }) => kind === 'frontend' || kind === 'listen')
    .flatMap((section) => findCodes(section, scene));
  return [...tokens, ...codes];
}
