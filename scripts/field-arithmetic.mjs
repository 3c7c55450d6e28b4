// Writes the fields' arithmetic, src/crypto/*-field.ts: each column of a product is a line of its own, because a loop over
// limbs costs Lua more than the multiplications. `node scripts/field-arithmetic.mjs` writes the files, `--check` ends with
// code 1 when one is not what this script writes.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WIDTH = 120;

/**
 * @typedef {object} Field
 * @property {string} file in src/crypto
 * @property {string} head the comment at the file's head
 * @property {number} size how many limbs of 24 bits an element has
 * @property {string} constants the lines after `UNIT`
 * @property {readonly (readonly [local: string, constant: string])[]} locals what `reduce` reads into locals
 * @property {string} reduces the comment above `reduce`
 * @property {(size: number) => readonly string[]} reduce writes the rest of its body
 * @property {boolean} [isInlined] whether there is no `reduce`, but its body in both functions, as for njs, which hands a
 *   function at most 15 arguments
 * @property {string} doc
 * @property {string} name of the exported field
 * @property {string} prime the expression for it, in hexadecimal
 * @property {number} bits of the prime
 */

/** @param {number} from @param {number} to exclusive @returns {readonly number[]} */
const range = (from, to) => Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);

/**
 * Fills lines with parts, as many as go on one.
 * @param {string} first what the first line begins with
 * @param {string} next what the others begin with
 * @param {readonly string[]} parts each with its blank and its comma or sign
 */
function fill(first, next, parts) {
  const lines = [];
  let line = first;
  for (const part of parts) {
    if ((line + part).trimEnd().length > WIDTH) {
      lines.push(line.trimEnd());
      line = next + part.trimStart();
    } else line += part;
  }
  return [...lines, line.trimEnd()];
}

/** `const a0 = a[1] as number, ...;` @param {string} name @param {number} size */
function readLimbs(name, size) {
  const parts = range(0, size).map((at) => `${name}${at} = ${name}[${at + 1}] as number${at < size - 1 ? ', ' : ';'}`);
  return fill('  const ', '    ', parts);
}

/** One column. @param {Field} field @param {number} column @param {readonly string[]} products */
function addUp({ isInlined }, column, products) {
  const parts = products.map((product, at) => (at === 0 ? ` ${product}` : ` + ${product}`));
  return fill(`  ${isInlined === true ? 'let' : 'const'} t${column} =`, '    ', parts).join('\n') + ';';
}

/** @param {Field} field */
function writeReduceBody(field) {
  return [
    '  const round = ROUND;',
    '  const unit = UNIT;',
    ...field.locals.map(([name, constant]) => `  const ${name} = ${constant};`),
    '  let h = 0;',
    `  let t${2 * field.size - 1} = 0;`,
    ...field.reduce(field.size),
  ];
}

/** @param {Field} field */
function callReduce(field) {
  if (field.isInlined === true) return [`  // ${field.reduces}`, ...writeReduceBody(field)];
  const columns = 2 * field.size - 1;
  const parts = range(0, columns).map((column) => `t${column}${column < columns - 1 ? ', ' : ');'}`);
  return fill('  reduce(out, ', '    ', parts);
}

/** @param {Field} field */
function writeMultiply(field) {
  const { size } = field;
  const columns = range(0, 2 * size - 1).map((column) => {
    const lowest = Math.max(0, column - size + 1);
    return addUp(
      field,
      column,
      range(lowest, Math.min(column, size - 1) + 1).map((at) => `a${at} * b${column - at}`),
    );
  });
  return [
    '/** Column by column. INVARIANT: the products in a column, and what is carried to it, stay below 2^53 in sum. */',
    '// prettier-ignore',
    'function multiply(out: Limbs, a: Limbs, b: Limbs): void {',
    ...readLimbs('a', size),
    ...readLimbs('b', size),
    ...columns,
    ...callReduce(field),
    '}',
  ];
}

/** @param {Field} field */
function writeSquare(field) {
  const { size } = field;
  const doubled = range(0, size - 1).map((at) => `d${at} = a${at} + a${at}${at < size - 2 ? ', ' : ';'}`);
  const columns = range(0, 2 * size - 1).map((column) => {
    const lowest = Math.max(0, column - size + 1);
    const pairs = range(lowest, Math.ceil(column / 2)).map((at) => `d${at} * a${column - at}`);
    return addUp(field, column, column % 2 === 0 ? [...pairs, `a${column / 2} * a${column / 2}`] : pairs);
  });
  return [
    '/** The same, with each product of two different limbs computed once: `d` are the doubled limbs. */',
    '// prettier-ignore',
    'function square(out: Limbs, a: Limbs): void {',
    ...readLimbs('a', size),
    ...fill('  const ', '    ', doubled),
    ...columns,
    ...callReduce(field),
    '}',
  ];
}

/** Removes the part above a limb from it. @param {number} limb */
const split = (limb) => `h = t${limb} + round - round;`;

/**
 * Montgomery reduction by a prime that is -1 modulo 2^24: limb by limb from below, `add` says where the multiple goes.
 * @param {(limb: number) => string} add
 */
const byMontgomery =
  (add) =>
  /** @param {number} size */
  (size) => [
    '  let q = 0;',
    ...range(0, size).map((limb) => `  ${split(limb)} q = t${limb} - h; ${add(limb)}`),
    ...range(size, 2 * size - 1).map(
      (limb) => `  ${split(limb)} out[${limb - size + 1}] = t${limb} - h; t${limb + 1} += h * unit;`,
    ),
    `  out[${size}] = t${2 * size - 1};`,
  ];

/** Carries a limb to the next. @param {number} limb */
const carry = (limb) => `  ${split(limb)} t${limb} -= h; t${limb + 1} += h * unit;`;

/** 2^264 is 9728 and 2^255 is 19. @param {number} size */
const byFolding = (size) => [
  ...range(size, 2 * size - 1).map(carry),
  ...range(0, size).map((limb) => `  t${limb} += t${limb + size} * fold;`),
  ...range(0, size - 1).map(carry),
  '  // 2^255 = 19: the part above bit 14 of the top limb goes to the bottom.',
  `  h = t${size - 1} + ROUND_TOP - ROUND_TOP; t${size - 1} -= h; t0 += h * FOLD_TOP;`,
  carry(0),
  ...range(0, size).map((limb) => `  out[${limb + 1}] = t${limb};`),
];

/** @param {Field} field */
function writeReduce(field) {
  if (field.isInlined === true) return [];
  const columns = range(0, 2 * field.size - 1).map((column) => `t${column}: number, `);
  return [
    `/** ${field.reduces} */`,
    '// prettier-ignore',
    'function reduce(',
    '  out: Limbs,',
    ...fill('  ', '  ', columns),
    '): void {',
    ...writeReduceBody(field),
    '}',
    '',
  ];
}

const BY_MONTGOMERY =
  'Montgomery reduction and carries: adding `q` times p makes a limb zero. Limbs come out in [-2^23, 2^23].';

/** @param {number} up */
const upBy = (up) => `const UP_${up} = 2 ** ${up};\n`;

/** @type {readonly Field[]} */
const FIELDS = [
  {
    file: 'p256-field.ts',
    head: `// The field of P-256 (SP 800-186 §3.2.1.3): p = 2^256 - 2^224 + 2^192 + 2^96 - 1, eleven limbs of 24 bits.
// Montgomery reduction (R = 2^264) needs no multiplication here: p is -1 modulo 2^24, so the limb is the multiple.`,
    size: 11,
    constants: upBy(8) + upBy(16),
    locals: [
      ['up8', 'UP_8'],
      ['up16', 'UP_16'],
    ],
    reduces: BY_MONTGOMERY,
    reduce: byMontgomery(
      (limb) =>
        `t${limb + 1} += h * unit; t${limb + 4} += q; t${limb + 8} += q; t${limb + 9} -= q * up8; t${limb + 10} += q * up16;`,
    ),
    doc: 'Arithmetic modulo the prime of P-256.',
    name: 'fieldP256',
    prime: "'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff'",
    bits: 256,
  },
  {
    file: 'p384-field.ts',
    head: `// The field of P-384 (SP 800-186 §3.2.1.4): p = 2^384 - 2^128 - 2^96 + 2^32 - 1, 17 limbs of 24 bits.
// Montgomery reduction (R = 2^408) needs no multiplication here: p is -1 modulo 2^24, so the limb is the multiple.`,
    size: 17,
    constants: upBy(8),
    locals: [['up8', 'UP_8']],
    reduces: BY_MONTGOMERY,
    reduce: byMontgomery(
      (limb) => `t${limb + 1} += h * unit + q * up8; t${limb + 4} -= q; t${limb + 5} -= q * up8; t${limb + 16} += q;`,
    ),
    doc: 'Arithmetic modulo the prime of P-384.',
    name: 'fieldP384',
    prime: "'fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff'",
    bits: 384,
  },
  {
    file: 'p521-field.ts',
    head: `// The field of P-521 (SP 800-186 §3.2.1.5): p = 2^521 - 1, 22 limbs of 24 bits.
// Montgomery reduction (R = 2^528) needs no multiplication here: p is -1 modulo 2^24, so the limb is the multiple.`,
    size: 22,
    constants: upBy(17),
    locals: [['up17', 'UP_17']],
    reduces: BY_MONTGOMERY,
    reduce: byMontgomery((limb) => `t${limb + 1} += h * unit; t${limb + 21} += q * up17;`),
    doc: 'Arithmetic modulo the prime of P-521.',
    name: 'fieldP521',
    prime: "'01ff' + 'f'.repeat(128)",
    bits: 521,
  },
  {
    file: 'curve25519-field.ts',
    head: `// The field of Curve25519 (RFC 7748 §4.1): p = 2^255 - 19, eleven limbs of 24 bits. 2^264 is 9728 modulo p:
// the upper half of a product is folded onto the lower half.`,
    size: 11,
    constants: `/** The same as \`ROUND\` for a multiple of 2^15. */
const ROUND_TOP = 1.5 * 2 ** 67;
/** The factor that moves the part above the 255th bit to the bottom. */
const FOLD_TOP = 19 * 2 ** -15;
/** 2^264 modulo p. */
const FOLD = 19 * 2 ** 9;
`,
    locals: [['fold', 'FOLD']],
    reduces: "Folds a product's upper half onto the lower and carries. Limbs in [-2^23, 2^23], the second 2^17 beyond.",
    reduce: byFolding,
    isInlined: true,
    doc: 'Arithmetic modulo 2^255 - 19.',
    name: 'field25519',
    prime: "'7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed'",
    bits: 255,
  },
];

/** @param {Field} field */
const writeField = (field) => `${field.head}
// Written by scripts/field-arithmetic.mjs. Do not edit.
import { createField, type Field } from './field';
import type { Limbs } from './limbs';

// Powers, which are doubles in Lua too: whole literals would be integers there.
/** Adding and taking away 1.5 * 2^76 rounds a double of less than 2^75 to a multiple of 2^24. */
const ROUND = 1.5 * 2 ** 76;
/** The factor that moves the part above a limb to the next limb. */
const UNIT = 2 ** -24;
${field.constants}
${[...writeReduce(field), ...writeMultiply(field)].join('\n')}

${writeSquare(field).join('\n')}

/** ${field.doc} */
export const ${field.name}: Field = createField({
  prime: ${field.prime},
  bits: ${field.bits},
  size: ${field.size},
  isMontgomery: ${field.reduce !== byFolding},
  multiply,
  square,
});
`;

/** @param {string} file */
const pathOf = (file) => `${ROOT}src/crypto/${file}`;

/**
 * Names the files that are not what this script writes.
 * @param {(path: string) => string} read
 */
export function findEdited(read) {
  return FIELDS.filter((field) => read(pathOf(field.file)) !== writeField(field)).map(({ file }) => file);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check');
  const edited = findEdited((path) => (existsSync(path) ? readFileSync(path, 'utf8') : ''));
  for (const field of FIELDS) {
    if (!edited.includes(field.file)) continue;
    if (!check) writeFileSync(pathOf(field.file), writeField(field));
    console.log(`src/crypto/${field.file}${check ? ' was edited: run `node scripts/field-arithmetic.mjs`' : ''}`);
  }
  if (check && edited.length > 0) process.exitCode = 1;
}
