// Wycheproof's tokens inside HAProxy, checked by its converter `jwt_verify` alone: `http-request lua.wycheproof` answers with a
// line for each, its id and the answer. The environment names the files with the vectors and with the keys that are loaded.
import type { NamedKey } from '../../../haproxy/ports/native-keys';
import { enter, leave } from '../../../haproxy/ports/transaction';
import { createNativeBackend } from '../../../haproxy/ports/signatures/native';
import { createSignatures } from '../../../haproxy/ports/signatures/signatures';
import { text } from '../../../haproxy/ports/text';
import { compileSettings } from '../../../src/settings/environment';
import { begin, createTrust, resume, type Step } from '../../../src/token/flow';
import type { Settings } from '../../../src/model/settings';
import type { SignatureOutcome } from '../../../src/ports/signatures';

interface Input {
  readonly keySets: readonly string[];
  readonly tokens: readonly { readonly id: string; readonly keySet: number; readonly token: string }[];
}

const input = dofile(os.getenv('WYCHEPROOF_VECTORS')) as Input;
const port = createSignatures([createNativeBackend(dofile(os.getenv('WYCHEPROOF_KEYS')) as readonly NamedKey[])]);

function settingsOf(keySet: string): Settings | undefined {
  const environment: Record<string, string> = { OAUTH_ISSUER: 'x', OAUTH_AUDIENCE: '*', OAUTH_JWKS_PATH: 'keys' };
  const source = {
    environment: (name: string) => environment[name],
    readFile: () => ({ ok: true as const, text: keySet }),
  };
  const answer = compileSettings(source, text, port.algorithms);
  return answer.ok ? answer.settings : undefined;
}

/** Whether some signature check of the core's comes out valid; claims are not looked at. */
function judge(settings: Settings, token: string): SignatureOutcome {
  const known = createTrust(settings, text);
  let step: Step = begin(known, token);
  let last: SignatureOutcome = 'invalid';
  while (step.kind === 'verify') {
    last = port.verify(step.pending.request);
    if (last === 'valid') return last;
    step = resume(known, step.pending, last, 0);
  }
  return last;
}

core.register_action(
  'wycheproof',
  ['http-req'],
  (txn) => {
    enter(txn);
    const lines = input.tokens.map(({ id, keySet, token }) => {
      const settings = settingsOf(input.keySets[keySet] ?? '');
      return id + ' ' + (settings === undefined ? 'invalid' : judge(settings, token));
    });
    leave();
    const reply = txn.reply();
    reply.set_status(200);
    reply.set_body(lines.join('\n'));
    txn.done(reply);
  },
  0,
);
