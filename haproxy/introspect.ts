// Asks an issuer about opaque tokens (RFC 7662): in tasks, for only they may use HAProxy's HTTP client. Requests with the
// same token share one question; a token that is not active is refused for a while without another.
import { refuse } from '../src/core/decision';
import { resumeIntrospection, type Step } from '../src/core/flow';
import type { Judge } from '../src/core/flow';
import { ANSWER_TIMEOUT } from '../src/core/http-answer';
import { describeOutage } from '../src/core/introspection';
import { createTokenCache } from '../src/core/token-cache';
import type { HttpAnswer, HttpQuestion } from '../src/ports/http';
import { log } from './log';
import { http } from './ports/http';

/** One question on its way. */
interface Asked {
  answer: HttpAnswer | undefined;
}

/** A wish to ask, as the judge has it. */
export type IntrospectStep = Extract<Step, { readonly kind: 'introspect' }>;

/** Questions on their way at once; more are answered with 503. */
const MAX_ASKED = 256;
/** Tokens that are known not to be active. */
const MAX_INACTIVE = 1000;
const PAUSE = 5;
/** The most pauses of a request, which together are as long as an answer may take. */
const MAX_PAUSES = (ANSWER_TIMEOUT * 1000) / PAUSE;
/** The log hears of a failing issuer once in so many seconds. */
const QUIET = 60;

/** By the question's body, in which the token stands. */
const asked = new LuaTable<string, Asked>();
/** About how many: an interrupted request may miscount by one, which lasts until no question is on its way. */
let askedCount = 0;
/** Until when each is refused, in seconds since the epoch. */
const inactive = createTokenCache<number>(MAX_INACTIVE);
let complainedAt = 0;

function complain(url: string, problem: string): void {
  const now = os.time();
  if (now - complainedAt < QUIET) return;
  complainedAt = now;
  log.error('introspection at `' + url + '`: ' + problem + '; opaque tokens are answered with 503');
}

function run(question: HttpQuestion, job: Asked): void {
  const [ok, answer] = pcall(http.post, question);
  job.answer = ok ? answer : { ok: false, problem: 'it cannot be asked' };
  asked.delete(question.body);
  const [other] = next(asked);
  askedCount = other === undefined ? 0 : askedCount - 1;
}

/** Asks, or joins who asks already. Suspends; the answer is bounded in time. */
function ask(question: HttpQuestion): HttpAnswer {
  let job = asked.get(question.body) as Asked | undefined;
  if (job === undefined) {
    if (askedCount >= MAX_ASKED) return { ok: false, problem: 'too many questions are on their way' };
    const mine: Asked = { answer: undefined };
    job = mine;
    asked.set(question.body, mine);
    askedCount += 1;
    core.register_task(() => {
      run(question, mine);
    });
  }
  for (let pause = 0; pause < MAX_PAUSES && job.answer === undefined; pause++) core.msleep(PAUSE);
  return job.answer ?? { ok: false, problem: 'there is no whole answer within 5 seconds' };
}

/** Goes on with a token once its issuer has been asked, or with what it said a moment ago. */
export function introspect(judge: Judge, step: IntrospectStep): Step {
  const terms = judge.settings.issuers[step.issuer]?.introspection;
  const until = inactive.recall(step.question.body);
  if (until !== undefined && os.time() < until) return { kind: 'refused', decision: refuse('token_inactive') };
  const answer = ask(step.question);
  const after = resumeIntrospection(judge, step.issuer, answer, os.time());
  if (after.kind !== 'refused') return after;
  if (after.decision.reason === 'token_inactive' && terms !== undefined && terms.inactiveAge > 0) {
    inactive.remember(step.question.body, os.time() + terms.inactiveAge);
  }
  if (after.decision.reason === 'introspection_unavailable') complain(step.question.url, describeOutage(answer));
  return after;
}
