// The public key out of an X.509 certificate (RFC 5280 §4.1). Nothing else of the certificate is judged.
import { CONTEXT_0, readSequence, sequenceOf } from '../codec/der';
import { readSpkiElements, type MaterialAnswer } from './spki';

/** The place of subjectPublicKeyInfo after the optional version (RFC 5280 §4.1). */
const SPKI_INDEX = 5;

/**
 * Reads the subject's public key of a certificate in DER.
 * The operator who names the file vouches for the key: this ignores the certificate's dates and signature.
 */
export function readCertificate(bytes: readonly number[]): MaterialAnswer {
  const certificate = readSequence(bytes);
  const fields = certificate === undefined ? undefined : sequenceOf(certificate[0]);
  if (fields === undefined) return { ok: false, problem: 'it is not a certificate' };
  const first = fields[0];
  const offset = first?.tag === CONTEXT_0 ? 1 : 0;
  return readSpkiElements(sequenceOf(fields[offset + SPKI_INDEX]));
}
