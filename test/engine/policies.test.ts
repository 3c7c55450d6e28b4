// Policies and the path corpus on every engine of a proxy: one right answer, which all of them give.
import { LUA_ENGINES, NJS_ENGINES } from './engines';
import { expectPolicies } from './policy-expectations';

[...NJS_ENGINES, ...LUA_ENGINES].forEach(expectPolicies);
