// What the command takes: processor time of its start, of `check` of 1,000 rules, and of a configuration of HAProxy.
// `node bench/command.mjs [--command FILE] [--rounds 9]`: writes nothing. bench/notes.md has what was measured.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    command: { type: 'string', default: fileURLToPath(new URL('../dist/cli/jwtverify.mjs', import.meta.url)) },
  },
});
const RULES = 1000;
const folder = mkdtempSync(join(tmpdir(), 'jwtverify-bench-'));

const rules = Array.from({ length: RULES }, (_, place) => ({
  name: `rule-${place}`,
  paths: [`/service-${place}/**`, `/v${place % 7}/items-${place}/*`],
  methods: place % 2 === 0 ? ['GET'] : ['POST', 'PUT', 'DELETE'],
  require: { scopes: [`scope-${place}`] },
}));
const issuers = [{ issuer: 'https://a.example/', audiences: ['api'] }];
const policy = join(folder, 'policy.json');
writeFileSync(policy, JSON.stringify({ issuers, rules }));
const small = join(folder, 'small.json');
writeFileSync(small, JSON.stringify({ issuers, rules: rules.slice(0, 3) }));

const routes = Array.from({ length: RULES }, (_, place) => `  use_backend app if { path_beg /service-${place}/ }`);
const cfg = join(folder, 'haproxy.cfg');
writeFileSync(
  cfg,
  `global
  setenv OAUTH_POLICY ${policy}
  lua-load-per-thread /usr/local/share/haproxy/jwtverify.lua
defaults
  mode http
frontend web
  bind :8080
  http-request lua.jwtenforce
  http-request deny deny_status 503 unless { var(txn.authorized) -m bool }
${routes.join('\n')}
backend app
  server a 127.0.0.1:3001
`,
);

const TIMED = 'TIMEFORMAT=\'%3U %3S\'; time "$0" "$@" >/dev/null 2>&1';

/** Milliseconds of processor time, and of the clock. @param {readonly string[]} words @returns {readonly [number, number]} */
function measure(words) {
  const start = performance.now();
  const ran = spawnSync('bash', ['-c', TIMED, process.execPath, ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (ran.status !== 0) throw new Error(words.join(' '));
  const [user = 0, system = 0] = ran.stderr.trim().split(' ').map(Number);
  return [(user + system) * 1000, performance.now() - start];
}

/** @param {readonly number[]} all */
const median = (all) => [...all].sort((one, other) => one - other)[Math.floor(all.length / 2)] ?? 0;

try {
  for (const [name, words] of /** @type {const} */ ([
    ['Node alone', ['-e', '0']],
    ['the start (`--version`)', [values.command, '--version']],
    ['`check`, 3 rules', [values.command, 'check', small]],
    [`\`check\`, ${RULES} rules`, [values.command, 'check', policy]],
    [`\`check\`, HAProxy with ${RULES} routes and that policy`, [values.command, 'check', cfg]],
  ])) {
    const times = Array.from({ length: Number(values.rounds) }, () => measure(words));
    const [processor, clock] = [0, 1].map((place) => median(times.map((time) => time[place] ?? 0)).toFixed(0));
    console.log(`${name}: ${processor} ms of processor time, ${clock} ms of the clock`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
