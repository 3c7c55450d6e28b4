// `inner:login`, as the build puts it into the part that verifies: a function whose body is the whole part; it is opened once.
import type { Host, LoginPart } from './parts';

export function openLogin(host: Host): LoginPart;
