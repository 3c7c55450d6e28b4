export function decide(policy: object, method: string, path: string, host: string): { readonly name: string };
