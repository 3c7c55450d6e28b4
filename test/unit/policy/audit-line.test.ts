// The audit line: which decisions have one, and no value that ends a word, a line or the bound.
import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { describeAudit, type AuditedRuling } from '../../../src/policy/audit-line';
import type { Audit } from '../../../src/model/policy';

const ALLOWED: AuditedRuling = { decision: { allowed: true, reason: '' }, rule: 'r', wouldBe: '' };
const SHADOWED: AuditedRuling = { ...ALLOWED, wouldBe: 'insufficient_scope' };
const REFUSED: AuditedRuling = { ...ALLOWED, decision: { allowed: false, reason: 'insufficient_scope' } };
const CALLER = { subject: 'auth0|a+b@example.com', client: 'cage' };
const RESOURCE = { method: 'GET', host: '', segments: ['a', 'b'] };

interface Parts {
  readonly audit?: Audit | undefined;
  readonly ruling?: AuditedRuling;
  readonly caller?: Partial<typeof CALLER>;
  readonly resource?: Partial<{ host: string; segments: readonly string[] | undefined }>;
}

function lineOf({ ruling = ALLOWED, caller, resource, ...more }: Parts): string {
  const audit = 'audit' in more ? more.audit : 'all';
  return describeAudit({ audit }, ruling, { ...CALLER, ...caller }, { ...RESOURCE, ...resource }, text);
}

describe('an audit line', () => {
  it.each<[string, AuditedRuling, string]>([
    ['allows', ALLOWED, 'decision=allow reason='],
    ['allows in shadow mode', SHADOWED, 'decision=shadow reason=insufficient_scope'],
    ['refuses', REFUSED, 'decision=deny reason=insufficient_scope'],
  ])('has who, what, which rule and why of a decision that %s', (_, ruling, decision) => {
    const end = 'rule=r subject=auth0|a+b@example.com client=cage method=GET path=/a/b';
    expect(lineOf({ ruling })).toBe(`audit: ${decision} ${end}`);
  });

  it.each<[string, Audit | undefined, readonly boolean[]]>([
    ['all', 'all', [true, true, true]],
    ['refused', 'refused', [false, true, true]],
    ['nothing', undefined, [false, false, false]],
  ])('is there as the policy wants it: %s', (_, audit, wanted) => {
    expect([ALLOWED, SHADOWED, REFUSED].map((ruling) => lineOf({ audit, ruling }) !== '')).toEqual(wanted);
  });

  it('has the host where rules know it, and `*` for a request without a path', () => {
    expect(lineOf({ resource: { host: 'api.example', segments: undefined } })).toMatch(
      / method=GET host=api\.example path=\*$/,
    );
    expect(lineOf({ resource: { segments: [] } })).toMatch(/ path=\/$/);
  });

  it.each([
    ['x y', 'x%20y'],
    ['x\r\naudit: y', 'x%0D%0Aaudit:%20y'],
    ['x" client="y', 'x%22%20client%3D%22y'],
    ['x\\%0A', 'x%5C%250A'],
    ["o'x`<>#?[]{}^", 'o%27x%60%3C%3E%23%3F%5B%5D%7B%7D%5E'],
    ['Zoë \u202e\u2028\u{1f439}', 'Zo%C3%AB%20%E2%80%AE%E2%80%A8%F0%9F%90%B9'],
    ['\0\x1b[2J\x7f\u0085', '%00%1B%5B2J%7F%C2%85'],
    ['', ''],
  ])('has %j as one word', (value, word) => {
    const line = lineOf({ caller: { subject: value, client: value } });
    expect(line).toBe(`audit: decision=allow reason= rule=r subject=${word} client=${word} method=GET path=/a/b`);
    expect(lineOf({ resource: { segments: [value] } })).toMatch(new RegExp(` path=/.{${String(word.length)}}$`));
  });

  it('has no value beyond its bound, and says where one is cut', () => {
    const long = '\u{1f439}'.repeat(5000);
    const line = lineOf({
      ruling: { ...REFUSED, rule: 'r'.repeat(64) },
      caller: { subject: long, client: long },
      resource: { host: 'h'.repeat(300), segments: [long, long] },
    });
    expect(line.length).toBeLessThan(1000);
    expect(line).toMatch(
      / subject=(?:%F0%9F%90%B9){10}\.\.\. client=\S{120}\.\.\. .* host=h{128}\.\.\. path=\S+\.\.\.$/,
    );
    expect(lineOf({ caller: { subject: 's'.repeat(128) } })).toContain(` subject=${'s'.repeat(128)} `);
  });

  it('has no token that a client wrote into the path', () => {
    const token = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln';
    const line = lineOf({ resource: { segments: ['d', token, `a;t=${token}`, 'eyJ', 'a.b.c'] } });
    expect(line).toMatch(/ path=\/d\/\(token\)\/\(token\)\/eyJ\/a\.b\.c$/);
  });
});
