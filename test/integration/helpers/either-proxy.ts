// One policy on real proxies of both kinds, in every suite, asked in the same words.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHaproxy } from './haproxy-server';
import { KEYS_CACHE, keysLocation } from './keys-location';
import { pause } from './keep-alive';
import { startPolicyNginx } from './nginx-policy-server';
import { ENGINES, type Engine } from './nginx-server';
import { SUITES, type SuiteName } from './suite';

export interface EitherOptions {
  /** Rules are left out: every verified token may do everything. */
  readonly issuers: readonly object[];
  /** More of the policy. */
  readonly policy?: object;
  /** Files in `DIRECTORY`, which policies name so. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Where the sources of the first issuer's keys are, for the nginx that reads them out of a location. */
  readonly keyUrls?: readonly string[];
}

export interface Verdict {
  readonly status: number;
  readonly reason: string;
}

export interface EitherProxy {
  readonly port: number;
  judge(token: string): Promise<Verdict>;
  /** Judges again and again until the status is this, at most 45 seconds. */
  judgeUntil(token: string, status: number): Promise<Verdict>;
  /** Replaces files, and reloads where the proxy reads them only then. */
  change(files: Readonly<Record<string, string>>): Promise<void>;
  log(): string;
  stop(): Promise<void>;
}

export type Start = (options: EitherOptions) => Promise<EitherProxy>;

const DENY = 'http-request deny deny_status 401 unless { var(txn.authorized) -m bool }';
const SHOW = ['status', 'reason'].map(
  (name) => `http-after-response set-header x-oauth-${name} "%[var(txn.oauth_${name})]"`,
);

function policyOf(options: EitherOptions): object {
  return {
    issuers: options.issuers,
    otherwise: 'authenticated',
    allow_http: true,
    jwks_cooldown: 1,
    ...options.policy,
  };
}

function withJudgeUntil(proxy: Omit<EitherProxy, 'judgeUntil'>): EitherProxy {
  return {
    ...proxy,
    judgeUntil: async (token, status) => {
      const deadline = Date.now() + 45_000;
      let verdict = await proxy.judge(token);
      while (verdict.status !== status && Date.now() < deadline) {
        await pause(200);
        verdict = await proxy.judge(token);
      }
      return verdict;
    },
  };
}

async function startOnHaproxy(suite: SuiteName, options: EitherOptions): Promise<EitherProxy> {
  const env = { OAUTH_POLICY: 'DIRECTORY/policy.json', ...options.env };
  let proxy = await startHaproxy(suite, {
    env,
    files: { 'policy.json': JSON.stringify(policyOf(options)), ...options.files },
    rules: [...SHOW, 'http-request lua.jwtverify', DENY],
    global: ['stats socket DIRECTORY/admin.sock level admin expose-fd listeners'],
    isReloaded: true,
  });
  return withJudgeUntil({
    port: proxy.port,
    judge: async (token) => {
      const answer = await proxy.askWith(token);
      return { status: Number(answer.headers['x-oauth-status']), reason: answer.headers['x-oauth-reason'] ?? '' };
    },
    change: async (files) => {
      proxy = await proxy.succeed({ arguments: ['-x', 'DIRECTORY/admin.sock'], files });
    },
    log: () => proxy.output(),
    stop: () => proxy.stop(),
  });
}

/** Replaces a file whole: whoever reads one that is half written has none. */
function moveThere(place: string, content: string): void {
  writeFileSync(`${place}.new`, content);
  renameSync(`${place}.new`, place);
}

async function startOnNginx(engine: Engine, options: EitherOptions): Promise<EitherProxy> {
  const urls = options.keyUrls ?? [];
  const isLocated = !engine.hasSharedDict && urls.length > 0;
  const map = urls.map((url, index) => `${index === 0 ? 'default' : String(index)} ${url};`).join(' ');
  const nginx = await startPolicyNginx(engine, policyOf(options), {
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.files === undefined ? {} : { files: options.files }),
    http: () => (isLocated ? `${KEYS_CACHE} map $arg_source $source { volatile; ${map} }` : ''),
    server: isLocated ? keysLocation('set $jwtverify_url $source;') : '',
  });
  return withJudgeUntil({
    port: nginx.port,
    judge: async (token) => {
      const answer = await nginx.askWith(token);
      return { status: Number(answer.headers['x-told-status']), reason: answer.headers['x-told-reason'] ?? '' };
    },
    change: async (files) => {
      for (const [name, content] of Object.entries(files)) moveThere(join(nginx.directory, name), content);
      await pause(1100);
    },
    log: () => nginx.errorLog(),
    stop: () => nginx.stop(),
  });
}

/** Each proxy of each suite, on nginx each engine. */
export const EITHER: readonly (readonly [name: string, start: Start])[] = [
  ...SUITES.map(
    (suite) => [`HAProxy of ${suite}`, (options: EitherOptions) => startOnHaproxy(suite, options)] as const,
  ),
  ...ENGINES.map(
    (engine) => [`nginx, ${engine.name}`, (options: EitherOptions) => startOnNginx(engine, options)] as const,
  ),
];
