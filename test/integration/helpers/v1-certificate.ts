// An X.509 certificate of version 1 (RFC 5280 §4.1.2.1): without the field that says a version, and without extensions.
import { sign, X509Certificate, type KeyObject } from 'node:crypto';

function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const SEQUENCE = 0x30;
const sequence = (...contents: readonly Uint8Array[]): Buffer => element(SEQUENCE, ...contents);
/** ecdsa-with-SHA256 and sha256WithRSAEncryption. */
const ALGORITHMS = {
  ec: sequence(element(6, Buffer.from('2a8648ce3d040302', 'hex'))),
  rsa: sequence(element(6, Buffer.from('2a864886f70d01010b', 'hex')), element(5)),
};
const COMMON_NAME = element(6, Buffer.from('550403', 'hex'));
const NAME = sequence(element(0x31, sequence(COMMON_NAME, element(0x0c, Buffer.from('issuer.example')))));
const VALIDITY = sequence(element(0x17, Buffer.from('200101000000Z')), element(0x17, Buffer.from('491231235959Z')));

/** A certificate of a key, signed by itself, as PEM. */
export function makeV1Certificate(privateKey: KeyObject, publicKey: KeyObject): string {
  const algorithm = publicKey.asymmetricKeyType === 'rsa' ? ALGORITHMS.rsa : ALGORITHMS.ec;
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const body = sequence(element(2, Buffer.from([7])), algorithm, NAME, VALIDITY, NAME, spki);
  const signature = sign('sha256', body, privateKey);
  const der = sequence(body, algorithm, element(3, Buffer.from([0]), signature));
  const lines = (der.toString('base64').match(/.{1,64}/g) ?? []).join('\n');
  const pem = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
  if (!new X509Certificate(pem).verify(publicKey)) throw new Error('the certificate is not well-formed');
  return pem;
}
