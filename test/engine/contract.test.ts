// The contract suites on nginx's adapters under njs and QuickJS, and on HAProxy's under plain Lua.
import { expectContract } from '../contract/expectations';
import { SURROUNDINGS } from '../contract/settings-source';
import { LUA_ENGINES, NJS_ENGINES } from './engines';

// Debian's njs has Ed25519 from 0.9.7 on, luaossl not at all: then the answer is `unavailable`.
for (const engine of [...NJS_ENGINES, ...LUA_ENGINES]) {
  expectContract(engine.name, (questions) => engine.run('contract', questions, SURROUNDINGS), ['EdDSA']);
}
