// `inner:ed25519`, as the build puts it into the parts that sign: a function whose body is the whole part; it is opened once.
import type { Ed25519Part } from './parts';

export function openEd25519(host: { ed25519: Ed25519Part | undefined }): Ed25519Part;
