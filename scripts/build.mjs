// `npm run build`: the artifacts in dist/: one self-contained file for each proxy, and the command. A warning of a compiler fails it.
import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { buildCli } from './build-cli.mjs';
import { buildHaproxy } from './build-haproxy.mjs';
import { buildNginx } from './build-nginx.mjs';

const ARTIFACTS = [
  ['dist/haproxy/jwtverify.lua', buildHaproxy],
  ['dist/nginx/jwtverify.js', buildNginx],
  ['dist/cli/jwtverify.mjs', buildCli],
];

for (const [path, build] of ARTIFACTS) {
  try {
    await build();
    const file = new URL(`../${path}`, import.meta.url);
    console.log(`${relative(process.cwd(), file.pathname)}: ${statSync(file).size} bytes`);
  } catch (error) {
    console.error(`${path}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
