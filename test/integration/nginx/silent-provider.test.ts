// A provider that accepts connections and never answers: with the documented times nginx lets jwtverify log it.
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blocksOf } from '../helpers/docs-blocks';
import { good, startBlock } from '../helpers/docs-runner';

// Those with a policy have their keys where it says.
const CASES = blocksOf('docs/nginx.md')
  .filter(({ text }) => text.includes('js_periodic') && text.includes('env OAUTH_AUDIENCE='))
  .flatMap((block) => block.suites.map((suite) => ({ block, suite, line: block.line })));

let provider: Server;

beforeAll(async () => {
  provider = createServer();
  await new Promise<void>((done) => provider.listen(0, '127.0.0.1', done));
});

afterAll(() => {
  provider.close();
});

test.each(CASES)('docs/nginx.md:$line in $suite logs that the provider is silent', async ({ block, suite }) => {
  const url = `http://127.0.0.1:${String((provider.address() as AddressInfo).port)}/keys`;
  const text = block.text.replace(
    /^env OAUTH_AUDIENCE=.*$/m,
    `$&\nenv OAUTH_JWKS_URL=${url};\nenv OAUTH_ALLOW_HTTP=1;`,
  );
  const running = await startBlock({ ...block, text }, suite);
  try {
    expect(running.reached(await running.ask(await good()))).toBeUndefined();
    await expect.poll(() => running.output(), { timeout: 40_000 }).toMatch(/`http:\S+\/keys`: it cannot be reached/);
    expect(running.output()).not.toContain('killing previous instance');
  } finally {
    await running.stop();
  }
});
