/** What looks like a secret, by its name or by itself, and how a text is shown without it. Pure. */

const word =
  '(?:password|passwd|passphrase|secret|secret_?key|private_?key|api_?key|access_?key|auth_?key|encryption_?key|token)'
const secretKey = new RegExp(`(?:^|[._-]|[a-z](?=[A-Z]))${word}$`, 'i')
const urlSecret = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)([^\s/@]+)(@)/gi
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/

/** What is shown in place of a secret inside a line. */
const hidden = '********'

/** Whether a key names a secret: `password`, `memcache_secret_key`, `adminPassword`; not `secretRef`, `token_expiration`. */
export const isSecretKey = (key: string): boolean => secretKey.test(key)

/** A whole value that carries a secret, whatever its key is called. */
export const isSecretText = (text: string): boolean => privateKey.test(text) || text.search(urlSecret) >= 0

/** `password: x` and `password=x` somewhere in a line, in quotes or not; the rest of a map in braces stays. */
const pair = new RegExp(`((?:^|[\\s{,"'_-]|[a-z])${word}["']?\\s*(?::\\s*(?![{|>])|=\\s*))([^,}\\s][^,}]*)`, 'gi')

/** `allow_expired_token = true` tells nothing. */
const isFlag = (value = ''): boolean => /^(?:true|false)\W*$/i.test(value)

/** A line that is one pair: all that follows is the value, whatever is in it. */
const wholePair = /^(\s*(?:-\s+)?(?:export\s+)?["']?([\w.-]+)["']?\s*(?::\s+(?![{|>])|=\s*))(\S.*)$/

/** `insecure-password x`, as HAProxy and Redis write it; comments may speak of passwords. */
const wordPair = /^(?!\s*#)(.*(?:^|[\s_-])(?:password|passwd|requirepass)\s+)([^\s:=].*)$/i

/** Every `user:password@` of a list of URLs, the later ones of which have no scheme (`rabbit://a:b@c,d:e@f/`). */
const inUrl = (url: string): string => url.replaceAll(/((?:\/\/|,)[^\s/:@,]*:)([^\s/@]+)(@)/g, `$1${hidden}$3`)

/** The line with secret values taken out, for showing. */
export function maskLine(line: string): string {
  const urls = line.replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, inUrl)
  const [, head, key, value] = wholePair.exec(urls) ?? []
  if (head !== undefined && key !== undefined && isSecretKey(key)) return isFlag(value) ? urls : `${head}${hidden}`
  return urls.replace(pair, `$1${hidden}`)
}

/** `password: |`, whose value is the lines below it that stand further in. */
const blockPair = /^(\s*)(?:-\s+)?["']?([\w.-]+)["']?\s*:\s+[|>][-+\d]*\s*$/

/**
 * The lines of a file or a script with secret values taken out, one for one: also the inside of private keys, texts that stand
 * below a secret's name, and passwords that only a blank sets apart from their keyword.
 */
export function maskLines(lines: readonly string[]): readonly string[] {
  let inKey = false
  let inBlock: number | undefined
  return lines.map((line) => {
    const indent = line.search(/\S/)
    const ends = /-----END /.test(line)
    if (inBlock !== undefined && indent >= 0 && indent <= inBlock) inBlock = undefined
    const isInside = (inKey && !ends) || (inBlock !== undefined && indent >= 0)
    inKey = (inKey || privateKey.test(line)) && !ends
    if (isInside) return hidden
    const [, margin = '', key = ''] = blockPair.exec(line) ?? []
    if (inBlock === undefined && isSecretKey(key)) inBlock = margin.length
    return maskLine(line).replace(wordPair, `$1${hidden}`)
  })
}
