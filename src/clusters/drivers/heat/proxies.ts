/** The way out of a node where there is none but by a proxy. */
import { CloudRefusal } from './cloud.ts'
import { listOf } from './flags.ts'

export interface Proxies {
  readonly http?: string
  readonly https?: string
  readonly except: readonly string[]
}

export interface ProxyOptions {
  readonly httpProxy?: string | undefined
  readonly httpsProxy?: string | undefined
  readonly noProxy?: string | undefined
}

/** `own`: addresses, ranges and domains of the cluster itself. Undefined without a proxy. @throws CloudRefusal */
export function proxiesOf(
  { httpProxy: http, httpsProxy: https, noProxy }: ProxyOptions,
  own: readonly string[],
): Proxies | undefined {
  if (http === undefined && https === undefined) return undefined
  for (const [name, url] of Object.entries({ http_proxy: http, https_proxy: https }))
    if (url !== undefined && !isUrl(url))
      throw new CloudRefusal(`${name} takes a URL such as http://HOST:3128, and not ${JSON.stringify(url)}`)
  const except = listOf(noProxy)
  const odd = except.find((each) => !/^[\w.:/*[\]-]+$/.test(each))
  if (odd !== undefined)
    throw new CloudRefusal(`no_proxy takes host names, addresses and ranges, and not ${JSON.stringify(odd)}`)
  return {
    ...(http === undefined ? {} : { http }),
    ...(https === undefined ? {} : { https }),
    except: [...new Set([...except, ...own])],
  }
}

const isUrl = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && !/[\s"'\\$`]/.test(text)

/** `units`: what pulls images and what asks clouds. Pods have what their manifests say. */
export function proxyFiles(proxies: Proxies | undefined, units: readonly string[]): Readonly<Record<string, string>> {
  if (proxies === undefined) return {}
  const { http, https, except } = proxies
  const values = { HTTP_PROXY: http, HTTPS_PROXY: https, NO_PROXY: except.join() }
  const lines = Object.entries(values).flatMap(([name, value]) =>
    // systemd reads % as the beginning of a name of its own.
    value === undefined ? [] : [`Environment="${name}=${value.replaceAll('%', '%%')}"`],
  )
  const text = `[Service]\n${lines.join('\n')}\n`
  return Object.fromEntries(units.map((unit) => [`/etc/systemd/system/${unit}.service.d/20-proxy.conf`, text]))
}
