// `client:` of a deny list, by the claim that a policy says is the client.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ISSUERS, SECRET, startWithPolicy, tokenOf } from '../helpers/haproxy-policy-server';
import { startPolicyNginx } from '../helpers/nginx-policy-server';
import { ENGINES } from '../helpers/nginx-server';
import { makeWorkDirectory, SUITES, type SuiteName } from '../helpers/suite';

/** A policy whose tokens name their client in `cid`, or nowhere in particular, and a deny list that it names. */
function policyFor(suite: SuiteName, claims: object): object {
  const work = makeWorkDirectory(suite);
  writeFileSync(join(work.outside, 'denied'), 'client:My%20App\nclient:42 # a number\n');
  return {
    issuers: ISSUERS.map((issuer) => ({ ...issuer, ...claims })),
    deny_path: `${work.inside}/denied`,
    otherwise: 'authenticated',
  };
}

const MAPPED: readonly (readonly [Readonly<Record<string, unknown>>, number])[] = [
  [{ cid: 'My App' }, 401],
  [{ cid: 'My' }, 200],
  [{ client_id: 'My App' }, 200],
];
const USUAL: readonly (readonly [Readonly<Record<string, unknown>>, number])[] = [
  [{ cid: 'My App' }, 200],
  [{ client_id: 'My App' }, 401],
  [{ azp: 'My App' }, 401],
  [{ azp: 'My App', client_id: 'other' }, 200],
];

describe.each([
  ['maps it', { claims: { client: 'cid' } }, MAPPED],
  ['says nothing', {}, USUAL],
])('where a policy %s', (_, claims, cases) => {
  const wanted = cases.map(([changes, status]) => [changes, status, status]);

  test.each(SUITES)('the client is denied: HAProxy of %s', async (suite) => {
    const proxy = await startWithPolicy(suite, { policy: policyFor(suite, claims) });
    const seen: unknown[] = [];
    for (const [changes] of cases) {
      const token = tokenOf(changes);
      // Verified, then remembered where it passed.
      seen.push([changes, (await proxy.askWith(token)).status, (await proxy.askWith(token)).status]);
    }
    expect(seen).toEqual(wanted);
    await proxy.stop();
  });

  test.each(ENGINES)('the client is denied: nginx in $suite, $name', async (engine) => {
    const env = { HAMSTER_SECRET: SECRET };
    const nginx = await startPolicyNginx(engine, policyFor(engine.suite, claims), { env });
    const seen: unknown[] = [];
    for (const [changes] of cases) {
      const token = tokenOf(changes);
      seen.push([changes, (await nginx.askWith(token)).status, (await nginx.askWith(token)).status]);
    }
    expect(seen).toEqual(wanted);
    await nginx.stop();
  });
});
