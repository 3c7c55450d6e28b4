// The vectors of Wycheproof as what an engine is asked: signatures over bytes, and whole tokens against a key set.
import { readdirSync, readFileSync } from 'node:fs';
import { findAlgorithm, type AlgorithmName } from '../../src/model/algorithm';
import type { PublicKey } from '../../src/model/key';
import { algorithmsFor, publicKey } from '../../src/keys/jwk';
import { readSpki } from '../../src/keys/spki';

export type Expected = 'valid' | 'invalid' | 'acceptable';

/** One test: file and number, what it is about, Wycheproof's answer. */
interface Vector {
  readonly id: string;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly expected: Expected;
}

/** A signature over bytes; the key is undefined when the core does not let it in. */
export interface SignatureVector extends Vector {
  readonly algorithm: AlgorithmName;
  readonly key: PublicKey | undefined;
  /** Hexadecimal. */
  readonly message: string;
  /** Base64url. */
  readonly signature: string;
}

/** A token to be judged with a JWK set as the only keys. */
export interface TokenVector extends Vector {
  readonly keySet: string;
  readonly token: string;
}

interface Test {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: Expected;
  readonly msg: string;
  readonly sig: string;
  /** A string, or the JSON serialization, which jwtverify does not accept. */
  readonly jws: unknown;
}

interface Group {
  readonly type: string;
  readonly sha?: string;
  readonly publicKeyDer: string;
  readonly public?: object;
  readonly private?: object;
  readonly tests: readonly Test[];
}

const DIRECTORY = new URL('vectors/', import.meta.url);

const FAMILIES: Readonly<Record<string, string>> = {
  RsassaPkcs1Verify: 'RS',
  RsassaPssVerify: 'PS',
  EcdsaP1363Verify: 'ES',
};

function algorithmOf(group: Group): AlgorithmName {
  if (group.type === 'EddsaVerify') return 'EdDSA';
  const algorithm = findAlgorithm(`${FAMILIES[group.type] ?? ''}${group.sha?.slice('SHA-'.length) ?? ''}`);
  if (algorithm === undefined) throw new Error(`no algorithm for a group of ${group.type}`);
  return algorithm.name;
}

/** The key as the core has it. */
function keyOf(group: Group): PublicKey | undefined {
  const material = readSpki([...Buffer.from(group.publicKeyDer, 'hex')]);
  return material.ok ? publicKey(undefined, material.value, algorithmsFor(material.value.type)) : undefined;
}

function keySetOf(group: Group): string {
  const keys = group.public ?? group.private ?? {};
  return JSON.stringify('keys' in keys ? keys : { keys: [keys] });
}

function vectorOf(file: string, test: Test): Vector {
  return { id: `${file}#${test.tcId}`, comment: test.comment, flags: test.flags, expected: test.result };
}

const signatures: SignatureVector[] = [];
const tokens: TokenVector[] = [];

for (const name of readdirSync(DIRECTORY).sort()) {
  if (!name.endsWith('_test.json')) continue;
  const { testGroups } = JSON.parse(readFileSync(new URL(name, DIRECTORY), 'utf8')) as { testGroups: readonly Group[] };
  const file = name.slice(0, -'_test.json'.length);
  for (const group of testGroups) {
    if (group.type.startsWith('JsonWeb')) {
      for (const test of group.tests) {
        const token = typeof test.jws === 'string' ? test.jws : JSON.stringify(test.jws);
        tokens.push({ ...vectorOf(file, test), keySet: keySetOf(group), token });
      }
      continue;
    }
    const algorithm = algorithmOf(group);
    const key = keyOf(group);
    for (const test of group.tests) {
      const signature = Buffer.from(test.sig, 'hex').toString('base64url');
      signatures.push({ ...vectorOf(file, test), algorithm, key, message: test.msg, signature });
    }
  }
}

export const SIGNATURE_VECTORS: readonly SignatureVector[] = signatures;
export const TOKEN_VECTORS: readonly TokenVector[] = tokens;
