// As much of the tar format as it takes to hand one small file to the engine's archive API and to get one back.

const block = 512

/** An archive with one file, for extraction at /. Its owner is root, its mode 0644. Throws RangeError for a path over 100 bytes. */
export function packFile(path: string, text: string): Buffer {
  const name = path.replace(/^\/+/, '')
  if (Buffer.byteLength(name) > 100) throw new RangeError(`the path ${path} is too long for an archive`)
  const data = Buffer.from(text)
  const header = Buffer.alloc(block)
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`
  header.write(name, 0)
  header.write(octal(0o644, 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(data.length, 11), 124)
  header.write(octal(Math.floor(Date.now() / 1000), 11), 136)
  header.write(' '.repeat(8), 148)
  header.write('0', 156)
  header.write('ustar\u000000', 257)
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148
  )
  const padding = Buffer.alloc((block - (data.length % block)) % block)
  return Buffer.concat([header, data, padding, Buffer.alloc(2 * block)])
}

/** The text of the first regular file of an archive; null when there is none. */
export function unpackFile(archive: Buffer): string | null {
  for (let at = 0; at + block <= archive.length; ) {
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 136), 8) || 0
    const type = archive.toString('latin1', at + 156, at + 157)
    const start = at + block
    if (type === '0' || (type === '\0' && archive[at] !== 0)) return archive.toString('utf8', start, start + size)
    at = start + Math.ceil(size / block) * block
  }
  return null
}
