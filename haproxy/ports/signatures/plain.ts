// Signatures in plain TypeScript (src/crypto): every algorithm on a HAProxy with nothing else installed, but slowly. So it
// spends no more time than the operator allows (docs/decisions/0019-plain-signatures.md).
import { createBudget } from '../../../src/memory/budget';
import type { KeyType } from '../../../src/model/algorithm';
import type { VerificationKey } from '../../../src/model/key';
import { createPlainSignatures, PLAIN_ALGORITHMS, type PlainSignatures } from '../../../src/crypto/plain-signatures';
import { octetsOf } from '../../../src/crypto/octets';
import type { SignatureOutcome, VerifyRequest } from '../../../src/ports/signatures';
import { countPlain } from '../counts';
import { hash } from '../hash';
import type { SignatureBackend } from './signature-backend';
import { createTurns } from './turns';

/** The cost of a verification, in units of one of RS256 with 2048 bits. */
const COSTS: Readonly<Partial<Record<KeyType, number>>> = { 'P-384': 2, 'P-521': 4 };

/** The bytes of an RSA modulus that cost 1; the cost grows with the square. */
const RSA_UNIT = 256;

function costOf(key: VerificationKey): number {
  if (key.kind !== 'public') return 1;
  if (key.type !== 'RSA') return COSTS[key.type] ?? 1;
  return math.ceil(0.75 * (key.modulusLength / RSA_UNIT) ** 2);
}

/** Seconds with their fraction. */
function readClock(): number {
  const { sec, usec } = core.now();
  return sec + usec / 1000000;
}

/** This many signatures a second use a tenth of a core: one turn in each round of the scheduler is enough for them. */
const ONE_TURN = 25;

const KEY_TYPES: readonly KeyType[] = ['RSA', 'P-256', 'P-384', 'P-521', 'Ed25519'];

/**
 * The backend in plain TypeScript.
 * @param signaturesPerSecond the budget; signatures of costlier keys count more than once
 */
export function createPlainBackend(signaturesPerSecond: number): SignatureBackend {
  const budget = createBudget(signaturesPerSecond);
  const turns = createTurns(math.ceil(signaturesPerSecond / ONE_TURN));
  // One for each type of key: they have nothing in common, and pause at different rates.
  const verifiers = new LuaTable<KeyType, PlainSignatures>();
  for (const type of KEY_TYPES) verifiers.set(type, createPlainSignatures(hash, turns.pauseFor(type)));

  function verifierOf(key: VerificationKey): PlainSignatures | undefined {
    return verifiers.get(key.type);
  }

  function verify(request: VerifyRequest, signature: string): SignatureOutcome {
    const verifier = verifierOf(request.key);
    if (verifier === undefined) return 'unavailable';
    const cost = costOf(request.key);
    if (!budget.spend(cost, readClock())) return 'over_budget';
    countPlain(cost);
    turns.begin();
    return verifier.verifyOctets(request, octetsOf(signature));
  }

  return {
    name: 'plain TypeScript, ' + tostring(signaturesPerSecond) + ' a second',
    algorithms: PLAIN_ALGORITHMS,
    isSlow: () => true,
    prepare: (key) => verifierOf(key)?.prepare(key),
    retain: (keys) => {
      for (const [, verifier] of verifiers) verifier.retain(keys);
    },
    verify,
  };
}
