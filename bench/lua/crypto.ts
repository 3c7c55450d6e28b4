// Times signatures, verified and made, on whatever Lua runs this. Arguments: the file with the cases as a Lua table, rounds.
// Prints `name <tab> milliseconds of processor time`, once a round; the cases take turns, so that a busy machine slows all
// of them alike.
import { createLuaosslBackend, writePem } from '../../haproxy/ports/signatures/luaossl';
import { createSigner, numbersOf } from '../../haproxy/ports/signatures/signing';
import { decodeBytes } from '../../haproxy/ports/text';
import type { AlgorithmName, KeyType } from '../../src/model/algorithm';
import type { PublicKey } from '../../src/model/key';
import { plainHash } from '../../src/crypto/plain-hash';
import { readyEd25519, signEd25519, signPlainly } from '../../src/crypto/plain-signing';
import { createRsaPrivateKey } from '../../src/crypto/rsa-private';
import { readPrivateSeed } from '../../src/keys/private-key';
import { findAlgorithm } from '../../src/model/algorithm';
import { createPlainSignatures } from '../../src/crypto/plain-signatures';
import type { Hash } from '../../src/ports/hash';
import type { VerifyRequest } from '../../src/ports/signatures';

interface Case {
  readonly name: string;
  readonly algorithm: AlgorithmName;
  readonly type: KeyType;
  readonly spki: string;
  readonly modulusLength: number;
  readonly signingInput: string;
  readonly signature: string;
  /** The private key. */
  readonly pkcs8: string;
  readonly times: number;
}

declare const arg: readonly string[];

const cases = dofile(arg[0] ?? '') as readonly Case[];
const rounds = tonumber(arg[1]) ?? 1;
/** Only what signs. */
const isSigning = arg[2] === 'signing';

/** In HAProxy a converter in C hashes; luaossl does so here. */
const [, module] = pcall(require as (this: void, name: string) => unknown, 'openssl.digest');
const digests = module as LuaosslDigestModule;
const NAMES = { 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' };
const hash: Hash = { digest: (name, bytes) => digests.new(NAMES[name]).final(bytes) };

const plain = createPlainSignatures(hash);
const luaossl = createLuaosslBackend();

function time(name: string, times: number, run: () => void): void {
  const start = os.clock();
  for (let count = 0; count < times; count++) run();
  print(string.format('%s\t%.5f', name, ((os.clock() - start) / times) * 1000));
}

function measure(one: Case): void {
  const { name, algorithm, type, spki, modulusLength, signingInput, signature, times } = one;
  const key: PublicKey = { kind: 'public', kid: undefined, type, algorithms: [algorithm], spki, modulusLength };
  const request: VerifyRequest = { algorithm, key, signingInput, signature };
  plain.prepare(key);
  if (plain.verify(request) !== 'valid') error(name + ' does not verify', 0);
  time('plain ' + name, times, () => plain.verify(request));
  // Another one has nothing computed yet, neither the key's part nor the curve's.
  const fresh = createPlainSignatures(hash);
  time('plain ' + name + ', first key', 1, () => fresh.prepare(key));
  if (luaossl === undefined || !luaossl.algorithms.includes(algorithm)) return;
  const bytes = decodeBytes(signature) ?? '';
  luaossl.prepare(key);
  if (luaossl.verify(request, bytes) !== 'valid') error(name + ' does not verify by luaossl', 0);
  time('luaossl ' + name, 20, () => luaossl.verify(request, bytes));
}

const [, keyModule] = pcall(require as (this: void, name: string) => unknown, 'openssl.pkey');
const [file] = io.open('/dev/urandom', 'rb');
const source = file as unknown as { read(count: number): string };
const random = { take: (count: number) => source.read(count) };
const signer = createSigner(random);

/** Signing by the library alone, by the port of the product on it, and in plain TypeScript. */
function measureSigning({ name, algorithm, type, signingInput, pkcs8, times }: Case): void {
  const found = findAlgorithm(algorithm);
  if (found === undefined) return;
  const key = { type, algorithm, header: '', pkcs8 };
  const signing = { hash, random: random.take, pause: () => undefined };
  const numbers = numbersOf(key);
  const seed = type === 'Ed25519' ? readPrivateSeed(pkcs8) : undefined;
  if (seed !== undefined) {
    time('plain makes a key ready that signs ' + name, 1, () => readyEd25519(seed, signing));
    const ready = readyEd25519(seed, signing);
    time('plain signs ' + name, times, () => signEd25519(ready, signingInput, signing));
    return;
  }
  // Longer ones take seconds.
  if (numbers !== undefined && numbers.n.length <= 256) {
    const ready = createRsaPrivateKey(numbers, signing.pause);
    time('plain signs ' + name, 1, () => signPlainly(ready, found, signingInput, signing));
  }
  if (luaossl === undefined) return;
  const raw = (keyModule as LuaosslKeyModule).new(writePem('PRIVATE KEY', pkcs8));
  if (signer.sign(key, signingInput) === undefined) error(name + ' does not sign', 0);
  const count = times * (type === 'RSA' ? 8 : 80);
  const alone = () => raw.sign(digests.new(NAMES[found.hash]).update(signingInput));
  // One after the other, so that both have the same machine: what counts is the ratio.
  for (let turn = 0; turn < 5; turn++) {
    // luaossl has no PSS: what it takes for PKCS#1 is the private operation too.
    time('luaossl alone signs ' + name, count, alone);
    time('the port signs ' + name, count, () => signer.sign(key, signingInput));
  }
}

print('version\t' + _VERSION);
const kilobyte = string.rep('0123456789abcdef', 64);
for (let round = 0; round < rounds; round++) {
  if (!isSigning) for (const one of cases) measure(one);
  for (const one of cases) measureSigning(one);
  for (const name of isSigning ? [] : (['SHA-256', 'SHA-512'] as const)) {
    time('plain ' + name + ' of 1 KB', 2, () => plainHash.digest(name, kilobyte));
  }
}
