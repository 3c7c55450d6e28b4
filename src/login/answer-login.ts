// The paths of login: which of them a request asks for, and its first step.
import { pathOf, type RequestLines } from '../token/places/request-lines';
import { logOutByIssuer } from './back-channel';
import { callBack } from './callback';
import { sessionAim } from './establish';
import { answerAuth, answerUserInfo } from './session-endpoints';
import { signOut } from './sign-out';
import { offerSignIn, startLogin } from './start';
import { showPage, type LoginContext, type LoginStep } from './step';

/** Whether a path is under login's prefix, so that `answerLogin` answers it. */
export function isLoginPath(prefix: string, target: string): boolean {
  const path = pathOf(target);
  return path.substring(0, prefix.length + 1) === prefix + '/';
}

/** RFC 9110 §15.5.6: the methods that an endpoint has. */
function refuseMethod(allowed: string): LoginStep {
  return {
    kind: 'reply',
    reply: { status: 405, page: 'request_malformed', cookies: [], fields: [['Allow', allowed]] },
  };
}

function reads(request: RequestLines): boolean {
  return request.method === 'GET' || request.method === 'HEAD';
}

/**
 * Answers a request under login's prefix: its path must be spelled exactly so.
 * @param random 128 characters of base64url, of the system's generator, for this request alone
 * @param now seconds since the epoch
 */
export function answerLogin(context: LoginContext, request: RequestLines, random: string, now: number): LoginStep {
  const login = context.login;
  switch (isLoginPath(login.prefix, request.target) ? pathOf(request.target).substring(login.prefix.length + 1) : '') {
    case 'sign_in':
      return reads(request) ? offerSignIn(context, request) : refuseMethod('GET, HEAD');
    case 'start':
      return request.method === 'GET' ? startLogin(context, request, random, now) : refuseMethod('GET');
    case 'callback':
      return request.method === 'GET' ? callBack(context, request, sessionAim(context, request)) : refuseMethod('GET');
    case 'sign_out':
      return request.method === 'GET' || request.method === 'POST'
        ? signOut(context, request)
        : refuseMethod('GET, POST');
    case 'auth':
      return answerAuth(context, request);
    case 'userinfo':
      return reads(request) ? answerUserInfo(context, request) : refuseMethod('GET, HEAD');
    case 'backchannel_logout':
      if (!login.backChannel) break;
      return request.method === 'POST' ? logOutByIssuer(context, request) : refuseMethod('POST');
  }
  return showPage(404, 'request_malformed', []);
}
