// Performs the steps of login with promises: seals, opens, asks the token endpoint, verifies tokens (src/login/step.ts).
import type { SigningKey } from '../../src/model/signing-key';
import type { HttpAnswer, HttpQuestion } from '../../src/ports/http';
import type { SignatureOutcome, Signatures } from '../../src/ports/signatures';
import type { LoginReply, LoginStep, Refreshed, SignStep, VerifyStep } from '../../src/login/step';
import { begin, resume, type Step, type Trust } from '../../src/token/flow';
import { makeRandom, sealing } from '../ports/sealing';
import { encodeBase64Url } from '../ports/text';

/** Random bytes in the name of what is signed. */
const ID_LENGTH = 16;

/** What performing needs of the host. */
export interface LoginHost {
  readonly signatures: Signatures<Promise<SignatureOutcome>>;
  /** Signs. @param input ASCII. @returns base64url; undefined where the key cannot be used */
  readonly sign: (key: SigningKey, input: string) => Promise<string | undefined>;
  /** Asks the token endpoint, or the admin service, within bounds. */
  readonly post: (question: HttpQuestion) => Promise<HttpAnswer>;
  /** Fetches an issuer's keys for a token that names an unknown one; undefined when there are no newer ones. */
  readonly renew: (issuer: string) => Promise<Trust['keySets'] | undefined>;
  /** Claims a name for the first who comes with it. */
  readonly claim: (name: string, until: number) => boolean;
  /** Seconds since the epoch. */
  readonly now: () => number;
}

/** How a login, or a refresh, ends. */
export type LoginEnd =
  | { readonly kind: 'reply'; readonly reply: LoginReply }
  | { readonly kind: 'refreshed'; readonly refreshed: Refreshed };

/** Verifies a token by the trust of login; keys are renewed once at the most. */
function verify(host: LoginHost, trust: Trust, token: string, isRenewed: boolean): Promise<Step> {
  function go(step: Step): Step | Promise<Step> {
    if (step.kind === 'verify') {
      const pending = step.pending;
      return host.signatures.verify(pending.request).then((outcome) => go(resume(trust, pending, outcome, host.now())));
    }
    const isWaiting =
      step.kind === 'refetch' || (step.kind === 'refused' && step.decision.reason === 'keys_unavailable');
    if (!isWaiting || isRenewed) return step;
    return host
      .renew(trust.settings.issuers[0]?.issuer ?? '')
      .then((keySets) =>
        keySets === undefined ? step : verify(host, Object.assign({}, trust, { keySets }), token, true),
      );
  }
  return Promise.resolve(go(begin(trust, token)));
}

function verifyStep(host: LoginHost, step: VerifyStep): Promise<LoginStep> {
  return verify(host, step.trust, step.token, false).then((last) => step.next(last, host.now()));
}

function signStep(host: LoginHost, step: SignStep): Promise<LoginStep> {
  // RFC 7515 §5.1.
  const input = step.key.header + '.' + encodeBase64Url(step.write(makeRandom(ID_LENGTH), host.now()));
  return host
    .sign(step.key, input)
    .then((signature) => step.next(signature === undefined ? undefined : input + '.' + signature));
}

/** Performs the steps until the last one. Rejects only where the engine cannot seal, or code of this product is wrong. */
export function performLogin(host: LoginHost, step: LoginStep): Promise<LoginEnd> {
  function follow(next: LoginStep): Promise<LoginEnd> {
    return performLogin(host, next);
  }
  switch (step.kind) {
    case 'reply':
      return Promise.resolve({ kind: 'reply' as const, reply: step.reply });
    case 'refreshed':
      return Promise.resolve({ kind: 'refreshed' as const, refreshed: step.refreshed });
    case 'open':
      return sealing
        .open(step.openable.key, step.openable.sealed)
        .then((opened) => step.next(opened, host.now()))
        .then(follow);
    case 'seal':
      return sealing.seal(step.key, step.plain).then(step.next).then(follow);
    case 'sign':
      return signStep(host, step).then(follow);
    case 'claim':
      return Promise.resolve(step.next(host.claim(step.name, step.until))).then(follow);
    case 'fetch':
      return host
        .post(step.question)
        .then((answer) => step.next(answer, host.now()))
        .then(follow);
    case 'verify':
      return verifyStep(host, step).then(follow);
  }
}
