/** A program for the tests of the image builder: makes one image and prints what became of it as JSON. */
import { toCroqueError } from '../../src/errors/index.ts'
import { ensureImages } from '../../src/images/index.ts'

const [repoDir = '', cacheDir = '', name = '', mirror = ''] = process.argv.slice(2)
const env = Object.fromEntries(
  Object.entries({ ...process.env, CROQUE_DEBIAN_MIRROR: mirror }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  ),
)

try {
  const [image] = await ensureImages({
    repoDir,
    cacheDir,
    release: '2026.1',
    names: [name],
    env,
    report: { step: async (_, work) => await work((line) => process.stderr.write(`${line}\n`)) },
    signal: new AbortController().signal,
  })
  process.stdout.write(JSON.stringify({ digest: image?.digest }))
} catch (error) {
  const { code, message, why, next } = toCroqueError(error)
  process.stdout.write(JSON.stringify({ code, what: message, why, next }))
}
