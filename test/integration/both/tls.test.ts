// Keys over https: the provider's certificate and name are verified, by an authority that the configuration names.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSurroundings, TLS_PROXIES, type Surroundings } from '../helpers/tls-proxies';

let around: Surroundings;

beforeAll(async () => {
  around = await startSurroundings();
});
afterAll(() => {
  around.names.socket.close();
});

describe.each(TLS_PROXIES)('$name', ({ judge }) => {
  test('keys come from a provider whose certificate the named authority has signed', async () => {
    const judged = await judge(around, 'provider.test', around.certificates.authority);
    expect(judged).toMatchObject({ status: 200, verdict: 'allowed', problem: '' });
  });

  test.each([
    ['another authority', 'provider.test', 'stranger'],
    ['another name', 'elsewhere.test', 'authority'],
  ] as const)('a certificate of %s is refused, nothing is asked, and the log says why', async (_, host, authority) => {
    const { status, verdict, problem, asked, log } = await judge(around, host, around.certificates[authority]);
    expect([status, verdict, asked]).toEqual([503, 'keys_unavailable', 0]);
    expect(problem).toMatch(/it sends no answer|it cannot be reached/);
    expect(log).toContain(`keys of \`https://${host}:`);
  });
});
