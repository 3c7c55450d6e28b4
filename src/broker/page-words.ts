// What the broker's pages say.
import type { Reason } from '../answer/reason';
import { describePage, type PageWords } from '../login/page-words';
import type { BrokerPage, LoginPage } from '../login/pages';

const AGAIN = 'If it happens again, tell the people who run this site.';

export const BROKER_PAGES: Readonly<Record<BrokerPage, PageWords>> = {
  choose_provider: {
    title: 'Sign in',
    message: 'Choose the account to sign in with.',
    advice: 'You go to the sign-in service, and from there to the application.',
    wayOut: 'none',
  },
  device_confirm: {
    title: 'Is this your device?',
    message: 'A device asks to be connected to your account. Connect it only if you see the same code on it.',
    advice: 'If somebody sent you here, or you have no such device, close this page.',
    wayOut: 'none',
    button: 'Connect this device',
  },
  device_connected: {
    title: 'Your device is connected',
    message: 'You can close your browser and go on with the device.',
    advice: 'If this was not you, tell the people who run this site.',
    wayOut: 'none',
  },
  device_unknown: {
    title: 'Your device is not connected',
    message: 'Its code is not known, has been used already, or is too old.',
    advice: 'Ask the device for another code, and begin again.',
    wayOut: 'none',
  },
  not_a_member: {
    title: 'You cannot use this application',
    message: 'You are signed in, but this application does not know your account.',
    advice: 'Ask the people who run it for access, or sign in with another account.',
    wayOut: 'sign_in',
  },
  look_up_failed: {
    title: 'You cannot sign in now',
    message: 'Nobody can say at the moment whether you may use this application.',
    advice: 'Wait a minute and try again. ' + AGAIN,
    wayOut: 'sign_in',
  },
  token_ready: {
    title: 'You are signed in',
    message: 'Go on to the application.',
    advice: 'Until you do, the application does not know that you are signed in.',
    wayOut: 'none',
    button: 'Continue',
  },
};

/** What a page says. */
export function describeBrokerPage(page: LoginPage | BrokerPage, reason: Reason | undefined): PageWords {
  const pages: Readonly<Partial<Record<LoginPage | BrokerPage, PageWords>>> = BROKER_PAGES;
  return pages[page] ?? describePage(page, reason);
}
