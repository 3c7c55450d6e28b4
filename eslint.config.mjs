// The linter's rules. What keeps the core pure, and readable by typescript-to-lua and njs 0.7.9, is tested in
// test/unit/purity.test.ts.
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * @param {string} selector
 * @param {string} message
 */
const ban = (selector, message) => ({ selector, message });

// STYLE: functions and readonly data.
const OBJECT_SYNTAX = [
  ban('ClassDeclaration, ClassExpression', 'no class: functions and readonly data'),
  ban('ThisExpression', 'no `this`: functions and readonly data'),
  ban('TSEnumDeclaration', 'no enum: a union of strings'),
  ban('TSModuleDeclaration', 'no namespace: a module is one'),
  ban('Decorator', 'no decorator'),
];

// Refused by njs 0.7.9, whose engine has no equivalent that a compiler could write.
const NJS_SYNTAX = [
  ban('ForOfStatement', 'no for..of: njs has none; count an index'),
  ban('ObjectPattern, ArrayPattern', 'no destructuring: njs has none'),
  ban('SpreadElement', 'no spread: njs has none'),
  ban('AssignmentPattern', 'no default parameter: njs has none'),
  ban('ChainExpression', 'no `?.`: njs 0.7.9 has none'),
  ban('AssignmentExpression[operator=/^(\\?\\?|\\|\\||&&)=$/]', 'no `??=`, `||=`, `&&=`: njs 0.7.9 has none'),
  ban('CatchClause[param=null]', 'no catch without a binding: njs has none'),
  ban('Literal[bigint]', 'no BigInt: njs has none'),
  ban(':function[generator=true]', 'no generator: njs has none'),
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
const NO_HOST = /** @type {const} */ (['/(haproxy|nginx|scripts|test)/', 'hosts import src/, never the other way']);
const PORT_TYPES = /** @type {const} */ (['/ports/', 'ports are interfaces: import their types only', true]);

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
    rules: {
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
      'no-restricted-syntax': ['error', ...OBJECT_SYNTAX, ...NJS_SYNTAX, ...CORE_SYNTAX],
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
    files: ['src/core/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': importBans(NO_PACKAGE, NO_HOST, PORT_TYPES, [
        '^\\.\\./(?!codec/|keys/|ports/)',
        'src/core imports src/core, src/codec, src/keys and types of src/ports',
      ]),
    },
  },
  {
    files: ['src/policy/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': importBans(NO_PACKAGE, NO_HOST, PORT_TYPES, [
        '^\\.\\./(?!codec/|core/|ports/)',
        'src/policy imports src/policy, src/core, src/codec and types of src/ports',
      ]),
    },
  },
  {
    files: ['src/crypto/**/*.ts'],
    rules: { 'max-lines': ['error', { max: 400 }] },
  },
  {
    files: ['haproxy/**/*.ts'],
    ignores: ['**/*.d.ts'],
    rules: {
      // Lua answers nil where its types promise a value, and its functions have no `this`.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // typescript-to-lua's multiple results are taken apart, and it writes for..of well.
      'no-restricted-syntax': ['error', ...OBJECT_SYNTAX],
      '@typescript-eslint/no-restricted-imports': importBans(['/nginx/', 'the two hosts never import each other']),
    },
  },
  {
    files: ['nginx/**/*.ts'],
    ignores: ['**/*.d.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...OBJECT_SYNTAX, ...NJS_SYNTAX],
      // njs has no `catch` without a binding.
      '@typescript-eslint/no-unused-vars': ['error', { caughtErrors: 'none' }],
      '@typescript-eslint/no-restricted-imports': importBans(['/haproxy/', 'the two hosts never import each other']),
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
