// The counts of login before anything was counted, so that a first failure is seen as an increase.
import { SESSION_REFRESHES, SIGN_INS, SIGN_OUTS } from './families';
import { sample, type Sample } from './text-format';

/** Zero for what a proxy counts where browsers sign in. */
export function createLoginSamples(): readonly Sample[] {
  return ['begun', 'done']
    .map((result) => sample(SIGN_INS, [result], 0))
    .concat(['refreshed', 'kept', 'ended'].map((result) => sample(SESSION_REFRESHES, [result], 0)))
    .concat(['done', 'failed'].map((result) => sample(SIGN_OUTS, ['browser', result], 0)));
}
