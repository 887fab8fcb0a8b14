/** Streams that a layer's bytes pass through. */
import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'

/** Passes bytes on in pieces of one size: zstd's output depends on how its input is cut. */
export class Rechunk extends Transform {
  readonly #size = 1 << 20
  #waiting: Buffer[] = []
  #bytes = 0

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null) => void): void {
    this.#waiting.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes >= this.#size) this.#emit()
    done(null)
  }

  override _flush(done: (error: null) => void): void {
    this.push(Buffer.concat(this.#waiting))
    done(null)
  }

  #emit(): void {
    const all = Buffer.concat(this.#waiting)
    const whole = all.length - (all.length % this.#size)
    for (let at = 0; at < whole; at += this.#size) this.push(all.subarray(at, at + this.#size))
    this.#waiting = [all.subarray(whole)]
    this.#bytes = all.length - whole
  }
}

/** Passes bytes on, counts them and hashes them. */
export class Digest extends Transform {
  bytes = 0
  readonly #hash = createHash('sha256')
  #digest: string | undefined

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.bytes += chunk.length
    this.#hash.update(chunk)
    done(null, chunk)
  }

  /** `sha256:…` of all that went through. */
  digest(): string {
    this.#digest ??= `sha256:${this.#hash.digest('hex')}`
    return this.#digest
  }
}
