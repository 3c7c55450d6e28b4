// The check of rooms, twins and documents, on small trees that are made up here.
import { describe, expect, test } from 'vitest';
import { findFaults } from '../../../scripts/architecture.mjs';

const room = (folder: string, ...imports: string[]) => ({ folder, holds: '', imports });

const HOUSES = {
  src: [room('src/model'), room('src/token', 'src/model')],
  haproxy: [room('haproxy/ports'), room('haproxy/main.ts', 'haproxy/ports')],
  nginx: [room('nginx/ports'), room('nginx/parts', 'nginx/ports'), room('nginx/main.ts', 'nginx/parts')],
};
const TWINS = [
  { haproxy: 'main.ts', nginx: 'main.ts', differs: '' },
  { haproxy: 'ports/log.ts', nginx: 'ports/log.ts', differs: '' },
];
const FILES: Readonly<Record<string, string>> = {
  'src/model/key.ts': 'export interface Key { readonly kid: string }',
  'src/token/flow.ts': `import type { Key } from '../model/key';
export type Step = { readonly kind: 'verified'; readonly key: Key };
export function begin(key: Key): Step { return { kind: 'verified', key }; }`,
  'haproxy/ports/log.ts': 'export const log = {};',
  'haproxy/main.ts': "import { log } from './ports/log';\nimport { begin } from '../src/token/flow';",
  'nginx/ports/log.ts': 'export const log = {};',
  'nginx/parts/open-judge.d.ts': "import type { log } from '../ports/log';\nexport function openJudge(): typeof log;",
  'nginx/main.ts': "import { openJudge } from 'part:judge';\nfunction auth(): void {}\nexport default { auth };",
  'scripts/build.mjs': '',
  'docs/architecture.md': `\`haproxy/main.ts\` calls \`begin(key)\` (\`src/token/\`, \`flow.ts\`), which returns a \`Step\` of the kind
\`verified\`. \`dist/nginx/jwtverify.js\` exports \`auth()\`. The operator sets \`OAUTH_ISSUER\` in \`/etc/haproxy/haproxy.cfg\`.

\`\`\`text
\`NoName\` in a block is no name
\`\`\``,
  'CONTRIBUTING.md': '`scripts/build.mjs` builds. `NoName` is not looked up here.',
};

/** A document that does not exist. */
const WISHES = 'WISHES.md';

interface Change {
  readonly files?: Readonly<Record<string, string | undefined>>;
  readonly houses?: Readonly<Record<string, readonly ReturnType<typeof room>[]>>;
  readonly twins?: typeof TWINS;
}

/** The faults of the good tree with changes; a file that is undefined is taken away. */
function faultsOf({ files = {}, houses = {}, twins = TWINS }: Change): readonly string[] {
  const all = Object.entries({ ...FILES, ...files }).filter((file): file is [string, string] => file[1] !== undefined);
  return findFaults({ houses: { ...HOUSES, ...houses }, twins, files: new Map(all) });
}

const FAULTS: readonly (readonly [what: string, change: Change, faults: readonly string[]])[] = [
  [
    'a room that imports one which it may not',
    { files: { 'src/model/policy.ts': "import { begin } from '../token/flow';" } },
    ['src/model/policy.ts imports src/token/flow.ts: src/model may not import src/token'],
  ],
  [
    'the same by `import type`',
    { files: { 'src/model/policy.ts': "import type { Step } from '../token/flow';" } },
    ['src/model/policy.ts imports src/token/flow.ts: src/model may not import src/token'],
  ],
  [
    'the same by `export ... from`',
    { files: { 'src/model/policy.ts': "export { begin } from '../token/flow';" } },
    ['src/model/policy.ts imports src/token/flow.ts: src/model may not import src/token'],
  ],
  [
    'the same by the type `import(...)`',
    { files: { 'src/model/policy.ts': "export type Policy = import('../token/flow').Step;" } },
    ['src/model/policy.ts imports src/token/flow.ts: src/model may not import src/token'],
  ],
  [
    'a host that imports the other',
    { files: { 'nginx/ports/log.ts': "import { log } from '../../haproxy/ports/log';" } },
    ['nginx/ports/log.ts imports haproxy/ports/log.ts: nginx/ may not import haproxy/'],
  ],
  [
    'the core that imports a host',
    { files: { 'src/model/policy.ts': "import { log } from '../../haproxy/ports/log';" } },
    ['src/model/policy.ts imports haproxy/ports/log.ts: src/ may not import haproxy/'],
  ],
  [
    'a room that may import one which comes later',
    {
      houses: { src: [room('src/model', 'src/token'), room('src/token')] },
      files: {
        'src/model/key.ts': "import type { Step } from '../token/flow';\nexport type Key = Step;",
        'src/token/flow.ts': "export type Step = 'verified';\nexport function begin(): void {}",
      },
    },
    ['src/model imports src/token, which does not come before it in scripts/rooms.mjs'],
  ],
  [
    'two files that import each other',
    {
      files: {
        'src/model/a.ts': "import { b } from './b';\nexport const a = 1;",
        'src/model/b.ts': "import { a } from './a';\nexport const b = 1;",
      },
    },
    ['files import each other in a circle: src/model/a.ts -> src/model/b.ts -> src/model/a.ts'],
  ],
  [
    'a circle of three, of types and values',
    {
      files: {
        'src/model/a.ts': "import { b } from './b';\nexport type A = typeof b;",
        'src/model/b.ts': "import type { C } from './c';\nexport const b: C = 1;",
        'src/model/c.ts': "import type { A } from './a';\nexport type C = A;",
      },
    },
    ['files import each other in a circle: src/model/a.ts -> src/model/b.ts -> src/model/c.ts -> src/model/a.ts'],
  ],
  [
    'a file in no room',
    { files: { 'src/attic/box.ts': 'export const box = 1;' } },
    ['src/attic/box.ts is in no room of scripts/rooms.mjs'],
  ],
  ['a room without a file', { houses: { src: [...HOUSES.src, room('src/attic')] } }, ['src/attic has no file']],
  [
    'a permission that nobody uses',
    { houses: { nginx: [...HOUSES.nginx.slice(0, 2), room('nginx/main.ts', 'nginx/parts', 'nginx/ports')] } },
    ['no file of nginx/main.ts imports nginx/ports: take it off its list'],
  ],
  [
    'a path of docs/architecture.md that does not exist',
    { files: { 'docs/architecture.md': '`src/token/step.ts`, `src/attic/`, `steps.ts`' } },
    ['src/token/step.ts', 'src/attic/', 'steps.ts'].map(
      (name) => `docs/architecture.md names \`${name}\`, which does not exist`,
    ),
  ],
  [
    'a path of CONTRIBUTING.md that does not exist',
    { files: { 'CONTRIBUTING.md': '`scripts/no.mjs`' } },
    ['CONTRIBUTING.md names `scripts/no.mjs`, which does not exist'],
  ],
  [
    'a function, a type and a word of docs/architecture.md that nothing exports',
    { files: { 'docs/architecture.md': '`finish()`, `Steps`, `vanished`' } },
    ['finish()', 'Steps', 'vanished'].map((name) => `docs/architecture.md names \`${name}\`, which nothing exports`),
  ],
  [
    'a function that docs/architecture.md looks for in another file',
    { files: { 'docs/architecture.md': '`begin()` (`src/token/flow.ts`), `begin(key)`\n(`src/model/key.ts`)' } },
    ['docs/architecture.md looks for `begin()` in src/model/key.ts, which does not export it'],
  ],
  [
    'a comment that names a file which does not exist',
    {
      files: {
        'src/model/key.ts': '// See flow.ts, token/flow.ts and step.ts.\nexport type Key = string; // ' + WISHES,
      },
    },
    ['step.ts', WISHES].map((name) => `a comment of src/model/key.ts names ${name}, which does not exist`),
  ],
  [
    'a twin that does not exist',
    { twins: [...TWINS, { haproxy: 'ports/http.ts', nginx: 'ports/log.ts', differs: '' }] },
    ['scripts/twins.mjs names haproxy/ports/http.ts, which does not exist'],
  ],
  [
    'a name that both hosts have and the table has not',
    { twins: TWINS.slice(0, 1) },
    ['both hosts have a log.ts, which scripts/twins.mjs does not compare'],
  ],
];

describe('the check of the architecture', () => {
  test('passes a good tree', () => {
    expect(faultsOf({})).toEqual([]);
  });

  test.each(FAULTS)('finds %s', (_, change, faults) => {
    expect(faultsOf(change)).toEqual(faults);
  });
});
