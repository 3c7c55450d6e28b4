// What a reply of login counts as, for the operator.
import { pathOf } from '../token/places/request-lines';
import { isLoginPath } from './answer-login';
import type { LoginReply } from './step';

/** An event that both proxies count. */
export interface LoginEvent {
  readonly kind: 'sign_in' | 'sign_out';
  /** The values of its labels, a blank between two. INVARIANT: none of them comes from a client. */
  readonly labels: string;
}

function signIn(reply: LoginReply, done: string): LoginEvent {
  return { kind: 'sign_in', labels: reply.page ?? done };
}

function signOut(by: string, result: string): LoginEvent {
  return { kind: 'sign_out', labels: by + ' ' + result };
}

/**
 * The event of a reply as the browser or the issuer gets it.
 * @param target of the request
 * @returns undefined where nothing began or ended
 */
export function eventOf(prefix: string, target: string, reply: LoginReply): LoginEvent | undefined {
  switch (isLoginPath(prefix, target) ? pathOf(target).substring(prefix.length + 1) : '') {
    case 'start':
      return signIn(reply, 'begun');
    case 'callback':
      return signIn(reply, 'done');
    case 'sign_out':
      if (reply.denies !== undefined) return signOut('browser', 'done');
      return reply.page === 'sign_out_failed' ? signOut('browser', 'failed') : undefined;
    case 'backchannel_logout':
      if (reply.status === 200) return signOut('issuer', 'done');
      return signOut('issuer', reply.status === 503 ? 'failed' : 'refused');
  }
  return undefined;
}
