// Cases of a policy's test, read from YAML or JSON: a request, what it presents, and what is expected of it.
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Ajv, { type ErrorObject } from 'ajv';
import { parseDocument } from 'yaml';
import { suggest } from '../../src/settings/policy-file/suggest';
import { phraseFor, readText } from '../ports/source';
import { failure } from './failure';

/** A case as it is written. */
export interface WrittenCase {
  readonly name?: string;
  /** `GET https://api.example/a`. */
  readonly request: string;
  /** Header lines. */
  readonly headers?: readonly string[];
  /** Claims that count as verified. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Claims of the file's `callers`. */
  readonly as?: string;
  /** A file with a bearer token. */
  readonly token_file?: string;
  readonly allowed_groups?: string;
  readonly at?: string | number;
  readonly expect: Expectation;
}

export interface Expectation {
  readonly decision?: 'allow' | 'refuse';
  readonly status?: number;
  readonly reason?: string;
  readonly rule?: string;
  readonly would_be?: string;
  /** Headers of the backend; null: it does not get this one. */
  readonly headers?: Readonly<Record<string, string | null>>;
}

interface WrittenFile {
  readonly policy?: string;
  readonly at?: string | number;
  readonly callers?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly cases: readonly WrittenCase[];
}

/** A file of cases, with its paths as they are from here. */
export interface CaseFile {
  readonly path: string;
  /** Undefined where the file names none. */
  readonly policy: string | undefined;
  readonly at: string | undefined;
  readonly callers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly cases: readonly WrittenCase[];
}

const TIME = { type: ['string', 'integer'] };
const TEXT = { type: 'string' };
const CLAIMS = { type: 'object' };
const EXPECTATION = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    decision: { enum: ['allow', 'refuse'] },
    status: { type: 'integer' },
    reason: TEXT,
    rule: TEXT,
    would_be: TEXT,
    headers: { type: 'object', additionalProperties: { type: ['string', 'null'] } },
  },
};
const SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['cases'],
  properties: {
    policy: TEXT,
    at: TIME,
    callers: { type: 'object', additionalProperties: CLAIMS },
    cases: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['request', 'expect'],
        properties: {
          name: TEXT,
          request: { type: 'string', pattern: '^[^ ]+ [^ ]+$' },
          headers: { type: 'array', items: TEXT },
          claims: CLAIMS,
          as: TEXT,
          token_file: TEXT,
          allowed_groups: TEXT,
          at: TIME,
          expect: EXPECTATION,
        },
      },
    },
  },
};

const KINDS: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

/** The keys that may be beside an unknown one. */
const KNOWN = [SCHEMA, SCHEMA.properties.cases.items, EXPECTATION].map(({ properties }) => Object.keys(properties));

/** What is wrong at a place, in the operator's words. */
function describeFault({ keyword, params, dataPath }: ErrorObject): string {
  const of = params as Readonly<Record<string, unknown>>;
  const word = (name: string): string => String(of[name]);
  switch (keyword) {
    case 'additionalProperties': {
      const extra = word('additionalProperty');
      const known = KNOWN[dataPath === '' ? 0 : dataPath.endsWith('/expect') ? 2 : 1] ?? [];
      const near = suggest(extra, known);
      return `has the unknown key \`${extra}\`; ${near === undefined ? `known are ${known.join(', ')}` : `did you mean \`${near}\`?`}`;
    }
    case 'required':
      return `has no \`${word('missingProperty')}\``;
    case 'type': {
      const kinds = word('type').split(',');
      return `must be ${kinds.map((kind) => KINDS[kind] ?? kind).join(' or ')}`;
    }
    case 'enum':
      return 'must be `allow` or `refuse`';
    case 'pattern':
      return 'must be a method, one blank and a URL or path, as `GET https://api.example/hamsters`';
    case 'minItems':
      return 'has no case';
    case 'minProperties':
      return `names nothing to expect: ${KNOWN[2]?.join(', ') ?? ''}`;
    default:
      return 'has a wrong form; docs/command.md has an example';
  }
}

/** YAML 1.2, of which JSON is a part. @throws a failure that names the line */
function parse(path: string, content: string): unknown {
  const document = parseDocument(content, { merge: true });
  const [fault] = document.errors;
  if (fault !== undefined) throw failure(`${path}: ${fault.message.split('\n')[0] ?? ''}`);
  return document.toJS({ maxAliasCount: 100 }) as unknown;
}

function checkCase(path: string, written: WrittenCase, place: number, callers: CaseFile['callers']): void {
  const complain = (message: string): never => {
    throw failure(`${path}: /cases/${String(place)} ${message}`);
  };
  const given = [written.claims, written.as, written.token_file].filter((value) => value !== undefined);
  if (given.length > 1) complain('has more than one of `claims`, `as` and `token_file`');
  if (written.as !== undefined && callers[written.as] === undefined) {
    complain(`has \`as\`: \`${written.as}\`, which is not in \`callers\``);
  }
}

/** Reads a file of cases. @throws a failure with the first fault and its place */
export function readCases(path: string): CaseFile {
  const file = readText(path);
  if (!file.ok) throw failure(`${path}: ${file.problem}`);
  const content = parse(path, file.text);
  const validate = new Ajv({ jsonPointers: true }).compile(SCHEMA);
  if (validate(content) !== true) {
    const [fault] = validate.errors ?? [];
    const place = fault?.dataPath ?? '';
    throw failure(`${path}: ${place === '' ? 'it' : place} ${fault === undefined ? '' : describeFault(fault)}`);
  }
  const written = content as WrittenFile;
  const callers = written.callers ?? {};
  written.cases.forEach((one, place) => {
    checkCase(path, one, place, callers);
  });
  const policy = written.policy === undefined ? undefined : join(dirname(path), written.policy);
  const at = written.at === undefined ? undefined : String(written.at);
  return { path, policy, at, callers, cases: written.cases };
}

/** The files of cases at a path: the file itself, or `*.test.yaml`, `.yml` and `.json` of a folder and those below it. */
export function listCaseFiles(path: string): readonly string[] {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch (error) {
    throw failure(`${path}: ${phraseFor(error)}`);
  }
  if (!isFolder) return [path];
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.test\.(?:ya?ml|json)$/.test(name),
  );
  if (names.length === 0) throw failure(`${path}: no file in it ends with .test.yaml, .test.yml or .test.json`);
  return names.sort().map((name) => join(path, name));
}
