// When a session is due for a refresh.
import { eventually } from './keep-alive';

/** Waits until a session is due that has just begun with an access token for one second: proxies count whole seconds. */
export async function untilDue(): Promise<void> {
  const due = Math.floor(Date.now() / 1000) + 1;
  await eventually('the access token is about to expire', () => Date.now() / 1000 >= due);
}
