// A compile-time check only: `njs.ts` declares the same as njs-types, except for parts that are wrong or missing there
// (`rawHeadersIn` is one pair; `jsVarNames` and `shared` as optional are not known; overloads of `subrequest` hide ours).
/// <reference types="njs-types/ngx_http_js_module" />
import type { HttpRequest, NginxObject } from './njs';

type Unchecked = 'rawHeadersIn' | 'jsVarNames' | 'subrequest';
export const checkRequest: (request: NginxHTTPRequest) => Omit<HttpRequest, Unchecked> = (request) => request;
export const checkNgx: (ngx: NgxObject) => NginxObject = (ngx) => ngx;
