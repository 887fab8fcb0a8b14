/** Names for what its maker did not name. */

const letters =
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega'.split(
    ' ',
  )

/** `zeta-22-cluster`. `random` gives numbers from 0 up to, without, 1. */
export function generatedName(suffix: 'cluster' | 'template' | 'bay' | 'model', random: () => number): string {
  const letter = letters[Math.floor(random() * letters.length)] ?? 'alpha'
  return `${letter}-${1 + Math.floor(random() * 24)}-${suffix}`
}
