import { LUA_ENGINES } from './engines';
import { expectVectors } from './expectations';

for (const engine of LUA_ENGINES) expectVectors(engine);
