// Puts the contract's questions to nginx's adapters, on whatever JavaScript engine runs this.
// Arguments: the file with the questions. Prints one answer a line, as JSON; null means undefined.
import fs from 'fs';
import { settingsSource } from '../../nginx/ports/environment';
import { createSignatures, probeEd25519 } from '../../nginx/ports/signatures';
import { text } from '../../nginx/ports/text';
import { formatJson } from '../../src/codec/json-format';
import { parseJson } from '../../src/codec/json-parse';
import { denialEntries } from '../../src/token/deny-entries';
import { readDenyLine } from '../../src/token/deny-line';
import type { SignatureOutcome, Signatures, VerifyRequest } from '../../src/ports/signatures';
import { FAULT_LENGTH, shorten, type Answer, type Question } from '../contract/case';

/** The issuers that lines may name. */
const ISSUERS: readonly string[] = ['https://a.example'];

const questions = JSON.parse(String(fs.readFileSync(process.argv[2] ?? '', 'utf8'))) as readonly Question[];

function readFile(path: string): Answer {
  const file = settingsSource.readFile(path);
  return [file.ok, shorten(file.ok ? file.text : file.problem)];
}

function answer(question: Question, signatures: Signatures<Promise<SignatureOutcome>>): Answer | Promise<Answer> {
  switch (question.ask) {
    case 'isBase64UrlAlphabet':
      return text.isBase64UrlAlphabet(question.text);
    case 'decodeBase64Url':
      return shorten(text.decodeBase64Url(question.text) ?? null);
    case 'hasControl':
      return text.hasControl(question.text);
    case 'isUnreserved':
      return text.isUnreserved(question.text);
    case 'isVisibleAscii':
      return text.isVisibleAscii(question.text);
    case 'parseJson': {
      const value = parseJson(question.text, text);
      return value === undefined ? null : shorten(formatJson(value));
    }
    case 'readDenyLine': {
      const line = readDenyLine(question.text, { text, issuers: ISSUERS });
      return [line.entry, line.fault.slice(0, FAULT_LENGTH)];
    }
    case 'listSubject':
      return denialEntries({ kind: 'object', names: ['sub'], values: [question.text] }, [], undefined, text);
    case 'fromCodePoint':
      return text.fromCodePoint(question.codePoint);
    case 'verify':
      return signatures.verify(question.request as VerifyRequest);
    case 'algorithms':
      return signatures.algorithms;
    case 'environment':
      return settingsSource.environment(question.name) ?? null;
    case 'readFile':
      return readFile(question.path);
  }
}

async function run(): Promise<void> {
  const hasEd25519 = await probeEd25519();
  const signatures = createSignatures(hasEd25519);
  for (let index = 0; index < questions.length; index++) {
    const question = questions[index];
    if (question === undefined) continue;
    const settled = await answer(question, signatures);
    console.log(JSON.stringify(settled));
  }
}

run().catch((error: unknown) => {
  console.log(JSON.stringify({ failed: String(error) }));
});
