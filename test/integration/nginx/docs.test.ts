// The documents' configurations of nginx as they are pasted: what a client sends under the names of ours reaches no backend.
import { describe, expect, test } from 'vitest';
import { blocksOf, DOCUMENTS } from '../helpers/docs-blocks';
import { good, startBlock } from '../helpers/docs-runner';

const FORGED = [
  ['X-OAuth-Subject', 'root'],
  ['X-OAuth-Scopes', 'write:everything'],
] as const;

const BLOCKS = DOCUMENTS.flatMap((document) =>
  blocksOf(document).filter(
    ({ language, notRun, askedBy, text }) =>
      language === 'nginx' &&
      notRun === undefined &&
      askedBy === undefined &&
      text.includes('proxy_pass http://apiservers'),
  ),
);
const CASES = BLOCKS.flatMap((block) =>
  block.suites.map((suite) => ({ block, suite, name: `${block.document}:${String(block.line)}` })),
);

describe.concurrent('documented configurations', { timeout: 60_000 }, () => {
  test('there are several', () => {
    expect(BLOCKS.length).toBeGreaterThan(8);
  });

  test.for(CASES)(
    'O3: $name in $suite hands on nobody but the caller',
    async ({ block, suite }, { expect: expects }) => {
      const running = await startBlock(block, suite);
      for (const token of [await good({ scope: 'write:hamsters' }), undefined]) {
        const reached = running.reached(await running.ask(token, { headers: FORGED }));
        expects(reached === undefined).toBe(token === undefined);
        expects(JSON.stringify(reached ?? {})).not.toMatch(/root|everything/);
        if (reached !== undefined) expects(reached['x-oauth-subject']).toBe('turbo');
      }
      await running.stop();
    },
  );
});
