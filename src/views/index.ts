/** Turns events into what people and programs read: a live tree, plain lines, JSON lines. */
import { jsonView } from './json.ts'
import { plainView } from './plain.ts'
import { treeView } from './tree.ts'
import type { View, ViewOptions } from './view.ts'

/** `tree` needs a terminal that understands ANSI escapes. */
export function openView(options: ViewOptions): View {
  switch (options.kind) {
    case 'tree':
      return treeView(options)
    case 'plain':
      return plainView(options)
    case 'json':
      return jsonView(options)
  }
}

export { countsText, duration, problemText, subjectText } from './text.ts'
export type { View, ViewOptions } from './view.ts'
