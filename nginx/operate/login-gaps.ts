// Found in nginx's configuration for login: `add_header` lines that a location loses by those of a refreshed session, and a
// dictionary that forgets who signed out.
import { SET_COOKIE_VARIABLE } from '../answer/remainder-lines';
import { findHttpBlocks, type Directive } from '../ports/configuration';

const FIRST_COOKIE = '$' + SET_COOKIE_VARIABLE + '1';

/** The headers that a block itself adds to answers. */
function headersOf(block: readonly Directive[]): readonly string[] {
  return block.filter((one) => one.words[0] === 'add_header').map((one) => one.words[1] ?? '');
}

function setsCookies(block: readonly Directive[]): boolean {
  return block.some((one) => one.words[0] === 'add_header' && one.words[2] === FIRST_COOKIE);
}

/** The headers that locations lose, of those that are inherited. */
function lostIn(block: readonly Directive[], inherited: readonly string[]): readonly string[] {
  let lost: readonly string[] = [];
  for (let index = 0; index < block.length; index++) {
    const inner = block[index]?.block;
    if (inner === undefined || block[index]?.words[0] !== 'location') continue;
    const own = headersOf(inner);
    if (setsCookies(inner)) lost = lost.concat(inherited.filter((name) => own.indexOf(name) < 0));
    lost = lost.concat(lostIn(inner, own.length > 0 ? own : inherited));
  }
  return lost;
}

/** The headers of `add_header` lines that are not in force in a location with the lines of `jwtverify.forward`. */
export function findLostHeaders(configuration: readonly Directive[]): readonly string[] {
  const blocks = findHttpBlocks(configuration);
  const around = headersOf(blocks.http);
  let lost: readonly string[] = [];
  for (let index = 0; index < blocks.servers.length; index++) {
    const server = blocks.servers[index] ?? [];
    const own = headersOf(server);
    lost = lost.concat(lostIn(server, own.length > 0 ? own : around));
  }
  return lost.filter((name, index) => lost.indexOf(name) === index);
}

/** Whether the dictionary of those who signed out drops some when it is full. */
export function forgetsEnded(configuration: readonly Directive[]): boolean {
  return findHttpBlocks(configuration).http.some(
    (one) =>
      one.words[0] === 'js_shared_dict_zone' &&
      one.words.some((word) => word.indexOf('zone=jwtverify_ended:') === 0) &&
      one.words.indexOf('evict') >= 0,
  );
}
