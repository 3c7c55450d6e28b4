// Every planted defect.
import { CODEC } from './codec.mjs';
import { CONDITIONS } from './conditions.mjs';
import { CORE } from './core.mjs';
import { CRYPTO } from './crypto.mjs';
import { HAPROXY } from './haproxy.mjs';
import { KEYS } from './keys.mjs';
import { BROKER } from './broker.mjs';
import { LOGIN } from './login.mjs';
import { NGINX } from './nginx.mjs';
import { PLACES } from './places.mjs';
import { POLICY } from './policy.mjs';
import { SEEING } from './seeing.mjs';
import { SESSIONS } from './sessions.mjs';
import { TENANTS } from './tenants.mjs';

const EARLIER = [CORE, CODEC, KEYS, CRYPTO, POLICY, HAPROXY, NGINX];
const NEWER = [PLACES, TENANTS, CONDITIONS, LOGIN, BROKER, SESSIONS, SEEING];

/** @type {readonly import('./define.mjs').Defect[]} */
export const DEFECTS = [...EARLIER, ...NEWER].flat();
