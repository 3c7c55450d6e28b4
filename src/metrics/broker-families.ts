// What both proxies count of the broker.
import type { Family } from './family';

export const BROKER_SIGN_INS: Family = {
  name: 'jwtverify_broker_sign_ins_total',
  type: 'counter',
  help: 'Sign-ins at the providers of the broker; result is begun, done, or the page that a failed one ended with.',
  labels: ['provider', 'result'],
  merge: 'sum',
  proxies: 'both',
};

export const BROKER_TOKENS: Family = {
  name: 'jwtverify_broker_tokens_total',
  type: 'counter',
  help: 'Tokens that the broker minted; delivery is fragment, form_post or code for those of audiences, admin for its own for the admin service.',
  labels: ['delivery'],
  merge: 'sum',
  proxies: 'both',
};

export const BROKER_PAIRINGS: Family = {
  name: 'jwtverify_broker_pairings_total',
  type: 'counter',
  help: 'Devices of people who signed in; result is asked, done, unknown for codes that the admin service refused, or failed.',
  labels: ['result'],
  merge: 'sum',
  proxies: 'both',
};

export const BROKER_EXCHANGES: Family = {
  name: 'jwtverify_broker_exchanges_total',
  type: 'counter',
  help: 'One-time codes that applications brought; result is done, or the error that was answered.',
  labels: ['result'],
  merge: 'sum',
  proxies: 'both',
};

export const BROKER_ADMIN: Family = {
  name: 'jwtverify_broker_admin_answers_total',
  type: 'counter',
  help: 'Answers of admin services about a user or a device; result is known, unknown, or failed.',
  labels: ['about', 'result'],
  merge: 'sum',
  proxies: 'both',
};
