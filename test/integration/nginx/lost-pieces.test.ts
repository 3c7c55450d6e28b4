// Dictionaries drop what was set longest ago: a policy of which a piece is lost decides nothing, and is written anew.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ISSUERS, tokenOf } from '../helpers/haproxy-policy-server';
import { askingsOf } from '../helpers/nginx-policy';
import { ENGINES, type Engine } from '../helpers/nginx-server';
import { startPolicyNginx, type PolicyNginx } from '../helpers/nginx-policy-server';

/** Of the rules the wide one is public: with the node of `/admin` lost it would decide. */
const POLICY = {
  issuers: ISSUERS,
  rules: [
    { name: 'admin', paths: ['/admin/**'], require: { scopes: ['admin'] } },
    { name: 'never', paths: ['/never/**'], access: 'deny' },
    { name: 'open', paths: ['/**'], access: 'public' },
  ],
  forward: { 'X-Auth-Request-User': 'user' },
};

/**
 * Loses the entries whose names have one of these words in them; by none of them all. Once, or again and again: at every
 * moment, or with a pause in which other workers write them anew, so that the next loss meets a request that found them whole.
 * A dictionary drops nothing before the first entry: it goes before the others, and once more should it be new since.
 */
const LOSE = `
var keys = ngx.shared.jwtverify_keys;
function find(words) {
  var names = keys.keys(100000).filter((name) => words.some((word) => name.indexOf(word) >= 0));
  var firsts = names.filter((name) => /^(node|rule):/.test(name)).map((name) => 'first:' + name.slice(5, 21));
  return { lost: names.length, names: firsts.slice(0, 1).concat(names, firsts.slice(0, 1)) };
}
function lose(r) {
  var found = find((r.args.words || '').split(',')), until = Date.now() + Number(r.args.during || 0), next;
  do {
    found.names.forEach((name) => { keys.delete(name); });
    next = Date.now() + Number(r.args.pause || 0);
    while (Date.now() < next);
  } while (Date.now() < until);
  r.return(200, String(found.lost));
}
export default { lose };
`;

const LOSSES = [
  'first:',
  'first:,admin',
  'first:,node:',
  'first:,node:,rule:',
  'first:,rule:',
  'first:,last:',
  'gist',
  '',
];

const WITH_DICTIONARIES = ENGINES.filter(({ hasSharedDict }) => hasSharedDict);

function startLosing(engine: Engine): Promise<PolicyNginx> {
  return startPolicyNginx(engine, POLICY, {
    env: { HAMSTER_SECRET: 'a secret of thirty-two characters' },
    workers: 2,
    files: { 'lose.js': LOSE },
    http: () => 'js_import lose from DIRECTORY/lose.js;',
    server: 'location = /_lose { auth_request off; js_content lose.lose; }',
  });
}

describe.each(WITH_DICTIONARIES)('$suite, $name', (engine) => {
  let nginx: PolicyNginx;
  beforeAll(async () => {
    nginx = await startLosing(engine);
  });
  afterAll(() => nginx.stop());

  describe.each(askingsOf(engine))('by %s', (asking) => {
    test.each(LOSSES)('refuses without a token, and knows a good one again, after the loss of `%s`', async (words) => {
      const ask = { path: '/admin/x', port: nginx.portOf(asking) };
      const good = tokenOf({ scope: 'admin' });
      const wrong = tokenOf({ scope: 'other' });
      let lost = 0;
      for (let turn = 0; turn < 6; turn += 1) {
        expect((await nginx.askWith(good, ask)).status).toBe(200);
        const before = nginx.backend.count();
        lost += Number((await nginx.ask({ path: `/_lose?words=${words}` })).body);
        const nobody = await nginx.ask(ask);
        await nginx.ask({ path: `/_lose?words=${words}` });
        const other = await nginx.askWith(wrong, ask);
        expect([nobody.status, other.status, nginx.backend.count()]).toEqual([401, 403, before]);
        await nginx.ask({ path: `/_lose?words=${words}` });
      }
      expect(lost).toBeGreaterThan(0);
    });

    // Last: a context of QuickJS that could not write the pieces goes on with the whole policy in its own memory.
    test('lets nobody pass while another worker loses pieces at every moment', { timeout: 60_000 }, async () => {
      const port = nginx.portOf(asking);
      const before = nginx.backend.count();
      const statuses = new Set<number>();
      for (let turn = 0; turn < 8; turn += 1) {
        const spin = nginx.ask({ path: '/_lose?words=first:,admin&during=250' });
        for (let burst = 0; burst < 8; burst += 1) {
          const asked = Array.from({ length: 12 }, () => nginx.ask({ path: '/admin/x', port }));
          for (const answer of await Promise.all(asked)) statuses.add(answer.status);
        }
        await spin;
      }
      expect([statuses.has(200), nginx.backend.count()]).toEqual([false, before]);
    });
  });
});

describe.each(WITH_DICTIONARIES)('$suite, $name, in turns', (engine) => {
  let nginx: PolicyNginx;
  beforeAll(async () => {
    nginx = await startLosing(engine);
  });
  afterAll(() => nginx.stop());

  test.each(askingsOf(engine))(
    'refuses what no token opens while pieces are lost and written anew: %s',
    async (asking) => {
      const ask = { path: '/never/x', port: nginx.portOf(asking) };
      const before = nginx.backend.count();
      const statuses = new Set<number>();
      for (let turn = 0; turn < 16; turn += 1) {
        const spin = nginx.ask({ path: '/_lose?words=first:,never&during=250&pause=2' });
        for (let burst = 0; burst < 12; burst += 1) {
          const asked = Array.from({ length: 12 }, () => nginx.ask(ask));
          for (const answer of await Promise.all(asked)) statuses.add(answer.status);
        }
        await spin;
      }
      expect([statuses.has(200), nginx.backend.count()]).toEqual([false, before]);
    },
  );
});
