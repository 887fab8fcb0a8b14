/** Digests that name things in the cache by what they were made from. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** SHA-256 in hex of a list of strings, each ended by a zero byte. */
export function digestOf(parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part}\0`)
  return hash.digest('hex')
}

/** SHA-256 in hex of a file's content. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** SHA-256 in hex of a tree's file names and contents; of those files only that are counted, by their path in the tree. */
export async function digestOfTree(directory: string, counts: (path: string) => boolean = () => true): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => counts(relative(directory, path)))
    .toSorted()
  const parts = await Promise.all(files.map(async (file) => [relative(directory, file), await digestOfFile(file)]))
  return digestOf(parts.flat())
}
