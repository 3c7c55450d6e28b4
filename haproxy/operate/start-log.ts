// What the log says once HAProxy has started: what checks signatures and seals cookies, and each notice.
import { describeProblems } from '../../src/model/problem';
import type { Settings } from '../../src/model/settings';
import { memberName, PLAIN_BUDGET } from '../../src/settings/table';
import { sendsChunked } from '../ports/http';
import { log } from '../ports/log';
import { createSealing } from '../ports/sealing/sealing';
import type { GoodStart } from './startup';

const CHUNKED =
  'opaque tokens: this HAProxy sends chunked requests to the introspection endpoint; a server that cannot read them ' +
  'answers 411 or 400 and needs a proxy in front of it that can (docs/policy.md, "Opaque tokens")';
/** The limit of plain TypeScript, and its remedy. */
function describePlain({ policy, plainBudget }: Settings): string {
  const setting = policy === undefined ? PLAIN_BUDGET.name : '`' + memberName(PLAIN_BUDGET.key) + '`';
  return (
    'luaossl is not installed: new tokens with RS, PS and ES signatures are checked slowly, at most ' +
    tostring(plainBudget) +
    ' a second (' +
    setting +
    '), and others get 503; install `lua-luaossl`'
  );
}

/** Logs the backends that check signatures, and the notices; once, with any number of Lua states. */
export function logStart(startup: GoodStart): void {
  if (core.thread > 1) return;
  log.notice('signatures are checked by ' + startup.signatures.summary);
  if (startup.login !== undefined) log.notice('cookies are sealed by ' + createSealing(startup.login.random).name);
  if (startup.lacksLuaossl) log.notice(describePlain(startup.settings));
  for (const line of describeProblems(startup.notices)) log.notice(line);
  const asks = startup.settings.issuers.some((issuer) => issuer.introspection !== undefined);
  if (asks && sendsChunked()) log.notice(CHUNKED);
}
