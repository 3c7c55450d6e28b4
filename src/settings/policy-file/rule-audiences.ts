// A notice for rules whose `audience` no issuer has: their tokens must name two audiences.
import type { Policy } from '../../model/policy';
import type { IssuerSettings } from '../../model/settings';
import { pointTo, remark, type Reader } from './reader';

/** Notes each rule that asks for none of the audiences that the issuers ask for. */
export function remarkForeignAudiences(reader: Reader, policy: Policy, issuers: readonly IssuerSettings[]): void {
  for (let index = 0; index < policy.rules.length; index++) {
    const wanted = policy.rules[index]?.demands?.further?.audience?.any;
    if (wanted === undefined) continue;
    const isKnown = issuers.some(
      (issuer) => issuer.audiences === undefined || issuer.audiences.some((audience) => wanted.indexOf(audience) >= 0),
    );
    if (isKnown) continue;
    const pointer = pointTo('/rules', index.toString()) + '/require/audience';
    const what = 'is in no `audiences`, so a token must name it and one of those; ';
    remark(reader, pointer, what + 'add it to `audiences` if a token with it alone shall pass');
  }
}
