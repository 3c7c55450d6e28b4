// Sealing inside HAProxy, with the adapters of production: `use-service lua.sealing` seals or opens the body under the key of
// the query. The process ends at load where the system's generator cannot be opened.
import { openRandom } from '../../../haproxy/ports/random';
import { createSealing } from '../../../haproxy/ports/sealing/sealing';
import { enter, leave } from '../../../haproxy/ports/transaction';

const random = openRandom();
const sealing = createSealing(random ?? error('there is no generator', 0));

core.register_service('sealing', 'http', (applet) => {
  const body = applet.receive();
  const key = applet.qs ?? '';
  enter(applet);
  const answer = applet.path === '/seal' ? sealing.seal(key, body) : sealing.open(key, body);
  leave();
  applet.set_status(answer === undefined ? 403 : 200);
  applet.add_header('X-Way', sealing.name);
  applet.add_header('Content-Length', tostring((answer ?? '').length));
  applet.start_response();
  applet.send(answer ?? '');
});
