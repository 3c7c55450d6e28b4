// Known answers for sealing: of the documents that define it.

export interface GcmVector {
  readonly id: string;
  /** Hexadecimal, as all of them. */
  readonly key: string;
  readonly nonce: string;
  readonly plaintext: string;
  /** The ciphertext and the tag after it. */
  readonly sealed: string;
}

const ZEROS = '0'.repeat(64);
const KEY = 'feffe9928665731c6d6a8f9467308308'.repeat(2);
const TEXT =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
  '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255';

/** The test cases of McGrew and Viega's submission to NIST with keys of 256 bits and no additional data. */
export const GCM_VECTORS: readonly GcmVector[] = [
  {
    id: 'test case 13',
    key: ZEROS,
    nonce: '000000000000000000000000',
    plaintext: '',
    sealed: '530f8afbc74536b9a963b4f1c4cb738b',
  },
  {
    id: 'test case 14',
    key: ZEROS,
    nonce: '000000000000000000000000',
    plaintext: '00000000000000000000000000000000',
    sealed: 'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
  },
  {
    id: 'test case 15',
    key: KEY,
    nonce: 'cafebabefacedbaddecaf888',
    plaintext: TEXT,
    sealed:
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
      '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad' +
      'b094dac5d93471bdec1a502270e3cc6c',
  },
];

export interface HkdfVector {
  readonly id: string;
  /** Hexadecimal, as all of them. */
  readonly secret: string;
  readonly salt: string;
  readonly info: string;
  readonly key: string;
}

function octets(first: number, last: number): string {
  let hex = '';
  for (let octet = first; octet <= last; octet += 1) hex += octet.toString(16).padStart(2, '0');
  return hex;
}

/** RFC 5869, appendix A. */
export const HKDF_VECTORS: readonly HkdfVector[] = [
  {
    id: 'RFC 5869 A.1',
    secret: '0b'.repeat(22),
    salt: octets(0x00, 0x0c),
    info: octets(0xf0, 0xf9),
    key: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  },
  {
    id: 'RFC 5869 A.2',
    secret: octets(0x00, 0x4f),
    salt: octets(0x60, 0xaf),
    info: octets(0xb0, 0xff),
    key:
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c' +
      '59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71' +
      'cc30c58179ec3e87c14c01d5c1f3434f1d87',
  },
  {
    id: 'RFC 5869 A.3',
    secret: '0b'.repeat(22),
    salt: '',
    info: '',
    key: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  },
];
