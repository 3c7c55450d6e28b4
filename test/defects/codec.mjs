// Defects of src/codec: base64, JSON, percent-encoding.
import { inArea } from './define.mjs';

const defect = inArea('codec', ['unit'], ['test/unit/codec/', 'test/unit/keys/']);

/** @type {readonly import('./define.mjs').Defect[]} */
export const CODEC = [
  defect('stray bits of two characters are canonical', 'src/codec/base64.ts', {
    find: "const LAST_OF_TWO = 'AQgw';",
    replace: "const LAST_OF_TWO = 'AQgwB';",
  }),
  defect('stray bits of three characters are canonical', 'src/codec/base64.ts', {
    find: "const LAST_OF_THREE = 'AEIMQUYcgkosw048';",
    replace: "const LAST_OF_THREE = 'AEIMQUYcgkosw048B';",
  }),
  defect('one character more is canonical', 'src/codec/base64.ts', {
    find: 'if (rest === 1) return false;',
    replace: 'if (rest === 1) return true;',
  }),
  defect('decoding drops stray bits', 'src/codec/base64.ts', {
    find: 'return bits < 6 && held === 0 ? bytes : undefined;',
    replace: 'return bits < 6 ? bytes : undefined;',
  }),
  defect('base64url takes a plus', 'src/codec/base64.ts', {
    find: 'if (code === (url ? 45 : 43)) return 62;',
    replace: 'if (code === 45 || code === 43) return 62;',
  }),
  defect('a second member of a name is taken', 'src/codec/json-parse.ts', {
    find: "if (name === undefined || seen['$' + name] === true) return undefined;",
    replace: 'if (name === undefined) return undefined;',
  }),
  defect('what follows a JSON value is ignored', 'src/codec/json-parse.ts', {
    find: 'return value !== undefined && nextCode(reader) === -1 ? value : undefined;',
    replace: 'return value;',
  }),
  defect('JSON nests without end', 'src/codec/json-parse.ts', {
    find: 'if (depth >= MAX_DEPTH) return undefined;',
    replace: '',
  }),
  defect('a number may have leading zeros', 'src/codec/json-parse.ts', {
    find: 'if (digits === 0 || (leadingZero && digits > 1)) return undefined;',
    replace: 'if (digits === 0 || (leadingZero && digits < 1)) return undefined;',
  }),
  defect('a number may be infinite', 'src/codec/json-parse.ts', {
    find: "return value >= -LARGEST && value <= LARGEST ? { kind: 'number', value, text } : undefined;",
    replace: "return value >= -LARGEST || value <= LARGEST ? { kind: 'number', value, text } : undefined;",
  }),
  defect('a raw control character in a string is taken', 'src/codec/json-string.ts', {
    find: 'return reader.text.hasControl(part) &&',
    replace: "return reader.text.hasControl('') &&",
  }),
  defect('half of a surrogate pair is taken', 'src/codec/json-string.ts', {
    find: 'if (first < 0xd800 || first > 0xdfff) return',
    replace: 'if (first < 0xdc00 || first > 0xdfff) return',
  }),
  defect('a character in a longer form than the shortest is taken', 'src/codec/percent.ts', {
    find: 'if (codePoint < sequence.least || codePoint > 0x10ffff) return undefined;',
    replace: 'if (codePoint > 0x10ffff) return undefined;',
    projects: ['engine'],
    tests: ['test/engine/policies-node.test.ts'],
  }),
  defect('a letter with a mark of its own is not denied as the character that one sees', 'src/codec/composition.ts', {
    find: 'before = composed ?? codePoint;',
    replace: 'before = codePoint;',
    tests: ['test/unit/codec/composition.test.ts'],
  }),
  defect('a deny entry does not encode its blanks', 'src/codec/percent.ts', {
    find: "  [' ', '%20'],\n",
    replace: '',
    tests: ['test/unit/token/deny-line.test.ts'],
  }),
];
