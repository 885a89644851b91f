// Certificates for tests, made with openssl in a folder that the test owns: an authority `ca`, and what it signs.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
const openssl = (cwd: string, ...args: string[]) => promisify(execFile)('openssl', args, { cwd })

/** <name>.pem and <name>.key of an authority. */
export async function makeAuthority(folder: string, name = 'ca'): Promise<void> {
  await openssl(folder, 'req', '-x509', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`, '-days', '1')
}

/** <name>.pem and <name>.key, signed by the authority. @param names what it is for, as openssl writes it: `IP:127.0.0.1,DNS:nats` */
export async function makeCertificate(folder: string, name: string, { ca = 'ca', names = 'IP:127.0.0.1' } = {}): Promise<void> {
  await writeFile(join(folder, 'extensions'), `subjectAltName=${names}\n`)
  await openssl(folder, 'req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
  const signed = ['-CA', `${ca}.pem`, '-CAkey', `${ca}.key`, '-CAcreateserial', '-extfile', 'extensions', '-days', '1']
  await openssl(folder, 'x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.pem`)
}
