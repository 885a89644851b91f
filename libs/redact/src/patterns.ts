// What secrets look like in text.
//
// Invariants
// 1. Linear time: no pattern can match the same run of characters in two ways, and each run is tried from its beginning alone or
//    for a bounded length.
// 2. What a pattern leaves behind it finds again and leaves as it is: redacting twice is redacting once.
// 3. No pattern takes a lone quotation mark: text that was JSON stays JSON.
export const mark = '***'

interface Pattern {
  finds: RegExp
  leaves: string | ((found: string, ...groups: string[]) => string)
}

/** What stands for itself, wherever it is. */
const tokens = [
  // NATS nkey seeds: of a user, account, operator, server, cluster or curve key.
  /(?<![A-Z0-9])S[UAONCX][A-Z2-7]{56}(?![A-Z0-9])/g,
  // JSON web tokens.
  /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g,
  /(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])/g,
  /(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|glpat-[\w-]{20,255})/g,
  /(?<!\w)xox[a-z]-[\w-]{10,255}|(?<=hooks\.slack\.com\/services\/)[\w/]{10,255}/g,
  // OpenAI, Anthropic, OpenRouter, Stripe, Google, npm, PyPI, Hugging Face, Docker, SendGrid.
  /(?<![\w-])(?:sk-[\w-]{16,255}|[sr]k_(?:live|test)_\w{10,255}|AIza[\w-]{35}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,255})/g,
  /(?<![\w-])(?:hf_[A-Za-z0-9]{30,255}|dckr_pat_[\w-]{20,255}|SG\.[\w-]{20,255}\.[\w-]{20,255})/g
]

const pem = '[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----'
/** A character of a key, or a line break as JSON writes it, in JSON in JSON too. */
const pemText = '(?:[\\w+/=\\s:,.-]|\\\\{1,7}[rn])'
/** Words that name a secret, anywhere in a longer name: DB_PASSWORD, x-api-key, clientSecret. */
const certain = 'pass(?:word|wd|phrase)|pwd|secret|credentials?'
// A number of tokens is how long a text is for a model.
const counted = 's\\\\*["\']?\\s{0,8}[:=]\\s{0,8}\\d{1,9}(?![\\w.+/=-])'
const likely = `token(?!${counted})|connection[_-]?string|(?:api|access|account|auth|encryption|private|shared|signing)[_-]?key`
/** What may follow the word in a name; a name that ends in file or path is where the secret lies, not what it is. */
const ofIt = '(?![\\w-]{0,16}(?:file|path)(?![\\w-]))[\\w-]{0,32}'
/** A quoted value that says something, with its quotes; a bare one up to what ends it. */
const quoted = '\\\\{0,3}"(?=[^"]{0,4096}\\w)[^"\\\\]{1,4096}(?:\\\\[^"][^"\\\\]{0,4096}){0,64}\\\\{0,3}"|\'[^\'\\n"]{1,4096}\''
const bare = '[^\\s"\'`,;&<>(){}[\\]\\\\]{1,4096}'

/** `name: value` → the name stays. A bare value after a quoted name was a number: what takes its place must be quoted too. */
const named = (found: string, name: string, closing: string, between: string, value: string): string => {
  const quotes = /^(\\*["']).*?(\\*["'])$/s.exec(value)
  if (quotes) return `${name}${closing}${between}${quotes[1]}${mark}${quotes[2]}`
  if (!closing) return `${name}${between}${mark}`
  return /^(?:null|true|false)$/.test(value) ? found : `${name}${closing}${between}${closing}${mark}${closing}`
}

export const patterns: readonly Pattern[] = [
  // With its end, or up to where it cannot go on.
  { finds: new RegExp(`-----BEGIN ${pem}${pemText}*?(?:-----END ${pem}|(?!${pemText}))`, 'g'), leaves: mark },
  // A line of a key that was logged line by line; a line of hexadecimal digits is a hash.
  { finds: /^(?![0-9a-f]+$)(?=[^\n]{0,64}[A-Z])(?=[^\n]{0,64}[a-z])[A-Za-z0-9+/]{60,76}={0,2}$/gm, leaves: mark },
  ...tokens.map((finds) => ({ finds, leaves: mark })),
  // scheme://user:password@host, and scheme://token@host
  { finds: /(?<![\w+.-])([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@"]{0,256}:)[^\s@"]{1,512}@(?:[^\s/@"]{1,512}@){0,4}/gi, leaves: `$1${mark}@` },
  { finds: /(?<![\w+.-])([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s:/@"]{20,512}@/gi, leaves: `$1${mark}@` },
  // Authorization and Cookie headers, as text or in an object.
  {
    finds:
      /((?:(?:proxy-)?authorization|(?:set-)?cookie)(?:(\\{0,3}["'])\s{0,8}:\s{0,8}\2|\s{0,8}[:=]\s{0,8}))(?![\s*])[^"'\n\\]{1,4096}/gi,
    leaves: `$1${mark}`
  },
  { finds: /\b(bearer)(\s{1,8})(?=[\w+/=.~-]{0,64}[\d._=])[\w+/=.~-]{8,4096}/gi, leaves: `$1$2${mark}` },
  // password=…, "clientSecret":"…", password:…
  {
    finds: new RegExp(`((?:${certain})${ofIt})(\\\\{0,3}["']?)(\\s{0,8}[=:]\\s{0,8})(${quoted}|${bare})`, 'gi'),
    leaves: named
  },
  // token=…, "api_key":"…", token: … but not a cache's key token:42
  {
    finds: new RegExp(
      `((?:${likely})${ofIt})(\\\\{0,3}["']?)((?:(?<=["'])\\s{0,8}:\\s{0,8}|\\s{0,8}=\\s{0,8}|:\\s{1,8}))(${quoted}|${bare})`,
      'gi'
    ),
    leaves: named
  },
  // --password value, and as people write
  { finds: /(--(?:password|passphrase|token|secret|api-key)\s{1,8})(?!-)(?:[^\s"'\\]|\\[^\s"]){1,1024}/gi, leaves: `$1${mark}` },
  {
    finds: /\b((?:password|passphrase|passwd|pwd|api key|token|secret) (?:is|was) )(?=\S{0,64}[\d!#$%^&*])(?:[^\s"'\\]|\\[^\s"]){1,1024}/gi,
    leaves: `$1${mark}`
  }
]
