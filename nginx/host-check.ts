// A compile-time check only: what `host.ts` declares is what njs-types declares, but for what is wrong or missing there
// (`rawHeadersIn` is one pair; `jsVarNames` and `shared` as optional are not known; overloads of `subrequest` hide ours).
/// <reference types="njs-types/ngx_http_js_module" />
import type { HttpRequest, NginxObject } from './host';

type Unchecked = 'rawHeadersIn' | 'jsVarNames' | 'subrequest';
export const checkRequest: (request: NginxHTTPRequest) => Omit<HttpRequest, Unchecked> = (request) => request;
export const checkNgx: (ngx: NgxObject) => NginxObject = (ngx) => ngx;
