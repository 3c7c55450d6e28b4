// What every adapter of the signatures port must do: a good signature is valid, anything else never is, nothing raises.
import { algorithmsFor } from '../../src/keys/jwk';
import { ALGORITHMS, type Algorithm, type AlgorithmName } from '../../src/model/algorithm';
import type { VerificationKey } from '../../src/model/key';
import type { SignatureOutcome } from '../../src/ports/signatures';
import { publicKey, SECRET } from '../vectors/generate/keys.mjs';
import { signBytes } from '../vectors/generate/token.mjs';
import { isCase, type Case } from './case';

interface SignatureCase extends Case {
  readonly algorithm: AlgorithmName;
}

/** The core checks lengths beforehand; an adapter that is asked all the same may also say that it cannot tell. */
const REFUSED: readonly SignatureOutcome[] = ['invalid', 'unavailable'];

const INPUT = 'eyJhbGciOiJ4In0.eyJzdWIiOiJjb250cmFjdCJ9';
const FILES: Readonly<Record<string, string>> = {
  RSA: 'rsa-2048',
  'P-256': 'p-256',
  'P-384': 'p-384',
  'P-521': 'p-521',
  Ed25519: 'ed25519',
  oct: 'secret',
};
const OTHERS: Readonly<Record<string, string>> = {
  RSA: 'rsa-2048-b',
  'P-256': 'p-256-b',
  Ed25519: 'ed25519-b',
  oct: 'other-secret',
};

function spkiOf(file: string): string {
  return publicKey(file).export({ type: 'spki', format: 'der' }).toString('base64');
}

function keyFor({ keyType }: Algorithm): VerificationKey {
  const algorithms = algorithmsFor(keyType);
  if (keyType === 'oct')
    return {
      kind: 'secret',
      kid: undefined,
      type: keyType,
      algorithms,
      secret: Buffer.from(SECRET).toString('base64'),
    };
  const modulusLength = keyType === 'RSA' ? 256 : 0;
  return {
    kind: 'public',
    kid: undefined,
    type: keyType,
    algorithms,
    spki: spkiOf(FILES[keyType] ?? ''),
    modulusLength,
  };
}

function casesFor(algorithm: Algorithm): readonly SignatureCase[] {
  const { name, keyType } = algorithm;
  const key = keyFor(algorithm);
  const signed = signBytes(name, FILES[keyType] ?? '', INPUT) as Buffer;
  const ask = (
    title: string,
    signature: Buffer,
    outcomes: SignatureOutcome | readonly SignatureOutcome[],
    more: object = {},
  ): SignatureCase => ({
    algorithm: name,
    ...isCase(
      `${name}: ${title}`,
      {
        ask: 'verify',
        request: { algorithm: name, key, signingInput: INPUT, signature: signature.toString('base64url'), ...more },
      },
      ...(typeof outcomes === 'string' ? [outcomes] : outcomes),
    ),
  });
  const flipped = Buffer.from(signed);
  flipped[signed.length - 1] = (flipped[signed.length - 1] ?? 0) ^ 1;
  const other = OTHERS[keyType];
  return [
    ask('a good signature', signed, 'valid'),
    ask('the same once more', signed, 'valid'),
    ask('one bit changed', flipped, 'invalid'),
    ask('another input', signed, 'invalid', { signingInput: `${INPUT}x` }),
    ask('an empty input', signed, 'invalid', { signingInput: '' }),
    ask('no signature', Buffer.alloc(0), REFUSED),
    ask('one byte', Buffer.alloc(1, 1), REFUSED),
    // Without its last byte: some libraries take one off the front that is zero, so the core checks lengths before.
    ask('a byte short', signed.subarray(0, -1), REFUSED),
    ask('a byte long', Buffer.concat([signed, Buffer.alloc(1)]), REFUSED),
    ask('all zeros', Buffer.alloc(signed.length), 'invalid'),
    ask('all ones', Buffer.alloc(signed.length, 0xff), 'invalid'),
    ask('ten thousand bytes', Buffer.alloc(10000, 0x55), REFUSED),
    ...(other === undefined
      ? []
      : [ask("another key's signature", signBytes(name, other, INPUT) as Buffer, 'invalid')]),
    ask('a good signature after all that', signed, 'valid'),
  ];
}

/** Where an adapter lacks the algorithm, each answer is `unavailable` instead. */
export const SIGNATURE_CASES: readonly SignatureCase[] = ALGORITHMS.flatMap((algorithm) => casesFor(algorithm));
