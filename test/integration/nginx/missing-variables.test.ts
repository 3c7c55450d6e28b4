// A location of nginx that answers gateways without the variables that have what it is asked about.
import { describe, expect, test } from 'vitest';
import { good, startBlock } from '../helpers/docs-runner';
import { documentedGateways } from '../helpers/documented-gateways';
import { traefik } from '../helpers/gateways';
import { request, SUITES } from '../helpers/suite';

const { forwardedBlock: FORWARDED } = documentedGateways('docs/gateways-nginx.md');

describe.each(SUITES)('nginx of %s', (suite) => {
  test('an authorizer without its variables answers 503, and the log names what is missing', async () => {
    const text = FORWARDED.text.replaceAll(/^ *set .jwtverify_.*\n/gm, '');
    const running = await startBlock({ ...FORWARDED, text }, suite);
    const bearer = ['Authorization', `Bearer ${await good()}`] as const;
    const answer = await request({
      ...traefik({ method: 'GET', uri: '/api/hamsters', headers: [bearer] }),
      port: running.port,
    });
    expect([answer.status, answer.headers['x-oauth-reason']]).toEqual([503, 'settings_invalid']);
    await running.stop();
    expect(running.output()).toContain('must set `$jwtverify_method` and `$jwtverify_target`');
  });
});
