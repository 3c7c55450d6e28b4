// Whether the settings and the configuration of HAProxy allow a lane, and which one.
import type { Problem } from '../../src/model/problem';
import type { Settings } from '../../src/model/settings';
import { CACHE_AGE, CACHE_SIZE, CLAIM_VARIABLES, DENY_PATH, LANE_SIZE, TOKEN_FROM } from '../../src/settings/table';
import type { Configuration, ConfigurationLine } from '../ports/configuration';
import { splitLine } from '../ports/configuration-line';
import type { LanePlan } from '../ports/lane-map';
import { LANE_ACTION, makeLines, takeLane } from './lane-lines';
import { findOpenSockets } from './lane-sockets';

const MOST_TOKENS = 1000000;
/** Each claim costs every request in the lane a line. */
const MOST_CLAIMS = 16;
/** Tokens that are remembered for fewer seconds would hardly ever enter. */
const LEAST_AGE = 30;
/** HAProxy's own default; it cuts a longer value of a map. */
const LEAST_BUFFER = 16384;
const FIRST_VERSION = 3;

/** A lane, or none; and the configuration without its lines. */
export interface Planned {
  readonly plan: LanePlan | undefined;
  readonly configuration: Configuration;
  readonly problems: readonly Problem[];
  readonly notices: readonly Problem[];
}

/** What the operator says of it. */
export interface LaneWish {
  /** The value of OAUTH_LANE_SIZE. */
  readonly size: string | undefined;
  /** That of OAUTH_LANE_SOCKETS. */
  readonly sockets: string | undefined;
}

function readSize(value: string): number | undefined {
  const size = string.match(value, '^%d+$')[0] === undefined || value.length > 7 ? undefined : tonumber(value);
  return size !== undefined && size <= MOST_TOKENS ? size : undefined;
}

/** What of the settings the lane cannot do. */
function findLimits({ claimVariables, tokenPlaces, cache, denyPath, policy }: Settings): readonly string[] {
  const limits: string[] = [];
  if (policy !== undefined) limits.push('is for settings without a policy file, whose rules stay in Lua; unset it');
  if (claimVariables === undefined) {
    limits.push(
      'needs `' + CLAIM_VARIABLES.name + '`, the claims that your rules, headers and logs read; set it, empty for none',
    );
  } else if (claimVariables.length > MOST_CLAIMS) {
    limits.push('is for at most ' + MOST_CLAIMS.toString() + ' claims in `' + CLAIM_VARIABLES.name + '`');
  }
  if (tokenPlaces !== undefined)
    limits.push('is for tokens in `Authorization` alone; unset it, or `' + TOKEN_FROM.name + '`');
  if (cache.age < LEAST_AGE) limits.push('needs `' + CACHE_AGE.name + '` of ' + LEAST_AGE.toString() + ' or more');
  if (cache.size === 0) limits.push('needs remembered tokens, and `' + CACHE_SIZE.name + '` is 0');
  if (denyPath !== undefined && string.match(denyPath, '^[%w/._-]+$')[0] === undefined) {
    limits.push('needs a path of letters, digits, `/`, `.`, `_` and `-` in `' + DENY_PATH.name + '`');
  }
  return limits;
}

/** A line that lets HAProxy lose what the lane sets, for HAProxy goes on without a variable that has no room. */
function isNarrow({ text }: ConfigurationLine): boolean {
  const { words, certain } = splitLine(text);
  const [keyword = '', value] = words;
  if (string.sub(keyword, 1, 10) === 'tune.vars.') return true;
  return keyword === 'tune.bufsize' && (certain < words.length || (tonumber(value ?? '') ?? 0) < LEAST_BUFFER);
}

/** What of HAProxy's own configuration is in the way. */
function findObstacles({ lines, unread }: Configuration, version: string): readonly Problem[] {
  const problems: Problem[] = [];
  const [file] = unread;
  if (file !== undefined) {
    const message = 'needs files that can be read again, to see that its lines are whole; `' + file.path + '` cannot';
    problems.push({ setting: LANE_SIZE.name, message });
  }
  const narrow = lines.find((line) => isNarrow(line));
  if (narrow !== undefined) {
    const cause = 'leaves out variables of the lane that do not fit; remove it, or unset ' + LANE_SIZE.name;
    problems.push({ setting: narrow.place, message: cause });
  }
  const [number] = string.match(version, '^(%d+)%.');
  if (number !== undefined && (tonumber(number) ?? 0) < FIRST_VERSION) {
    const cause = 'needs HAProxy 3.0 or later: ' + version + ' walks through the whole map for each token that it adds';
    problems.push({ setting: LANE_SIZE.name, message: cause });
  }
  return problems;
}

/** The lines for the operator, under a message. HAProxy itself adds words at its end. */
function show(lines: readonly string[]): string {
  return lines.map((line) => '\n  ' + line).join('') + '\n';
}

/**
 * The lane of these settings.
 * @param settings undefined where they are broken, or not known
 * @param configuration undefined in a Lua state that need not look at it
 * @param version of HAProxy; empty where it is not known
 */
export function planLane(
  settings: Settings | undefined,
  wish: LaneWish,
  configuration: Configuration | undefined,
  version: string,
): Planned {
  const all = configuration ?? { lines: [], unread: [] };
  const size = wish.size === undefined ? 0 : readSize(wish.size);
  if (settings === undefined || size === undefined || size === 0) {
    const taken = takeLane(all.lines, undefined);
    const range = '0 to ' + MOST_TOKENS.toString();
    const wrong = { setting: LANE_SIZE.name, message: 'is not a whole number of tokens from ' + range };
    const problems = settings === undefined ? [] : size === undefined ? [wrong] : taken.problems;
    return { plan: undefined, configuration: { ...all, lines: taken.lines }, problems, notices: [] };
  }
  const claims = (settings.claimVariables ?? []).filter((name, place, all) => all.indexOf(name) === place);
  const { generation, lines } = makeLines(claims, settings.denyPath);
  const limits = findLimits(settings).map((message) => ({ setting: LANE_SIZE.name, message }));
  const plan = { size, claims, generation, lines };
  if (limits.length > 0 || configuration === undefined)
    return { plan, configuration: all, problems: limits, notices: [] };
  const taken = takeLane(all.lines, lines);
  const sockets = findOpenSockets(all.lines, wish.sockets, version);
  const problems = [...findObstacles(all, version), ...sockets.problems, ...taken.problems];
  if (taken.count === 0 || taken.problems.length > 0) {
    const message = 'put these lines directly above the action, and a condition behind it:';
    problems.push({ setting: LANE_SIZE.name, message: message + show([...lines, LANE_ACTION]) });
  }
  return { plan, configuration: { ...all, lines: taken.lines }, problems, notices: sockets.notices };
}
