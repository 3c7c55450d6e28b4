// Signatures in plain TypeScript (src/crypto): every algorithm on a HAProxy with nothing else installed, but slowly. So no
// more is spent on it than the operator allows (docs/decisions/0019-plain-signatures.md).
import { createBudget } from '../../src/core/budget';
import type { KeyType } from '../../src/core/algorithm';
import type { VerificationKey } from '../../src/core/key';
import { createPlainSignatures, PLAIN_ALGORITHMS, type PlainSignatures } from '../../src/crypto/plain-signatures';
import { octetsOf } from '../../src/crypto/octets';
import type { SignatureOutcome, VerifyRequest } from '../../src/ports/signatures';
import { hash } from './hash';
import type { SignatureBackend } from './signature-backend';
import { createTurns } from './turns';

/** What a verification costs, in ones of RS256 with 2048 bits. */
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

/** So many signatures a second take a tenth of a core: then one turn is enough each time that the scheduler comes round. */
const ONE_TURN = 25;

const KEY_TYPES: readonly KeyType[] = ['RSA', 'P-256', 'P-384', 'P-521', 'Ed25519'];

/**
 * The backend in plain TypeScript.
 * @param signaturesPerSecond the budget; signatures of costlier keys count more than once
 */
export function createPlainBackend(signaturesPerSecond: number): SignatureBackend {
  const budget = createBudget(signaturesPerSecond);
  const turns = createTurns(math.ceil(signaturesPerSecond / ONE_TURN));
  // One for each type of key: they have nothing in common, and come to their pauses at different paces.
  const verifiers = new LuaTable<KeyType, PlainSignatures>();
  for (const type of KEY_TYPES) verifiers.set(type, createPlainSignatures(hash, turns.pauseFor(type)));

  function verifierOf(key: VerificationKey): PlainSignatures | undefined {
    return verifiers.get(key.type);
  }

  function verify(request: VerifyRequest, signature: string): SignatureOutcome {
    const verifier = verifierOf(request.key);
    if (verifier === undefined) return 'unavailable';
    if (!budget.spend(costOf(request.key), readClock())) return 'over_budget';
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
