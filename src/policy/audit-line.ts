// The line that both hosts log for a decision on a verified token, where the policy has `audit`: who, what, which rule, why.
// INVARIANT: each value is one bounded word of visible ASCII, so that nothing of a token or a request begins another member or
// line; and no line has a token, a query, or a claim besides the two that name the caller.
import { encodeWord } from '../codec/percent-forms';
import type { Text } from '../codec/text';
import type { JudgedIdentity } from '../claims/identity';
import type { Policy } from '../model/policy';
import { ENCODED_SLASH } from '../request/path-segment';
import type { RequestedResource } from '../request/request-target';
import type { Ruling } from './ruling';

/** In characters of the line: all together stay below 1024, where HAProxy cuts a message by default. */
const MOST_CALLER = 128;
const MOST_HOST = 128;
const MOST_PATH = 256;

/** The part of a ruling that a line has. */
export interface AuditedRuling extends Pick<Ruling, 'rule' | 'wouldBe'> {
  readonly decision: Pick<Ruling['decision'], 'allowed' | 'reason'>;
}

/** Whether a segment has the beginning of a JWT, `{"` in base64url, and its dots: a client wrote a token into the path. */
function holdsToken(segment: string): boolean {
  return segment.indexOf('eyJ') >= 0 && segment.split('.').length > 2;
}

/** The canonical path, with the escapes of a word; `*` where a request has none (RFC 9112 §3.2.4). */
function describePath(segments: readonly string[] | undefined, text: Text): string {
  if (segments === undefined) return '*';
  const shown = segments.map((segment) => (holdsToken(segment) ? '(token)' : segment));
  const word = encodeWord('/' + shown.join('/'), MOST_PATH, text);
  // Of control characters a canonical path has this one alone.
  return word.split(encodeWord(ENCODED_SLASH, MOST_PATH, text)).join('%2F');
}

/** `decision` and `reason` as metrics have them. */
function describeDecision(ruling: AuditedRuling): string {
  const wouldBe = ruling.wouldBe;
  if (!ruling.decision.allowed) return 'decision=deny reason=' + ruling.decision.reason;
  return wouldBe === '' ? 'decision=allow reason=' : 'decision=shadow reason=' + wouldBe;
}

/**
 * The line for a ruling on a verified token; empty where the policy wants none. Methods and names of rules are plain words.
 * @param resource by which the rule was found
 */
export function describeAudit(
  policy: Pick<Policy, 'audit'>,
  ruling: AuditedRuling,
  caller: Pick<JudgedIdentity, 'subject' | 'client'>,
  resource: RequestedResource,
  text: Text,
): string {
  const passes = ruling.decision.allowed && ruling.wouldBe === '';
  if (policy.audit === undefined || (passes && policy.audit !== 'all')) return '';
  const host = resource.host === '' ? '' : ' host=' + encodeWord(resource.host, MOST_HOST, text);
  return (
    'audit: ' +
    describeDecision(ruling) +
    ' rule=' +
    ruling.rule +
    ' subject=' +
    encodeWord(caller.subject, MOST_CALLER, text) +
    ' client=' +
    encodeWord(caller.client, MOST_CALLER, text) +
    ' method=' +
    resource.method +
    host +
    ' path=' +
    describePath(resource.segments, text)
  );
}
