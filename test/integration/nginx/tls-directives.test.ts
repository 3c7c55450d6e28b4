// What nginx's configuration must name before keys come over https: authorities, and a resolver for a host name.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENGINES } from '../helpers/nginx-server';
import { judgeOnNginx, startSurroundings, type Surroundings } from '../helpers/tls-proxies';

let around: Surroundings;

beforeAll(async () => {
  around = await startSurroundings();
});
afterAll(() => {
  around.names.socket.close();
});

describe.each(ENGINES.filter((engine) => engine.hasSharedDict))('$suite, $name', (engine) => {
  test.each([
    ['no authority named', undefined, true],
    ['no resolver for a host name', 'authority', false],
  ] as const)('%s: refused, nothing is asked, and the log says why', async (_, authority, hasResolver) => {
    const trusted = authority === undefined ? undefined : around.certificates[authority];
    const judged = await judgeOnNginx(engine, around, 'provider.test', trusted, hasResolver);
    expect([judged.status, judged.verdict, judged.asked]).toEqual([503, 'keys_unavailable', 0]);
    expect(judged.problem).toContain('it cannot be reached');
    expect(judged.log).toContain('keys of `https://provider.test:');
  });
});
