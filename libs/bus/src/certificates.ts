// Certificates for the bus: an authority of its own, and what it signs. Only who sets a bus up loads this.
import 'reflect-metadata'
import { KeyObject, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto as webcrypto.Crypto)

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const dayMs = 86_400_000

/** Both PEM. */
interface Certificate {
  cert: string
  key: string
}

/** Its private key is never written down: when it is forgotten, nobody can sign in its name any more. */
export class Authority {
  /** PEM. */
  readonly cert: string
  readonly #name: string
  readonly #key: webcrypto.CryptoKey
  readonly #validity: { notBefore: Date; notAfter: Date }

  private constructor(name: string, key: webcrypto.CryptoKey, cert: string, validity: { notBefore: Date; notAfter: Date }) {
    this.#name = name
    this.#key = key
    this.cert = cert
    this.#validity = validity
  }

  /** @param days that it and what it signs are valid for, from an hour ago: clocks differ */
  static async create(name: string, days: number): Promise<Authority> {
    const notBefore = new Date(Date.now() - dayMs / 24)
    const validity = { notBefore, notAfter: new Date(notBefore.getTime() + days * dayMs) }
    const keys = await newKeys()
    const own = await x509.X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}`,
      keys,
      ...validity,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)
      ]
    })
    return new Authority(name, keys.privateKey, pem(own), validity)
  }

  /** @param hosts names and addresses that it is for */
  async issue(name: string, hosts: readonly string[]): Promise<Certificate> {
    const keys = await newKeys()
    const usages = [x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]
    const issued = await x509.X509CertificateGenerator.create({
      subject: `CN=${name}`,
      issuer: `CN=${this.#name}`,
      publicKey: keys.publicKey,
      signingKey: this.#key,
      ...this.#validity,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(usages),
        new x509.SubjectAlternativeNameExtension(hosts.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value })))
      ]
    })
    return { cert: pem(issued), key: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }) as string }
  }
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>

const pem = (certificate: x509.X509Certificate): string => `${certificate.toString('pem')}\n`
