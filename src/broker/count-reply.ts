// The end of a sign-in, as the broker counts it.
import type { LoginReply } from '../login/step';
import { pathOf, type RequestLines } from '../token/places/request-lines';
import { CALLBACK } from './addresses';
import { findProvider, type BrokerContext } from './context';

/** The pages of a sign-in that goes on. */
const GOOD: readonly string[] = ['token_ready', 'device_confirm'];

/** Counts the end of a sign-in, where a reply is one. */
export function countReply(context: BrokerContext, request: RequestLines, reply: LoginReply): void {
  const start = context.desk.prefix + CALLBACK;
  const path = pathOf(request.target);
  if (request.method !== 'GET' || path.substring(0, start.length) !== start) return;
  const provider = findProvider(context.desk, path.substring(start.length));
  if (provider === undefined) return;
  const page = reply.page;
  const result = page === undefined || GOOD.indexOf(page) >= 0 ? 'done' : page;
  context.count('sign_in', provider.name + ' ' + result);
}
