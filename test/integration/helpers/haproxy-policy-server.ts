// Real HAProxy with a policy in front of a backend that answers with what reached it.
import { createHmac } from 'node:crypto';
import { startEchoBackend, type EchoBackend } from './echo-backend';
import { startHaproxy, type Haproxy, type Load } from './haproxy-server';
import type { SuiteName } from './suite';

export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'https://api.example';
export const SECRET = 'a secret of thirty-two characters';

/** One issuer whose tokens `tokenOf` signs. */
export const ISSUERS = [{ issuer: ISSUER, audiences: [AUDIENCE], keys: { secret_env: 'HAMSTER_SECRET' } }];

export interface PolicyOptions {
  readonly policy: object;
  /** What the frontend does before the backend is asked. */
  readonly rules?: readonly string[];
  /** More lines of `global`, above `lua-load`. */
  readonly global?: readonly string[];
  /** More lines of `defaults`. */
  readonly defaults?: readonly string[];
  /** More lines of the frontend, above its rules. */
  readonly frontend?: readonly string[];
  /** More sections. */
  readonly sections?: readonly string[];
  readonly load?: Load;
  readonly faketime?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface PolicyProxy extends Haproxy {
  readonly backend: EchoBackend;
}

/** What the policy makes of a request, as headers of the answer. */
export const SHOW_POLICY: readonly string[] = [
  'authorized',
  'oauth_status',
  'oauth_reason',
  'oauth_challenge',
  'oauth_scopes',
  'oauth.sub',
  'oauth_rule',
  'oauth_shadow',
].map((name) => `http-after-response set-header x-${name.replaceAll(/[_.]/g, '-')} "%[var(txn.${name})]"`);

/** Starts HAProxy with a policy; `stop` ends the backend too. */
export async function startWithPolicy(suite: SuiteName, options: PolicyOptions): Promise<PolicyProxy> {
  const backend = await startEchoBackend();
  const lines = (more: readonly string[] | undefined): string => (more ?? []).join('\n  ');
  const configuration = `global
  log stdout format raw local0
  ${lines(options.global)}
  ${options.load ?? 'lua-load'} DIRECTORY/jwtverify.lua
  setenv OAUTH_POLICY DIRECTORY/policy.json
defaults
  log global
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
  ${lines(options.defaults)}
frontend api
  bind 127.0.0.1:PORT
  ${lines(options.frontend)}
  ${lines(options.rules ?? [...SHOW_POLICY, 'http-request lua.jwtenforce'])}
  default_backend apiservers
backend apiservers
  server api 127.0.0.1:${backend.port}
${(options.sections ?? []).join('\n')}
`;
  const files = { 'policy.json': JSON.stringify(options.policy), ...options.files };
  const env = { HAMSTER_SECRET: SECRET, ...options.env };
  const faketime = options.faketime === undefined ? {} : { faketime: options.faketime };
  try {
    const haproxy = await startHaproxy(suite, { configuration, files, env, ...faketime });
    return {
      ...haproxy,
      backend,
      // The backend answers with all that it got, tokens included.
      leaks: () => haproxy.leaks().filter((leak) => leak.startsWith('the log')),
      stop: async () => {
        await haproxy.stop();
        await backend.stop();
      },
    };
  } catch (problem) {
    await backend.stop();
    throw problem;
  }
}

/** A token of `ISSUERS` that is good for five minutes (HS256), with these claims beside or instead of the usual ones. */
export function tokenOf(claims: Readonly<Record<string, unknown>> = {}, header: object = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = { iss: ISSUER, aud: AUDIENCE, sub: 'user-1', iat: now, exp: now + 300, ...claims };
  const input = `${encode({ alg: 'HS256', ...header })}.${encode(payload)}`;
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`;
}
