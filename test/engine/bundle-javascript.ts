// Builds what Node, njs and QuickJS run. It is apart: the compiler to Lua takes a second to load.
import { bundle } from '../../scripts/build-nginx.mjs';

/** @param entry a file of this directory */
export function bundleJavaScript(entry: string): Promise<string> {
  return bundle({ entryPoints: [`test/engine/${entry}`] });
}
