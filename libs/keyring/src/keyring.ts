// The keys that messages are signed with: where they are kept, who derives what from them, and how they change.
export { createKeyFile, KeyFile, openKeyring } from './key-file.ts'
export { passphraseFileOf } from './passphrase.ts'
export { Keyring, singleKey } from './ring.ts'
export { type Everybody, rotate } from './rotate.ts'
export { Vault } from './vault.ts'
export { type KeyVersion, retire, stateOf } from './versions.ts'
