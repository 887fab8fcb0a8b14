/** A terminal for tests: understands the little that the live tree writes, and refuses to move the cursor where it cannot go. */

export interface Screen {
  write(text: string): void
  /** Everything from the first line on, scrolled away or not. */
  text(): string
}

const esc = '\u001b'
const token = new RegExp(`${esc}\\[\\?2026[hl]|${esc}\\[(\\d*)([A-Za-z])|\r|\n|[^${esc}\r\n]+`, 'gu')

export function createScreen(size: { readonly columns: number; readonly rows: number }): Screen {
  let lines: string[] = ['']
  let row = 0
  let erased = true
  const act = (match: RegExpExecArray): void => {
    const [all, count, letter] = match
    if (all === '\n') {
      row += 1
      if (lines.length === row) lines.push('')
    } else if (letter === 'A') {
      row -= Number(count)
      if (row < Math.max(0, lines.length - size.rows)) throw new Error('the cursor goes above the top of the terminal')
      erased = false
    } else if (letter === 'J') {
      lines = [...lines.slice(0, row), '']
      erased = true
    } else if (all !== '\r' && !all.startsWith(`${esc}[?`)) {
      if (!erased) throw new Error('text over text')
      lines[row] += all
    }
  }
  return {
    write(text) {
      for (const match of text.matchAll(token)) act(match)
    },
    text: () => `${lines.join('\n').trimEnd()}\n`,
  }
}
