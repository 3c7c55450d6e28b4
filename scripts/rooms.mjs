// The rooms of the house: every folder of src/, haproxy/ and nginx/, from the ground up, what belongs there, and which rooms
// it may import. The linter holds each file to it, `scripts/architecture.mjs` each folder, and docs/architecture.md shows it.
import path from 'node:path';

/**
 * @typedef {object} Room
 * @property {string} folder a folder, or a file beside the rooms of a host; what is below a folder belongs to it
 * @property {string} holds what belongs there, in one sentence
 * @property {readonly string[]} imports the rooms of its own house that it may import
 */

/** @param {string} folder @param {string} holds @param {string} [imports] their names, with spaces between */
const room = (folder, holds, imports = '') => {
  const house = folder.slice(0, folder.indexOf('/'));
  const names = imports === '' ? [] : imports.split(' ');
  return { folder, holds, imports: names.map((name) => `${house}/${name}`) };
};

/** @type {Readonly<Record<string, readonly Room[]>>} */
export const HOUSES = {
  src: [
    room('src/model', 'Plain data that everything else reads: settings, policy, algorithms, keys, problems.'),
    room(
      'src/codec',
      'Bytes and text: base64, PEM, DER, strict JSON, percent-encoding; the same answer on every engine.',
    ),
    room('src/memory', 'Bounded memories: two generations of entries, and a budget for costly work.'),
    room('src/metrics', 'What Prometheus reads: the names of all metrics, and the text format.', 'model'),
    room('src/ports', 'What a host must offer: interfaces only.', 'model'),
    room('src/answer', 'What a request gets: reasons, decisions, challenges, problem details.', 'codec'),
    room('src/crypto', 'Signatures and hashes in plain TypeScript.', 'codec model ports'),
    room(
      'src/claims',
      'What claims mean: paths, conditions, scopes, identity, variables, forwarded headers.',
      'answer codec model',
    ),
    room('src/request', 'What a request asks for, in one canonical form: method, host, path.', 'answer codec model'),
    room(
      'src/keys',
      "An issuer's keys: read, bound to algorithms, fetched and kept over time.",
      'codec crypto model ports',
    ),
    room(
      'src/policy',
      'What a policy decides, for each request: the rule, its requirements, the judgement.',
      'answer claims codec model request',
    ),
    room(
      'src/token',
      'The checks of a token in the order of the RFCs, as steps that never wait.',
      'answer claims codec keys memory model ports',
    ),
    room(
      'src/login',
      'Signing in a browser: sealed cookies, sessions, and the code flow of OpenID Connect as steps that never wait.',
      'answer claims codec crypto keys model ports request token',
    ),
    room(
      'src/mint',
      'What an issuer makes: the claims of its tokens, and the documents that it publishes of itself.',
      'codec crypto keys model',
    ),
    room(
      'src/broker',
      'The issuer that this proxy is: whom it signs in, where it looks them up, and how their tokens get to an audience.',
      'answer codec keys login mint model ports token',
    ),
    room(
      'src/settings',
      'Settings out of the environment or a policy file, compiled once, with every problem at once.',
      'broker claims codec crypto keys login mint model policy ports request token',
    ),
  ],
  haproxy: [
    room('haproxy/host.d.ts', 'What is used of HAProxy in Lua, in types.'),
    room('haproxy/luaossl.d.ts', 'What is used of luaossl, in types.'),
    room('haproxy/ports', 'What HAProxy offers the core: environment, text, HTTP, hashes, signatures, log, deny list.'),
    room('haproxy/answer', 'A decision as HAProxy has it: variables, headers, replies.', 'ports'),
    room(
      'haproxy/store',
      'What lasts between requests: keys, remembered tokens, questions to issuers.',
      'ports answer',
    ),
    room('haproxy/operate', 'What the operator sees: start, configuration check, status.', 'ports store'),
    room(
      'haproxy/judge',
      'A request on its way through the checks, in an action or as a service.',
      'ports answer store operate',
    ),
    room('haproxy/main.ts', 'What a configuration can call.', 'ports answer store operate judge'),
  ],
  nginx: [
    room('nginx/njs.ts', 'What is used of njs, in types, and what njs-types does not declare.'),
    room('nginx/host-check.ts', 'A check at compile time: njs.ts says what njs-types says.', 'njs.ts'),
    room(
      'nginx/ports',
      'What nginx offers the core: environment, text, HTTP, signatures, log, dictionaries.',
      'njs.ts',
    ),
    room(
      'nginx/answer',
      'A decision as nginx has it: variables, replies, lines for the configuration.',
      'njs.ts ports',
    ),
    room(
      'nginx/store',
      'What lasts between requests: settings, keys, policy, remembered tokens.',
      'njs.ts ports answer',
    ),
    room(
      'nginx/judge',
      'A request on its way through the checks: the parts that pass, refuse and verify.',
      'njs.ts ports answer store',
    ),
    room('nginx/operate', 'What the operator asks for, a verb each.', 'njs.ts ports answer store'),
    room(
      'nginx/parts',
      'The parts of the module as the build wraps them: a function each, opened when it is needed.',
      'judge',
    ),
    room('nginx/main.ts', 'What `js_import` brings into a configuration.', 'njs.ts ports answer store judge parts'),
  ],
  cli: [
    room('cli/ports', 'What Node offers the core: files, variables, HTTP.'),
    room('cli/print', 'Results, warnings and errors, with colours on a terminal.'),
    room('cli/desk', 'A policy, its keys and a request at the desk: judged by the core, check by check.', 'ports'),
    room(
      'cli/write',
      'What an operator gets to keep: configurations, policies, keys, tokens, words for a shell.',
      'ports desk',
    ),
    room('cli/trial', 'Cases in real proxies: policy, configuration, processes.', 'ports desk write'),
    room('cli/commands', 'A file for each command.', 'ports print desk write trial'),
    room(
      'cli/words',
      'The words of a command that an operator can type, and their help.',
      'ports print desk write commands',
    ),
    room('cli/program.ts', 'All words that an operator can type.', 'print commands words'),
    room('cli/main.ts', 'The command `jwtverify`.', 'print desk program.ts'),
  ],
};

/** What runs on Node as it runs in a proxy: the command has these files from there. */
export const SHARED = [
  'schema/policy.schema.json',
  'haproxy/ports/wanted-lines.ts',
  'nginx/answer/forward-lines.ts',
  'nginx/answer/forward-mark.ts',
  'nginx/answer/remainder-lines.ts',
  'haproxy/ports/configuration.ts',
  'haproxy/ports/configuration-line.ts',
  'haproxy/operate/broker-lines.ts',
  'haproxy/operate/conditions.ts',
  'haproxy/operate/configuration-gaps.ts',
  'haproxy/operate/lane-plan.ts',
  'haproxy/operate/rules.ts',
  'haproxy/operate/sections.ts',
  'haproxy/operate/unknown-names.ts',
  'nginx/ports/text.ts',
  'nginx/ports/signatures.ts',
  'nginx/ports/configuration.ts',
  'nginx/operate/configuration-gaps.ts',
  'nginx/operate/login-gaps.ts',
  'nginx/operate/open-locations.ts',
];

/**
 * The room of a file.
 * @param {string} file from the root of the repository, with `/`
 * @param {Readonly<Record<string, readonly Room[]>>} [houses]
 * @returns {Room | undefined} undefined for a file outside of the houses, or in a folder that is not a room
 */
export function findRoom(file, houses = HOUSES) {
  const rooms = houses[file.slice(0, file.indexOf('/'))] ?? [];
  return rooms.find(({ folder }) => file === folder || file.startsWith(`${folder}/`));
}

/** Whether files of one room may import those of another. @param {Room} from @param {Room} to */
export const mayImport = (from, to) => to === from || from.imports.includes(to.folder);

/**
 * Why a file may not import another of the same house.
 * @param {string} file
 * @param {string} specifier as it is written there
 * @returns {string | undefined} undefined when it may
 */
export function findForbidden(file, specifier) {
  const house = file.slice(0, file.indexOf('/'));
  if (HOUSES[house] === undefined || !specifier.startsWith('.')) return undefined;
  const target = path.posix.join(path.posix.dirname(file), specifier);
  if (!target.startsWith(`${house}/`)) return undefined;
  const from = findRoom(file);
  if (from === undefined) return `${file} is in no room that scripts/rooms.mjs names`;
  const to = findRoom(target) ?? findRoom(`${target}.ts`);
  if (to === undefined) return `${target} is in no room that scripts/rooms.mjs names`;
  return mayImport(from, to) ? undefined : `${from.folder} may not import ${to.folder}: see scripts/rooms.mjs`;
}
