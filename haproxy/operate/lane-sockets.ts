// Who may write into the lane's maps over a `stats socket`: HAProxy before 3.3 checks no level for `add map` and `set map`.
import { splitSpaces } from '../../src/codec/words';
import type { Problem } from '../../src/model/problem';
import { LANE_SOCKETS } from '../../src/settings/table';
import type { ConfigurationLine } from '../ports/configuration';
import { splitLine } from '../ports/configuration-line';
import type { Findings } from './configuration-gaps';

/** HAProxy's own level for a socket that names none. */
const NO_LEVEL = 'operator';
/** The last digit of a mode that lets every user of the machine write. */
const WRITES: readonly string[] = ['2', '3', '6', '7'];

interface Socket {
  readonly place: string;
  readonly address: string;
  readonly level: string;
  readonly mode: string;
}

function readSocket({ place, text }: ConfigurationLine): Socket | undefined {
  const { words, certain } = splitLine(text);
  if (words[0] !== 'stats' || words[1] !== 'socket') return undefined;
  let level = NO_LEVEL;
  let mode = '';
  for (const [index, word] of words.entries()) {
    if (word === 'level') level = words[index + 1] ?? '';
    if (word === 'mode') mode = words[index + 1] ?? '';
  }
  // What the environment decides is unknown.
  return certain < words.length
    ? { place, address: words[2] ?? '', level: '', mode }
    : { place, address: words[2] ?? '', level, mode };
}

/** Whether it is a file, whose mode says who may use it. */
function isFile({ address }: Socket): boolean {
  return string.match(address, '^/')[0] !== undefined || string.match(address, '^unix@/')[0] !== undefined;
}

/** Whether everybody who may use it is one who may do everything there. */
function isPrivate({ level, mode }: Socket): boolean {
  return level === 'admin' && !WRITES.includes(string.sub(mode, -1));
}

const isOld = (version: string): boolean => {
  const [major, minor] = string.match(version, '^(%d+)%.(%d+)');
  return major === undefined || minor === undefined || (tonumber(major) ?? 0) * 1000 + (tonumber(minor) ?? 0) < 3003;
};

const EFFECT = ' can let any token pass in the lane, whatever its level: HAProxy before 3.3 checks none for `add map`';
const EXCUSE = ', or name `';
const TRUST = '` in ' + LANE_SOCKETS.name + ', where you vouch for who reaches it';

/**
 * Finds each socket whose users may be others than those who may do everything: a problem where it is no file, for an
 * address has no mode.
 * @param named the value of OAUTH_LANE_SOCKETS
 * @param version of HAProxy; empty where it is not known
 */
export function findOpenSockets(
  lines: readonly ConfigurationLine[],
  named: string | undefined,
  version: string,
): Findings {
  const problems: Problem[] = [];
  const notices: Problem[] = [];
  const trusted = splitSpaces(named ?? '');
  const sockets: Socket[] = [];
  for (const line of lines) {
    const socket = readSocket(line);
    if (socket !== undefined) sockets.push(socket);
  }
  for (const socket of isOld(version) ? sockets : []) {
    const { place, address } = socket;
    if (trusted.includes(address)) continue;
    const cause = 'whoever reaches `stats socket ' + address + '`' + EFFECT;
    if (!isFile(socket)) {
      problems.push({ setting: place, message: cause + '; make it a file' + EXCUSE + address + TRUST });
    } else if (!isPrivate(socket)) {
      notices.push({ setting: place, message: cause + '; give it `mode 600 level admin`' + EXCUSE + address + TRUST });
    }
  }
  for (const name of trusted) {
    if (sockets.some(({ address }) => address === name)) continue;
    const message = 'names `' + name + '`, and no `stats socket` has this address; remove the name';
    problems.push({ setting: LANE_SOCKETS.name, message });
  }
  return { problems, notices };
}
