// What the broker counts, for the operator.

/**
 * `sign_in`: the provider, and how a sign-in there ended. `token`: how a token gets to whom it is for. `pairing`: what became of
 * one. `exchange`: what an application got for a one-time code. `admin`: what the admin service was asked about, and what it answered.
 */
export type BrokerEvent = 'sign_in' | 'token' | 'pairing' | 'exchange' | 'admin';

/** Counts one event. @param labels the values of its labels, a blank between two. INVARIANT: none of them comes from a client. */
export type CountBroker = (this: void, event: BrokerEvent, labels: string) => void;
