// Puts the contract's questions to HAProxy's adapters.
import { environmentSource } from '../../../haproxy/ports/environment';
import type { PreparedSignatures } from '../../../haproxy/ports/signatures/signatures';
import { text } from '../../../haproxy/ports/text';
import { formatJson } from '../../../src/codec/json-format';
import type { JsonObject } from '../../../src/codec/json';
import { parseJson } from '../../../src/codec/json-parse';
import { denialEntries } from '../../../src/token/deny-entries';
import { readDenyLine } from '../../../src/token/deny-line';
import type { VerifyRequest } from '../../../src/ports/signatures';
import { writeArray, writeString } from './write-json';

/** See test/contract/case.ts. */
export interface Question {
  readonly ask: string;
  readonly text: string;
  readonly codePoint: number;
  readonly request: VerifyRequest;
  readonly name: string;
  readonly path: string;
}

/** The issuers that lines may name. */
const ISSUERS: readonly string[] = ['https://a.example'];
/** FAULT_LENGTH of test/contract/case.ts. */
const FAULT_LENGTH = 40;

function shorten(value: string): string {
  return value.length <= 1000 ? value : string.sub(value, 1, 10) + '... ' + tostring(value.length);
}

function orNull(value: string | undefined): string {
  return value === undefined ? 'null' : writeString(shorten(value));
}

function readFile(path: string): string {
  const file = environmentSource.readFile(path);
  return writeArray([tostring(file.ok), writeString(shorten(file.ok ? file.text : file.problem))]);
}

/** What was read, written again. */
function readJson(source: string): string | undefined {
  const value = parseJson(source, text);
  return value === undefined ? undefined : formatJson(value);
}

function readLine(line: string): string {
  const { entry, fault } = readDenyLine(line, { text, issuers: ISSUERS });
  return writeArray([writeString(entry), writeString(string.sub(fault, 1, FAULT_LENGTH))]);
}

function listSubject(subject: string): string {
  const claims: JsonObject = { kind: 'object', names: ['sub'], values: [subject] };
  return writeArray(denialEntries(claims, [], undefined, text).map((entry) => writeString(entry)));
}

/** @returns the answer as JSON */
export function answer(question: Question, signatures: PreparedSignatures): string {
  const ask = question.ask;
  if (ask === 'isBase64UrlAlphabet') return tostring(text.isBase64UrlAlphabet(question.text));
  if (ask === 'decodeBase64Url') return orNull(text.decodeBase64Url(question.text));
  if (ask === 'hasControl') return tostring(text.hasControl(question.text));
  if (ask === 'isVisibleAscii') return tostring(text.isVisibleAscii(question.text));
  if (ask === 'isUnreserved') return tostring(text.isUnreserved(question.text));
  if (ask === 'parseJson') return orNull(readJson(question.text));
  if (ask === 'readDenyLine') return readLine(question.text);
  if (ask === 'listSubject') return listSubject(question.text);
  if (ask === 'fromCodePoint') return writeString(text.fromCodePoint(question.codePoint));
  if (ask === 'verify') return writeString(signatures.verify(question.request));
  if (ask === 'algorithms') return writeArray(signatures.algorithms.map((name) => writeString(name)));
  if (ask === 'environment') return orNull(environmentSource.environment(question.name));
  return readFile(question.path);
}

/** Shows the signatures port every key before it is asked, as at start. */
export function prepare(questions: readonly Question[], signatures: PreparedSignatures): void {
  for (const question of questions) {
    if (question.ask !== 'verify') continue;
    for (const problem of signatures.prepare([question.request.key])) error(problem, 0);
  }
}
