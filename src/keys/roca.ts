// RSA keys whose private key can be computed from the public one (CVE-2017-15361, "The Return of Coppersmith's Attack",
// CCS 2017): the modulus is a power of 65537 modulo each small prime.

/** The primes that reveal the form (§5.2 of the paper): for others 65537 is a generator, or nearly so. */
const PRIMES: readonly number[] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

function remainder(modulus: readonly number[], prime: number): number {
  let rest = 0;
  for (let index = 0; index < modulus.length; index++) rest = (rest * 256 + (modulus[index] ?? 0)) % prime;
  return rest;
}

/** Whether a number is a power of 65537 modulo a prime. */
function isPower(rest: number, prime: number): boolean {
  const generator = 65537 % prime;
  let power = 1;
  do {
    if (power === rest) return true;
    power = (power * generator) % prime;
  } while (power !== 1);
  return false;
}

/**
 * Whether a modulus was made by the flawed generator; of others, fewer than one in 100 million look like it.
 * @param modulus most significant byte first
 */
export function hasRocaForm(modulus: readonly number[]): boolean {
  for (let index = 0; index < PRIMES.length; index++) {
    const prime = PRIMES[index] ?? 0;
    if (!isPower(remainder(modulus, prime), prime)) return false;
  }
  return true;
}
