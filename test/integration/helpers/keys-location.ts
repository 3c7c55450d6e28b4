// The location out of which jwtverify reads keys that nginx itself fetches and caches.

/** For `http`. */
export const KEYS_CACHE = 'proxy_cache_path DIRECTORY/keys keys_zone=jwtverify_keys:1m inactive=1d;';

/**
 * For `server`, as docs/nginx.md prints it, but for short times.
 * @param url a line that sets `$jwtverify_url`; empty where `http` has one
 */
export function keysLocation(url: string): string {
  return `set $jwtverify_keys /_jwtverify_keys;
    location = /_jwtverify_keys {
      internal;
      ${url}
      proxy_pass $jwtverify_url;
      proxy_method GET;
      proxy_pass_request_headers off;
      proxy_pass_request_body off;
      proxy_set_header Accept application/json;
      proxy_set_header Content-Length "";
      proxy_set_header Connection "";
      proxy_connect_timeout 2s;
      proxy_read_timeout 2s;
      proxy_cache jwtverify_keys;
      proxy_cache_key $jwtverify_url?$args;
      proxy_cache_valid 200 2s;
      proxy_cache_valid any 1s;
      proxy_ignore_headers Cache-Control Expires Set-Cookie Vary;
      proxy_cache_lock on;
      proxy_cache_use_stale error timeout invalid_header updating http_500 http_502 http_503 http_504 http_404;
      subrequest_output_buffer_size 1m;
    }`;
}
