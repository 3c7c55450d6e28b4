// Another policy, whose headers are others, in force by one reload: docs/nginx.md says how, and no request is refused.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, describe, test } from 'vitest';
import { reachedBy, startEchoBackend, valuesOf } from '../helpers/echo-backend';
import { ISSUERS, tokenOf } from '../helpers/haproxy-policy-server';
import { startLoad } from '../helpers/keep-alive';
import { AUTH_REQUEST, dictionaries, startWithPolicy, wire } from '../helpers/nginx-policy';
import { ENGINES, startNginx } from '../helpers/nginx-server';

const RULES = [{ name: 'all', paths: ['/**'] }];
const ONE = { issuers: ISSUERS, rules: RULES, forward: { 'X-User': 'user' } };
const TWO = { issuers: ISSUERS, rules: RULES, forward: { 'X-User': 'user', 'X-Subject': 'subject' } };
const ENV = { HAMSTER_SECRET: 'a secret of thirty-two characters' };

describe.each(ENGINES.filter(({ seesEnvValues }) => seesEnvValues))('$suite, $name', (engine) => {
  test(
    'O5: takes a policy with other headers into force under load, and refuses no request',
    { timeout: 60_000 },
    async () => {
      const backend = await startEchoBackend();
      const nginx = await startNginx(engine, {
        env: ENV,
        main: 'env OAUTH_POLICY=DIRECTORY/policy-1.json;',
        workers: 2,
        http: dictionaries(engine),
        server: `${AUTH_REQUEST}
        location / { include DIRECTORY/forward-1.conf; proxy_pass http://127.0.0.1:${String(backend.port)}; }
        location = /_jwtverify { internal; error_page 599 /_; js_content jwtverify.auth; }`,
        files: { 'policy-1.json': JSON.stringify(ONE), 'policy-2.json': JSON.stringify(TWO), 'forward-1.conf': '' },
      });
      /** What a second nginx with the policy says that its headers take. */
      const linesFor = async (policy: object): Promise<string> => {
        const second = await startWithPolicy(engine, policy, backend, { env: ENV });
        const lines = await wire(second);
        await second.stop();
        return lines;
      };
      writeFileSync(join(nginx.directory, 'forward-1.conf'), await linesFor(ONE));
      await nginx.reload();
      const token = tokenOf();
      expect((await nginx.askWith(token)).status).toBe(200);
      writeFileSync(join(nginx.directory, 'forward-2.conf'), await linesFor(TWO));
      const load = startLoad(nginx.port, () => ['any', token]);
      await load.more('any', 50);
      await nginx.reload((configuration) =>
        configuration.replaceAll('policy-1', 'policy-2').replaceAll('forward-1', 'forward-2'),
      );
      await load.more('any', 100);
      await load.end();
      const reached = reachedBy(await nginx.askWith(token));
      await nginx.stop();
      await backend.stop();
      expect(load.seen('any')).toEqual(['200']);
      expect([valuesOf(reached, 'X-User'), valuesOf(reached, 'X-Subject')]).toEqual([['user-1'], ['user-1']]);
    },
  );
});
