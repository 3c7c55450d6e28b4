// The little of DER (ITU-T X.690) that public keys need: definite minimal lengths, nothing left over.

export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const NULL = 0x05;
export const OBJECT_IDENTIFIER = 0x06;
export const SEQUENCE = 0x30;
/** The context tag [0], constructed: the version of a certificate (RFC 5280 §4.1), the curve of a key (RFC 5915 §3). */
export const CONTEXT_0 = 0xa0;

/** One element: its tag and its content. */
export interface Element {
  readonly tag: number;
  readonly content: readonly number[];
}

/** The most bytes of a length: four of them count more bytes than any file that is read. */
const MAX_LENGTH_BYTES = 4;

/** The length at an offset and where the content begins; undefined when it is indefinite, too long or not minimal. */
function readLength(bytes: readonly number[], offset: number): { length: number; start: number } | undefined {
  const first = bytes[offset];
  if (first === undefined) return undefined;
  if (first < 0x80) return { length: first, start: offset + 1 };
  const count = first - 0x80;
  if (count === 0 || count > MAX_LENGTH_BYTES) return undefined;
  let length = 0;
  for (let index = 1; index <= count; index++) {
    const byte = bytes[offset + index];
    if (byte === undefined || (index === 1 && byte === 0)) return undefined;
    length = length * 256 + byte;
  }
  return length < 0x80 ? undefined : { length, start: offset + 1 + count };
}

/**
 * Splits bytes into the elements that follow one another.
 * @returns undefined unless every byte belongs to a well-formed element
 */
export function readElements(bytes: readonly number[]): readonly Element[] | undefined {
  const elements: Element[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const tag = bytes[offset];
    const header = readLength(bytes, offset + 1);
    if (tag === undefined || header === undefined) return undefined;
    const end = header.start + header.length;
    if (end > bytes.length) return undefined;
    elements.push({ tag, content: bytes.slice(header.start, end) });
    offset = end;
  }
  return elements;
}

/** The elements inside the one SEQUENCE that the bytes are; undefined for anything else. */
export function readSequence(bytes: readonly number[]): readonly Element[] | undefined {
  const elements = readElements(bytes);
  if (elements?.length !== 1) return undefined;
  return sequenceOf(elements[0]);
}

/** The elements inside a SEQUENCE; undefined for another element or none. */
export function sequenceOf(element: Element | undefined): readonly Element[] | undefined {
  if (element?.tag !== SEQUENCE) return undefined;
  return readElements(element.content);
}

/** The bytes of an unsigned INTEGER without the sign's zero; undefined when negative, padded or another element. */
export function unsignedOf(element: Element | undefined): readonly number[] | undefined {
  if (element?.tag !== INTEGER) return undefined;
  const first = element.content[0];
  const second = element.content[1];
  if (first === undefined || first >= 0x80) return undefined;
  if (first !== 0 || second === undefined) return element.content;
  return second < 0x80 ? undefined : element.content.slice(1);
}

/** The bytes of a BIT STRING whose bits fill whole bytes; undefined for another element. */
export function bitsOf(element: Element | undefined): readonly number[] | undefined {
  if (element?.tag !== BIT_STRING || element.content[0] !== 0) return undefined;
  return element.content.slice(1);
}

/** The content of an OBJECT IDENTIFIER as its bytes with dots between, to compare with; undefined for another element. */
export function identifierOf(element: Element | undefined): string | undefined {
  return element?.tag === OBJECT_IDENTIFIER ? element.content.join('.') : undefined;
}

/** The DER of one element. */
export function writeElement(tag: number, content: readonly number[]): number[] {
  const bytes: number[] = [tag];
  const length = content.length;
  if (length < 0x80) {
    bytes.push(length);
  } else if (length < 0x100) {
    bytes.push(0x81, length);
  } else {
    bytes.push(0x82, Math.floor(length / 256), length % 256);
  }
  return bytes.concat(content);
}

/** The DER of an unsigned INTEGER from its bytes, most significant first. */
export function writeUnsigned(bytes: readonly number[]): number[] {
  const first = bytes[0];
  return writeElement(INTEGER, first !== undefined && first >= 0x80 ? [0].concat(bytes) : bytes);
}

/** The DER of a BIT STRING that fills whole bytes. */
export function writeBits(bytes: readonly number[]): number[] {
  return writeElement(BIT_STRING, [0].concat(bytes));
}
