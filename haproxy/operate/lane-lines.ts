// The lines of the lane for the operator's settings, and where the configuration has them. They count only whole, in their
// order, and directly above the action: HAProxy does not start with anything else that names a variable of theirs.
import { AUTHORIZED, CLAIM_VARIABLES, SCOPES_VARIABLE, TRANSACTION } from '../../src/answer/contract';
import { CHALLENGE_VARIABLE, REASON_VARIABLE, STATUS_VARIABLE } from '../../src/answer/contract';
import { hexOf, octetsOf } from '../../src/crypto/octets';
import { sha256 } from '../../src/crypto/sha256';
import type { Problem } from '../../src/model/problem';
import { LANE_SIZE } from '../../src/settings/table';
import {
  DENIAL_FIELD,
  EMPTY_FIELD,
  ENTRIES,
  FIELD_END_WRITTEN,
  GENERATION,
  kindOf,
  LANE_AGE,
  LANE_MARGIN,
  MOST_DENIALS,
  SCOPES_FIELD,
  STATES,
  type ClaimKind,
} from '../ports/lane-map';
import type { ConfigurationLine } from '../ports/configuration';
import { splitLine } from '../ports/configuration-line';
import { ENFORCE, JUDGES } from './rules';

/** Every line of the lane but the first one has this, and no other line of a configuration may. */
const MARK = 'jwtlane';
const OK = `${TRANSACTION}${MARK}`;
const ENTRY = `${OK}_entry`;
const TIME = `${OK}_time`;
const DENIED = `${MARK}_denied`;
const RESET = `unset-var(${TRANSACTION}${AUTHORIZED})`;
const SET = 'http-request set-var(' + TRANSACTION;
const BEHIND = `unless { var(${TRANSACTION}${AUTHORIZED}) -m bool }`;
/** The action below the lane. */
const writeAction = (name: string): string => 'http-request ' + name + ' ' + BEHIND;
export const LANE_ACTION = writeAction(ENFORCE);
const IS_OK = ` if { var(${OK}) -m found }`;

/** A request that an action would leave as it is, but for its variables. */
const PLAIN =
  '{ req.fhdr_cnt(authorization) 1 } !{ req.fhdr(upgrade) -m found } !{ req.fhdr(http2-settings) -m found } ' +
  `!{ var(${TRANSACTION}${REASON_VARIABLE}) -m found } `;
const WITHOUT_CONNECTION = PLAIN + '{ req.fhdr_cnt(connection) 0 }';
const WITH_CONNECTION = PLAIN + '{ req.fhdr_cnt(connection) 1 } { req.fhdr(connection) -m str -i keep-alive close }';

/** How text becomes a variable of each kind. */
const CONVERSIONS: Readonly<Record<ClaimKind, string>> = { text: '', number: ',add(0)', boolean: ',bool' };

/** A field of an entry. */
function field(variable: string, name: string): string {
  return 'var(' + variable + '),param(' + name + ',' + FIELD_END_WRITTEN + ')';
}

function listDenials(denyPath: string | undefined): readonly string[] {
  const lines: string[] = [];
  if (denyPath === undefined) return lines;
  for (let place = 1; place <= MOST_DENIALS; place++) {
    const entry = field(ENTRY, DENIAL_FIELD + place.toString());
    lines.push('acl ' + DENIED + ' ' + entry + ',map_str(' + denyPath + ') -m found');
  }
  return lines;
}

/** The lines, with a name for the generation. */
function listLines(claims: readonly string[], denyPath: string | undefined, generation: string): readonly string[] {
  const range = LANE_MARGIN.toString() + ':' + LANE_AGE.toString();
  const isDenied = denyPath === undefined ? '' : ' !' + DENIED;
  const key = 'req.fhdr(authorization),sha2(256),base64,map_str(' + ENTRIES + ')';
  const claimLines = claims.map(
    (claim, index) =>
      SET + CLAIM_VARIABLES + claim + ') ' + field(OK, (index + 1).toString()) + CONVERSIONS[kindOf(claim)],
  );
  return [
    ...listDenials(denyPath),
    'http-request ' + RESET,
    'http-request unset-var(' + ENTRY + ')',
    'http-request unset-var(' + TIME + ')',
    'http-request unset-var(' + OK + ')',
    'http-request set-var(' + ENTRY + ') ' + key + ' if ' + WITHOUT_CONNECTION + ' or ' + WITH_CONNECTION,
    'http-request set-var(' + TIME + ') str(' + generation + '),map_str_int(' + GENERATION + '),sub(' + ENTRY + ')',
    'http-request set-var(' +
      OK +
      ') var(' +
      ENTRY +
      ') if { date(),add(' +
      TIME +
      '),neg -m int ' +
      range +
      ' }' +
      isDenied,
    SET + STATUS_VARIABLE + ') int(200)' + IS_OK,
    ...claimLines,
    SET + SCOPES_VARIABLE + ') ' + field(OK, SCOPES_FIELD),
    SET + REASON_VARIABLE + ') ' + field(OK, EMPTY_FIELD),
    SET + CHALLENGE_VARIABLE + ') ' + field(OK, EMPTY_FIELD),
    // Its time and generation are no zero.
    SET + AUTHORIZED + ') var(' + OK + '),bool',
  ];
}

/** The lines, and the name for the generation in them: what the lines are without it, so that no others have it. */
export function makeLines(
  claims: readonly string[],
  denyPath: string | undefined,
): { readonly generation: string; readonly lines: readonly string[] } {
  const digest = sha256(octetsOf(listLines(claims, denyPath, '').join('\n')));
  const name = hexOf(digest.slice(0, 8));
  return { generation: name, lines: listLines(claims, denyPath, name) };
}

/** The configuration without the lane: a request that passes there has what the action would have given it. */
export interface Taken {
  readonly lines: readonly ConfigurationLine[];
  /** In how many places the lines are. */
  readonly count: number;
  readonly problems: readonly Problem[];
}

/** A line as HAProxy understands it; empty where the environment decides. */
function normalize({ text }: ConfigurationLine): string {
  const { words, certain } = splitLine(text);
  return certain < words.length ? '' : words.join('\n');
}

const BROKEN =
  'the lines of the lane are not as jwtverify prints them for these settings, all of them directly above `' +
  LANE_ACTION +
  '`; replace them';
const UNWANTED = 'has a line of the lane, but ' + LANE_SIZE.name + ' is not set; remove its lines, or set it';

/** The action below the lane, as it would be without; undefined for any other line. */
function readAction(line: ConfigurationLine | undefined): ConfigurationLine | undefined {
  if (line === undefined) return undefined;
  const text = normalize(line);
  const action = JUDGES.find((name) => text === writeAction(name).split(' ').join('\n'));
  return action === undefined ? undefined : { place: line.place, text: 'http-request ' + action };
}

/** The lane's maps: nobody else may read them, or write into them. */
export const LANE_MAPS: readonly string[] = [ENTRIES, GENERATION, STATES];

function names({ text }: ConfigurationLine, name: string): boolean {
  return splitLine(text).words.some((word) => word.includes(name));
}

/** Whether a line names what is the lane's alone; a comment names nothing. */
function isOfLane(line: ConfigurationLine): boolean {
  return names(line, MARK) || LANE_MAPS.some((map) => names(line, map));
}

function hasWords({ text }: ConfigurationLine): boolean {
  return splitLine(text).words.length > 0;
}

/**
 * Takes the lane out of the configuration.
 * @param wanted its lines; undefined where the settings want none
 */
export function takeLane(all: readonly ConfigurationLine[], wanted: readonly string[] | undefined): Taken {
  if (wanted === undefined && !all.some((line) => names(line, MARK))) return { lines: all, count: 0, problems: [] };
  const expected = (wanted ?? []).map((line) => splitLine(line).words.join('\n'));
  const given = all.filter((line) => hasWords(line));
  const lines: ConfigurationLine[] = [];
  const problems: Problem[] = [];
  let count = 0;
  for (let index = 0; index < given.length; index++) {
    const line = given[index];
    if (line === undefined) continue;
    const start = index;
    const isWhole =
      expected.length > 0 &&
      expected.every((one, place) => {
        const next = given[start + place];
        return next !== undefined && normalize(next) === one;
      });
    const action = isWhole ? readAction(given[start + expected.length]) : undefined;
    if (action !== undefined) {
      count += 1;
      lines.push(action);
      index += expected.length;
    } else if (!isOfLane(line)) lines.push(line);
    else if (problems.length === 0)
      problems.push({ setting: line.place, message: wanted === undefined ? UNWANTED : BROKEN });
  }
  return { lines, count, problems };
}
