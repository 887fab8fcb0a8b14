/** Scripts and templates that stand as files beside a service's data. */
import { readFileSync } from 'node:fs'

/** Text of a file beside the calling module: `text(import.meta.url, './start.sh')`. */
export const text = (moduleUrl: string, name: string): string => readFileSync(new URL(name, moduleUrl), 'utf8')
