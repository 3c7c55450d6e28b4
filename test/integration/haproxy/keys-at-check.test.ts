// `haproxy -c` and the keys of a provider: it fetches none, and says what the start would say.
import { describe, expect, test } from 'vitest';
import { checkHaproxy, failHaproxy } from '../helpers/haproxy-server';
import { AUDIENCE, startIssuer } from '../helpers/issuer-server';
import { following } from '../helpers/key-followers';
import { SUITES } from '../helpers/suite';

describe.concurrent.each(SUITES)('%s', (suite) => {
  test('plain http is refused unless the operator allows it, and `-c` fetches nothing', async () => {
    const issuer = await startIssuer();
    const settings = { OAUTH_ISSUER: issuer.issuer, OAUTH_AUDIENCE: AUDIENCE };
    for (const options of [{ settings }, { settings: { ...settings, OAUTH_JWKS_URL: issuer.jwksUrl } }]) {
      const failed = await failHaproxy(suite, options);
      expect(failed.code).toBe(1);
      expect(failed.output).toContain('set OAUTH_ALLOW_HTTP=1 if you mean it');
    }
    const checked = await checkHaproxy(suite, { settings: following(issuer).settings });
    const paths = issuer.count('');
    await issuer.stop();
    expect(checked).toMatchObject({ code: 0 });
    expect(paths).toBe(0);
  });
});
