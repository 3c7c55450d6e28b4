// Headers that name the caller to a backend of nginx, and that a client can send as well: nginx takes the lines of an outer
// block away from a block that has a line of its own.
import { error, type Finding } from './finding';
import { named, type Block } from './nginx-blocks';

const HANDS_ON = ['proxy_pass', 'grpc_pass'];
const FROM_TOKEN = /^\$(?:oauth_|jwtverify_header_)/;
const OF_CLIENT = /^\$\{?http_/;

/** The variables that `auth_request_set` takes out of an answer of the module. */
function variablesIn(all: Block): readonly string[] {
  return named(all, 'auth_request_set')
    .filter(({ words }) => /_http_x_oauth_(?!status|reason|rule|shadow)/.test(words[2] ?? ''))
    .map(({ words }) => words[1] ?? '');
}

/** The identity headers that a block itself sets, in small letters. */
function identityIn(block: Block, variables: readonly string[]): readonly string[] {
  return named(block, 'proxy_set_header')
    .filter(({ words }) => FROM_TOKEN.test(words[2] ?? '') || variables.includes(words[2] ?? ''))
    .map(({ words }) => (words[1] ?? '').toLowerCase());
}

function checkBlock(
  block: Block,
  outer: readonly string[],
  variables: readonly string[],
  place: string,
): readonly Finding[] {
  const lines = named(block, 'proxy_set_header');
  const own = lines.map(({ words }) => (words[1] ?? '').toLowerCase());
  const inForce = lines.length === 0 ? outer : identityIn(block, variables);
  const handsOn = block.some(({ words }) => HANDS_ON.includes(words[0] ?? ''));
  const lost = handsOn && lines.length > 0 ? outer.filter((name) => !own.includes(name)) : [];
  const copied = lines.filter(({ words }) => /^x-oauth-/i.test(words[1] ?? '') && OF_CLIENT.test(words[2] ?? ''));
  const within = block
    .filter(({ words, block: inner }) => inner !== undefined && ['location', 'if', 'server'].includes(words[0] ?? ''))
    .flatMap(({ words, block: inner = [] }) => checkBlock(inner, inForce, variables, words.join(' ')));
  const findings = copied.map(({ words }) =>
    error(
      place,
      `sends the client's own ${words[1] ?? ''} to the backend (\`${words[2] ?? ''}\`); take the value out of the answer of jwtverify`,
    ),
  );
  if (lost.length === 0) return [...findings, ...within];
  const message = `has \`proxy_set_header\` lines of its own, so those for ${lost.join(', ')} around it do not count, and clients can send these headers; repeat them here`;
  return [error(place, message), ...findings, ...within];
}

/** Finds them. @param all every directive, those within blocks too */
export function checkNginxHeaders(http: Block, all: Block): readonly Finding[] {
  return checkBlock(http, [], variablesIn(all), 'http');
}
