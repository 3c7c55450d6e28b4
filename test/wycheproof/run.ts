// Asks engines the vectors of Wycheproof and counts the answers.
import { LUA_ENGINES, NODE, type Engine } from '../engine/engines';
import { DIFFERENCES } from './differences';
import { SUITES, type SuiteName } from '../integration/helpers/suite';
import { haproxyEngine } from './haproxy';
import { SIGNATURE_VECTORS, TOKEN_VECTORS, type Expected } from './load';

/** One way of checking signatures on one engine. */
export interface Subject {
  readonly name: string;
  readonly engine: Engine;
  /** `host`: what the host brings, WebCrypto on Node and luaossl in Lua. */
  readonly backend: 'plain' | 'host';
  /** Vectors of these algorithms are left out. */
  readonly lacks: readonly string[];
  /** Whether it can be asked for tokens alone, not for signatures over any bytes. */
  readonly tokensOnly?: true;
}

export interface Tally {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly leftOut: number;
}

function luaSubjects(engine: Engine): readonly Subject[] {
  return [
    { name: `${engine.name}, plain TypeScript`, engine, backend: 'plain', lacks: [] },
    { name: `${engine.name}, luaossl`, engine, backend: 'host', lacks: ['EdDSA'] },
  ];
}

/** The converter accepts tokens. It has no EdDSA; HMAC and PS are checked otherwise (decision 0020). */
function haproxySubject(suite: SuiteName): Subject {
  const engine = haproxyEngine(suite);
  const lacks = ['PS256', 'PS384', 'PS512', 'EdDSA', 'HS256', 'HS384', 'HS512'];
  return { name: `${engine.name}, jwt_verify`, engine, backend: 'host', lacks, tokensOnly: true };
}

/** Lua 5.3 and one Lua 5.4: the arithmetic of the others is the same. */
const LUAS = LUA_ENGINES.slice(0, 2);

export const SUBJECTS: readonly Subject[] = [
  { name: 'Node, plain TypeScript', engine: NODE, backend: 'plain', lacks: [] },
  { name: 'Node, WebCrypto', engine: NODE, backend: 'host', lacks: [] },
  ...LUAS.flatMap(luaSubjects),
  ...SUITES.map(haproxySubject),
];

interface Question {
  readonly id: string;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly expected: Expected;
}

/** The position of a value in a list of different ones. */
function indexIn<Value>(list: Value[], value: Value): number {
  const known = list.indexOf(value);
  return known >= 0 ? known : list.push(value) - 1;
}

/** The `alg` that a token says it has; empty when it says none. */
function algorithmOf(token: string): string {
  const header = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString();
  return /"alg"\s*:\s*"([^"]*)"/.exec(header)?.[1] ?? '';
}

function inputFor(subject: Subject): { data: unknown; asked: readonly Question[] } {
  const signatures = SIGNATURE_VECTORS.filter(
    ({ algorithm }) => subject.tokensOnly !== true && !subject.lacks.includes(algorithm),
  );
  const tokens = TOKEN_VECTORS.filter(
    ({ token }) => subject.tokensOnly !== true || !subject.lacks.includes(algorithmOf(token)),
  );
  const keys: unknown[] = [];
  const keySets: string[] = [];
  const data = {
    backend: subject.backend,
    signatures: signatures.map(({ id, algorithm, key, message, signature }) => ({
      id,
      algorithm,
      key: key === undefined ? -1 : indexIn(keys, key),
      message,
      signature,
    })),
    tokens: tokens.map(({ id, keySet, token }) => ({ id, keySet: indexIn(keySets, keySet), token })),
    keys,
    keySets,
  };
  return { data, asked: [...signatures, ...tokens] };
}

/** What is expected of this product. RFC 8017 §8.2.2 lets a verifier refuse what it calls acceptable, and this one does. */
export function expectedAnswer({ id, expected }: Pick<Question, 'id' | 'expected'>): 'valid' | 'invalid' {
  return DIFFERENCES[id]?.answer ?? (expected === 'valid' ? 'valid' : 'invalid');
}

/** Runs all vectors on one engine. Any result but `valid` means a bad signature. */
export async function runWycheproof(subject: Subject): Promise<Tally> {
  const { data, asked } = inputFor(subject);
  const lines = await subject.engine.run('wycheproof', data);
  const answers = new Map(lines.map((line) => [line.split(' ')[0], line.split(' ')[1]] as const));
  const failed: string[] = [];
  for (const question of asked) {
    const answer = answers.get(question.id);
    const isRight = expectedAnswer(question) === 'valid' ? answer === 'valid' : answer !== 'valid';
    if (answer === undefined || !isRight) {
      const flags = question.flags.join(', ');
      failed.push(`${question.id} ${String(answer)}, not ${question.expected}: ${question.comment} (${flags})`);
    }
  }
  const total = SIGNATURE_VECTORS.length + TOKEN_VECTORS.length;
  return { passed: asked.length - failed.length, failed, leftOut: total - asked.length };
}
