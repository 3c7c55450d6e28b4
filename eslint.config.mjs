// The linter's rules. What keeps the core pure, and readable by typescript-to-lua and njs 0.7.9, is tested in
// test/unit/purity.test.ts.
import path from 'node:path';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { LOST_UNDEFINED } from './scripts/lost-undefined.mjs';
import { findForbidden } from './scripts/rooms.mjs';

/**
 * @param {string} selector
 * @param {string} message
 */
const ban = (selector, message) => ({ selector, message });

// Functions and readonly data alone, which Lua, njs and readers follow alike.
const OBJECT_SYNTAX = [
  ban('ClassDeclaration, ClassExpression', 'no class: functions and readonly data'),
  ban('ThisExpression', 'no `this`: functions and readonly data'),
  ban('TSEnumDeclaration', 'no enum: a union of strings'),
  ban('TSModuleDeclaration', 'no namespace: a module is one'),
  ban('Decorator', 'no decorator'),
];

// Truthiness, which strict-boolean-expressions does not look for here.
const TRUTH_SYNTAX = [
  ban('AssignmentExpression[operator=/^(\\|\\||&&)=$/]', 'no `||=`, `&&=`: the linter does not see whose truth it is'),
];

// Refused by njs 0.7.9, and by esbuild, which cannot lower it. Object spread it lowers to a slow helper in each part
// (docs/decisions/0043-language.md).
const NJS_SYNTAX = [
  ban('ForOfStatement', 'no for..of: njs has none; count an index'),
  ban('ObjectPattern, ArrayPattern', 'no destructuring: njs has none'),
  ban('SpreadElement', 'no spread: njs has none; copy members with Object.assign'),
  ban('AssignmentPattern', 'no default parameter: njs has none'),
  ban('Literal[bigint]', 'no BigInt: njs has none'),
  ban(':function[generator=true]', 'no generator: njs has none'),
];

// What typescript-to-lua gets wrong.
const LUA_SYNTAX = [
  ban(
    ':not(ExpressionStatement) > AssignmentExpression[operator="??="]',
    'no `??=` within an expression: its left side is evaluated twice in Lua',
  ),
];

// What means something else in Lua, or waits, or throws.
const CORE_SYNTAX = [
  ban('Literal[regex]', 'no regex literal: Lua has none'),
  ban('BinaryExpression[operator=">>"], AssignmentExpression[operator=">>="]', 'no `>>`: Lua has none; use `>>>`'),
  ban('BinaryExpression[operator="|"][right.value=0]', 'no `| 0`: it differs in Lua; use `>>> 0` or Math.floor'),
  ban('ForInStatement', 'no for..in: its order differs in Lua'),
  ban('ThrowStatement', 'nothing here throws: expected failure is a value'),
  ban('TryStatement', 'the driver alone catches'),
  ban(':function[async=true]', 'the core never waits: it returns the next step'),
  ban('ImportExpression', 'no import at run time'),
];

// INVARIANT: the core has no clock, no random, no I/O and no JSON but its own.
const CORE_GLOBALS = [
  'JSON',
  'Date',
  'Intl',
  'Promise',
  'RegExp',
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
  'BigInt',
  'Symbol',
  'Proxy',
  'Reflect',
  'Function',
  'eval',
  'globalThis',
  'window',
  'global',
  'console',
  'process',
  'require',
  'module',
  'Buffer',
  'TextEncoder',
  'TextDecoder',
  'atob',
  'btoa',
  'fetch',
  'XMLHttpRequest',
  'crypto',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'structuredClone',
  // HAProxy's and njs's own.
  'core',
  'ngx',
  'njs',
  'os',
  'io',
];

/** @param {readonly (readonly [regex: string, message: string, allowTypeImports?: boolean])[]} patterns */
const importBans = (...patterns) => [
  'error',
  { patterns: patterns.map(([regex, message, allowTypeImports = false]) => ({ regex, message, allowTypeImports })) },
];

const NO_PACKAGE = /** @type {const} */ (['^(?!\\.\\.?/)', 'src/ imports no package and no module of a host']);
const NO_HOST = /** @type {const} */ (['/(haproxy|nginx|cli|scripts|test)/', 'hosts import src/, never the other way']);
const PORT_TYPES = /** @type {const} */ (['/ports/', 'ports are interfaces: import their types only', true]);

/** Which rooms of the house a file may import (scripts/rooms.mjs). @type {import('eslint').Rule.RuleModule} */
const ROOMS = {
  create: (context) => ({
    ImportDeclaration(node) {
      const file = path
        .relative(import.meta.dirname, context.filename)
        .split(path.sep)
        .join('/');
      const message = findForbidden(file, String(node.source.value));
      if (message !== undefined) context.report({ node, message });
    },
  }),
};

export default defineConfig(
  globalIgnores(['dist/', 'node_modules/', '.cache/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-implicit-coercion': 'error',
      // An index is checked for undefined under noUncheckedIndexedAccess; a counted loop is what both engines know.
      '@typescript-eslint/prefer-for-of': 'off',
      // njs 0.7.9 and Lua know `indexOf`; a regular expression would be refused in src/.
      '@typescript-eslint/prefer-includes': 'off',
      '@typescript-eslint/prefer-string-starts-ends-with': 'off',
      '@typescript-eslint/prefer-regexp-exec': 'off',
      '@typescript-eslint/prefer-optional-chain': 'off',
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignoreIfStatements: true, ignoreTernaryTests: true }],
      '@typescript-eslint/dot-notation': 'off',
      // It asks for the `!` that another rule forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/no-invalid-void-type': ['error', { allowAsThisParameter: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { allowDefaultCaseForExhaustiveSwitch: false }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'haproxy/**/*.ts', 'nginx/**/*.ts'],
    ignores: ['**/*.d.ts'],
    plugins: { house: { rules: { rooms: ROOMS, 'lost-undefined': LOST_UNDEFINED } } },
    rules: {
      'house/rooms': 'error',
      '@typescript-eslint/strict-boolean-expressions': [
        'error',
        { allowString: false, allowNumber: false, allowNullableObject: false },
      ],
      // What an engine really hands over is compared in so many words, whatever its types say.
      '@typescript-eslint/no-unnecessary-boolean-literal-compare': 'off',
      '@typescript-eslint/no-unnecessary-type-conversion': 'off',
      'max-lines': ['error', { max: 250 }],
      'no-var': 'error',
      'no-console': 'error',
      'no-eval': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...OBJECT_SYNTAX,
        ...TRUTH_SYNTAX,
        ...NJS_SYNTAX,
        ...LUA_SYNTAX,
        ...CORE_SYNTAX,
      ],
      'no-restricted-globals': ['error', ...CORE_GLOBALS],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'no random in the core' },
        { object: 'Number', property: 'parseFloat', message: 'see src/codec' },
      ],
      '@typescript-eslint/no-restricted-imports': importBans(NO_PACKAGE, NO_HOST, PORT_TYPES),
    },
  },
  {
    files: ['src/crypto/**/*.ts'],
    rules: { 'max-lines': ['error', { max: 400 }] },
  },
  {
    files: ['src/**/*.ts', 'haproxy/**/*.ts'],
    ignores: ['**/*.d.ts'],
    rules: { 'house/lost-undefined': 'error' },
  },
  {
    files: ['haproxy/**/*.ts'],
    ignores: ['**/*.d.ts'],
    rules: {
      // Lua answers nil where its types promise a value, and its functions have no `this`.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // typescript-to-lua's multiple results are taken apart, and it writes for..of well.
      'no-restricted-syntax': ['error', ...OBJECT_SYNTAX, ...TRUTH_SYNTAX, ...LUA_SYNTAX],
      '@typescript-eslint/no-restricted-imports': importBans(['/nginx/', 'the two hosts never import each other']),
    },
  },
  {
    files: ['nginx/**/*.ts'],
    ignores: ['**/*.d.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...OBJECT_SYNTAX, ...TRUTH_SYNTAX, ...NJS_SYNTAX],
      '@typescript-eslint/no-unused-vars': ['error', { caughtErrors: 'none' }],
      '@typescript-eslint/no-restricted-imports': importBans(['/haproxy/', 'the two hosts never import each other']),
    },
  },
  {
    files: ['cli/**/*.ts'],
    plugins: { house: { rules: { rooms: ROOMS } } },
    rules: {
      'house/rooms': 'error',
      'max-lines': ['error', { max: 250 }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...OBJECT_SYNTAX, ...TRUTH_SYNTAX],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-unnecessary-type-conversion': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    extends: [tseslint.configs.recommended],
    rules: { eqeqeq: 'error', 'no-var': 'error', 'prefer-const': 'error', 'no-constant-condition': 'error' },
  },
);
