/** Flags of Kubernetes' programs as labels have them: `--max-pods=50 --v 2`. */
import { CloudRefusal } from './cloud.ts'

/** As kubeadm takes them. */
export interface Flag {
  readonly name: string
  readonly value: string
}

const flagForm = /^--?([a-z][a-z\d.-]*)(?:=(.*))?$/i
/** What passes through a unit's environment and a manifest as it is. */
const plain = /^[\w.,:;/=@%+<>!*()|&~?#{}[\]-]*$/

/** `own`: beginnings of flags that the cluster would not work with, were they otherwise. @throws CloudRefusal */
export function flagsOf(
  labels: Readonly<Record<string, string>>,
  label: string,
  own: readonly string[],
): readonly Flag[] {
  const words = (labels[label] ?? '').split(/\s+/).filter((word) => word !== '')
  const flags: Flag[] = []
  for (const word of words) {
    const [, name, value] = flagForm.exec(word) ?? []
    const before = flags.at(-1)
    if (!plain.test(word) || (name === undefined && before?.value !== ''))
      throw new CloudRefusal(
        `Label ${label} takes flags such as --name=value, without blanks and quotes in them, and not ${word}`,
      )
    if (name === undefined) flags.splice(-1, 1, { name: before?.name ?? '', value: word })
    else flags.push({ name, value: value ?? '' })
  }
  for (const { name } of flags)
    if (own.some((each) => (each.endsWith('-') ? name.startsWith(each) : name === each)))
      throw new CloudRefusal(
        `Label ${label}: --${name} is set by the driver, for the cluster would not work with another`,
      )
  // A flag without a value is a switch.
  return flags.map(({ name, value }) => ({ name, value: value === '' ? 'true' : value }))
}

/** Of a list with commas; blanks and empty entries count not. */
export const listOf = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(/[\s,;]+/)
    .map((each) => each.trim())
    .filter((each) => each !== '')
