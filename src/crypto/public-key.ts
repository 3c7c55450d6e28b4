// Makes a key ready for verification. The core has normalised it; this checks that points are on their curve.
import { decodeBase64 } from '../codec/base64';
import { bitsOf, readSequence, unsignedOf } from '../codec/der';
import type { KeyType } from '../model/algorithm';
import type { PublicKey } from '../model/key';
import { curveP256, curveP384, curveP521 } from './curves';
import { createEd25519Key, prepareEd25519, type Ed25519Key, type PreparedBase } from './ed25519';
import { createEcdsaKey, type EcdsaKey, type PreparedCurve } from './ecdsa';
import { createModulus } from './modulus';
import type { Pause } from './pause';
import { createRsaKey, type RsaKey } from './rsa';
import { makeTable, type Curve } from './weierstrass';

export type ReadyKey = RsaKey | EcdsaKey | Ed25519Key;

/** The data that keys of one type share: computed for the first of them, kept for the rest. */
export interface Shared {
  readonly curves: Partial<Record<KeyType, PreparedCurve>>;
  base: PreparedBase | undefined;
}

const CURVES: Readonly<Partial<Record<KeyType, Curve>>> = {
  'P-256': curveP256,
  'P-384': curveP384,
  'P-521': curveP521,
};

function prepareCurve(type: KeyType, curve: Curve, shared: Shared, pause: Pause): PreparedCurve {
  const known = shared.curves[type];
  if (known !== undefined) return known;
  const generatorTable = makeTable(curve, curve.generator, pause);
  const prepared = { curve, order: createModulus(curve.order, pause), generatorTable };
  shared.curves[type] = prepared;
  return prepared;
}

function prepareBase(shared: Shared, pause: Pause): PreparedBase {
  const known = shared.base;
  if (known !== undefined) return known;
  const prepared = prepareEd25519(pause);
  shared.base = prepared;
  return prepared;
}

function readRsaKey(bits: readonly number[], pause: Pause): RsaKey | undefined {
  const parts = readSequence(bits);
  const n = parts === undefined ? undefined : unsignedOf(parts[0]);
  const e = parts === undefined ? undefined : unsignedOf(parts[1]);
  return n === undefined || e === undefined ? undefined : createRsaKey(n, e, pause);
}

/**
 * Makes a key ready.
 * @returns undefined for a point that is not on its curve, or no canonical encoding of one
 */
export function readPublicKey(key: PublicKey, shared: Shared, pause: Pause): ReadyKey | undefined {
  const parts = readSequence(decodeBase64(key.spki) ?? []);
  const bits = parts === undefined ? undefined : bitsOf(parts[1]);
  if (bits === undefined) return undefined;
  if (key.type === 'RSA') return readRsaKey(bits, pause);
  if (key.type === 'Ed25519') return createEd25519Key(prepareBase(shared, pause), bits, pause);
  const curve = CURVES[key.type];
  // SEC 1 §2.3.3: one octet that announces both coordinates.
  const length = curve?.field.prime.length ?? 0;
  if (curve === undefined || bits.length !== 1 + 2 * length) return undefined;
  const prepared = prepareCurve(key.type, curve, shared, pause);
  return createEcdsaKey(prepared, bits.slice(1, 1 + length), bits.slice(1 + length), pause);
}
