// Lines of nginx's configuration that write secrets into the access log: tokens, and the code of a sign-in.
import { findHttpBlocks } from '../../nginx/ports/configuration';
import { warning, type Finding } from './finding';
import {
  everyDirective,
  functionOf,
  inherited,
  locationsOf,
  named,
  type Block,
  type Directive,
  type Placed,
} from './nginx-blocks';

const TOKENS = /\$\{?(?:http_authorization|cookie_\w*token|sent_http_authorization)\b/;
/** What holds the query of a request. */
const QUERY = /\$\{?(request|request_uri|args|query_string|arg_code)\b/;
const MEND =
  "write `log_format path '$remote_addr $request_method $uri $status';`, and its name into this location's `access_log`";

const formatOf = ({ words }: Directive): string => words.slice(2).join(' ');

/** The variable by which a line of `access_log` writes the query; undefined where none does, or not every request is logged. */
function queryIn({ words }: Directive, formats: ReadonlyMap<string, string>): string | undefined {
  const further = words.slice(2);
  if (words[1] === 'off' || further.some((word) => word.startsWith('if='))) return undefined;
  const name = further.find((word) => !word.includes('=')) ?? 'combined';
  // nginx's own format, which nobody has to define.
  const format = formats.get(name) ?? (name === 'combined' ? '"$request"' : '');
  return QUERY.exec(format)?.[1];
}

function checkLogin(placed: Placed, formats: ReadonlyMap<string, string>): readonly Finding[] {
  const lines = inherited(placed, 'access_log');
  const inForce = lines.length === 0 ? [{ words: ['access_log', '(the default)'], block: undefined }] : lines;
  const [found] = inForce.flatMap((line) => {
    const variable = queryIn(line, formats);
    return variable === undefined ? [] : [{ variable, path: line.words[1] ?? '' }];
  });
  if (found === undefined) return [];
  const message = `the access log gets \`$${found.variable}\`, which has the code of each sign-in`;
  return [warning(placed.name, `answers sign-ins, and ${message}; ${MEND}`)];
}

/**
 * Finds them.
 * @param modules the names that `js_import` gives the module
 * @param callbacks further locations that get the code of a sign-in
 */
export function checkLogs(
  configuration: Block,
  modules: readonly string[],
  callbacks: readonly Placed[],
): readonly Finding[] {
  const { http, servers } = findHttpBlocks(configuration);
  const formats = named(everyDirective(configuration), 'log_format');
  const texts = new Map(formats.map((line) => [line.words[1] ?? '', formatOf(line)]));
  const tokens = formats
    .filter((line) => TOKENS.test(formatOf(line)))
    .map(({ words }) =>
      warning(words.slice(0, 2).join(' '), 'writes tokens into the log, where others may read and use them; remove it'),
    );
  const logins = servers
    .flatMap((server) => locationsOf(server, [http]))
    // A named location has no address of its own: whoever comes there came without a code.
    .filter((placed) => !placed.name.startsWith('location @') && functionOf(placed, modules) === 'login');
  return [...tokens, ...[...logins, ...callbacks].flatMap((placed) => checkLogin(placed, texts))];
}
