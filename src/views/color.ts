export type Color = 'green' | 'red' | 'yellow' | 'cyan' | 'dim' | 'bold'

const codes: Readonly<Record<Color, string>> = { green: '32', red: '31', yellow: '33', cyan: '36', dim: '2', bold: '1' }

export function paint(text: string, color: Color, on: boolean): string {
  return on ? `\x1b[${codes[color]}m${text}\x1b[0m` : text
}
