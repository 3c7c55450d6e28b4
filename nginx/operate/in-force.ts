// What is in force, for the log at first use and for `jwtverify.health`: names and counts, never the value of a secret.
import { VERSION } from '../../src/model/version';
import { isAccepted } from '../../src/token/accepted-issuers';
import { BUILD } from '../ports/build-id';
import type { Snapshot } from '../store/snapshot';
import { logInForce } from '../ports/log';
import { noteGaps } from './configuration-gaps';

declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

/** The settings in force besides the issuers. */
export interface InForce {
  readonly version: string;
  /** Differs from build to build. */
  readonly build: string;
  /** The settings that reach the module, by name: a missing one has no `env` line, or no value. */
  readonly set: readonly string[];
  /** The policy's mode, how many rules it has, and what it logs; undefined without one. */
  readonly policy: { readonly mode: string; readonly rules: number; readonly audit: string } | undefined;
  /** Entries of the deny list's file; undefined without one. */
  readonly denied: number | undefined;
}

function namesSet(): readonly string[] {
  return Object.keys(process.env)
    .filter((name) => name.indexOf('OAUTH_') === 0)
    .sort();
}

/** Describes the snapshot that judges requests. */
export function describeInForce(snapshot: Snapshot): InForce {
  const head = snapshot.rules?.head;
  const hasFile = snapshot.trust?.settings.denyPath !== undefined;
  const entries = snapshot.denied === '' ? 0 : snapshot.denied.split('\n').length - 2;
  return {
    version: VERSION,
    build: BUILD,
    set: namesSet(),
    policy:
      head === undefined
        ? undefined
        : { mode: head.policy.mode, rules: head.otherwise, audit: head.policy.audit ?? 'none' },
    denied: hasFile ? entries : undefined,
  };
}

function count(number: number, one: string, many: string): string {
  return number.toString() + ' ' + (number === 1 ? one : many);
}

/** Logs it, whenever it differs from the line that this worker logged last. */
export function noteInForce(snapshot: Snapshot): void {
  if (snapshot.trust === undefined) return;
  const found = describeInForce(snapshot);
  const issuers = snapshot.trust.settings.issuers.map(
    (issuer) =>
      issuer.issuer +
      ' for ' +
      (isAccepted(issuer) ? (issuer.audiences?.join(' ') ?? 'any audience') : 'signing in alone'),
  );
  const policy = found.policy;
  const rules =
    policy === undefined
      ? 'no policy'
      : 'a policy of ' + count(policy.rules, 'rule', 'rules') + ', mode ' + policy.mode + ', audit ' + policy.audit;
  const denied =
    found.denied === undefined ? 'no deny list' : 'a deny list of ' + count(found.denied, 'entry', 'entries');
  const isNew = logInForce(
    `version ${found.version}, build ${found.build}; ${issuers.join(', ')}; ${rules}; ${denied}; set: ${found.set.join(' ')}`,
  );
  if (isNew) noteGaps(snapshot.rules !== undefined && snapshot.rules.head.forwardLines.headers.length > 0);
}
