// Opaque tokens on their way through the judge: the question to their issuer, and the step that its answer makes.
import type { HttpAnswer } from '../ports/http';
import { accept } from './accept';
import { checkClaims } from './claims';
import { askAbout, completeClaims, readIntrospection } from './introspection';
import type { Settings } from './settings';
import { refused, type Judge, type Step } from './step';

/** The issuer that is asked about opaque tokens; -1 when none is. Settings have one at the most. */
export function findIntrospecting(settings: Settings): number {
  if (settings.policy === undefined) return -1;
  for (let index = 0; index < settings.issuers.length; index++) {
    const issuer = settings.issuers[index];
    if (issuer !== undefined && issuer.introspection !== undefined) return index;
  }
  return -1;
}

/** The question about a token, or why none is asked. */
export function introspect(judge: Judge, place: number, bearer: string): Step {
  const issuer = judge.settings.issuers[place];
  if (issuer === undefined || issuer.introspection === undefined) return refused('internal_error');
  const question = askAbout(issuer.introspection, bearer, judge.text);
  return question.ok ? { kind: 'introspect', issuer: place, question: question.value } : refused(question.reason);
}

/**
 * Goes on once the driver has the answer to an `introspect` step.
 * @param now seconds since the epoch
 * @returns the verified token, whose end is that of the answer, or a refusal
 */
export function resumeIntrospection(judge: Judge, place: number, answer: HttpAnswer, now: number): Step {
  const issuer = judge.settings.issuers[place];
  if (issuer === undefined || issuer.introspection === undefined) return refused('internal_error');
  // INVARIANT: claims are believed below this line only, after the issuer itself called the token active.
  const claims = readIntrospection(answer, judge.text);
  if (!claims.ok) return refused(claims.reason);
  const last = now + issuer.introspection.age;
  const complete = completeClaims(claims.value, issuer.issuer, last);
  const accepted = checkClaims(complete, issuer, judge.settings.clockSkew, judge.text, now);
  if (!accepted.ok) return refused(accepted.reason);
  const found = accepted.value.validity;
  const until = found.until < last ? found.until : last;
  const validity = { from: found.from, issued: found.issued, until };
  const grant = { subject: accepted.value.grant.subject, scopes: accepted.value.grant.scopes, claims: claims.value };
  return accept(judge, place, { grant, validity }, { key: undefined, kid: undefined });
}
