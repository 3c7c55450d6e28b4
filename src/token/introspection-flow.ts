// Opaque tokens on their way through the judge: the question to their issuer, and the step that its answer makes.
import type { HttpAnswer } from '../ports/http';
import { accept } from './accept';
import { checkClaims } from './claims';
import { describeForeign } from './foreign-token';
import { askAbout, completeClaims, readIntrospection } from './introspection';
import type { Settings } from '../model/settings';
import { refused, type Trust, type Step } from './step';

/** The issuer that is asked about opaque tokens; undefined when none is. Settings have one at the most. */
export function findIntrospecting(settings: Settings): number | undefined {
  if (settings.policy === undefined) return undefined;
  for (let index = 0; index < settings.issuers.length; index++) {
    const issuer = settings.issuers[index];
    if (issuer?.introspection !== undefined) return index;
  }
  return undefined;
}

/** The question about a token, or why none is asked. */
export function introspect(trust: Trust, place: number, bearer: string): Step {
  const issuer = trust.settings.issuers[place];
  if (issuer?.introspection === undefined) return refused('internal_error');
  const questions = askAbout(issuer.introspection, bearer, trust.text);
  return questions.ok ? { kind: 'introspect', issuer: place, questions: questions.value } : refused(questions.reason);
}

/**
 * Continues once the driver has the answer to an `introspect` step.
 * @param now seconds since the epoch
 * @returns the verified token, whose end is that of the answer, or a refusal
 */
export function resumeIntrospection(trust: Trust, place: number, answer: HttpAnswer, now: number): Step {
  const issuer = trust.settings.issuers[place];
  if (issuer?.introspection === undefined) return refused('internal_error');
  // INVARIANT: claims are trusted below this line only, after the issuer itself called the token active.
  const claims = readIntrospection(answer, trust.text);
  if (!claims.ok) return refused(claims.reason);
  const last = now + issuer.introspection.age;
  const complete = completeClaims(claims.value, issuer.tenancy === undefined ? issuer.issuer : undefined, last);
  const accepted = checkClaims(complete, issuer, trust.settings.clockSkew, trust.text, now);
  if (!accepted.ok) return refused(accepted.reason, describeForeign(accepted.reason, complete, [issuer]));
  const found = accepted.value.validity;
  const until = found.until < last ? found.until : last;
  const validity = { from: found.from, issued: found.issued, until };
  const grant = { subject: accepted.value.grant.subject, scopes: accepted.value.grant.scopes, claims: claims.value };
  return accept(trust, place, { grant, validity }, { key: undefined, kid: undefined });
}

/** What came of asking about an opaque token, in one word for the metrics. @param after the step after the answer */
export function introspectionResult(after: Step): string {
  if (after.kind !== 'refused') return 'accepted';
  const reason = after.decision.reason;
  if (reason === 'token_inactive') return 'inactive';
  return reason === 'introspection_unavailable' ? 'failed' : 'refused';
}
