// Signatures in plain TypeScript (src/crypto): every algorithm on a HAProxy with nothing else installed, but slowly. So no
// more is spent on it than the operator allows (docs/decisions/0019-plain-signatures.md).
import { createBudget } from '../../src/core/budget';
import type { KeyType } from '../../src/core/algorithm';
import type { VerificationKey } from '../../src/core/key';
import { createPlainSignatures, PLAIN_ALGORITHMS } from '../../src/crypto/plain-signatures';
import { octetsOf } from '../../src/crypto/octets';
import { hash } from './hash';
import type { SignatureBackend } from './signature-backend';

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

/** HAProxy interrupts Lua every so many instructions by itself (`tune.lua.forced-yield`), so nothing here gives way. */
export function createPlainBackend(signaturesPerSecond: number): SignatureBackend {
  const plain = createPlainSignatures(hash);
  const budget = createBudget(signaturesPerSecond);
  return {
    name: 'plain TypeScript, ' + tostring(signaturesPerSecond) + ' a second',
    algorithms: PLAIN_ALGORITHMS,
    isSlow: () => true,
    prepare: (key) => plain.prepare(key),
    retain: (keys) => {
      plain.retain(keys);
    },
    verify: (request, signature) => {
      if (!budget.spend(costOf(request.key), readClock())) return 'over_budget';
      return plain.verifyOctets(request, octetsOf(signature));
    },
  };
}
