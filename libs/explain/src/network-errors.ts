import type { Row } from './row.ts'

/** Of connections; each is also the last word when no program says more. */
export const networkErrors: readonly Row[] = [
  {
    finds: /ECONNREFUSED|connection refused/i,
    what: 'Nobody listens at that address.',
    why: 'The program does not run, is not ready yet, or listens on another port or interface.',
    fixes: ['Look whether it runs.', 'Compare the port with the one it listens on.', 'In containers use the service name, not localhost.']
  },
  {
    finds: /ENOTFOUND|EAI_AGAIN|no such host|could not resolve/i,
    what: 'The name of the host is not known.',
    why: 'It is misspelled, of another network or namespace, or the name server does not answer.',
    fixes: ['Compare it with the name of the service.', 'See that both are in one network.', 'Look at what changed in the configuration.']
  },
  {
    finds: /ECONNRESET|EPIPE|UND_ERR_SOCKET|socket hang up|connection reset/i,
    what: 'The other side broke the connection.',
    why: 'It ended or was restarted, or a proxy between closes what is idle.',
    fixes: ['Look whether it was restarted.', 'Try again: a new connection may hold.']
  },
  {
    finds: /ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT|TimeoutError|timed? ?out|deadline exceeded/i,
    what: 'No answer came in time.',
    why: 'The other side hangs or is overloaded, or something drops the packets.',
    fixes: [
      'Look at its load and its last log lines.',
      'Look at firewalls and network policies.',
      'Allow more time only when it is known to be slow.'
    ]
  },
  {
    finds: /EHOSTUNREACH|ENETUNREACH|no route to host/i,
    what: 'There is no way to that address.',
    why: 'The network is another one, or its interface is down.',
    fixes: ['See that both are in one network.', 'Look at routes and network policies.']
  },
  {
    finds: /self[- ]signed certificate|UNABLE_TO_VERIFY|CERT_|x509:|certificate/i,
    what: 'The certificate of the other side is not trusted.',
    why: 'Its authority is unknown here, its time is over, or its name is another.',
    fixes: [
      'Give the authority that signed it.',
      'Look at its dates and names: `openssl s_client -connect HOST:PORT`.',
      'Do not turn the check off.'
    ]
  },
  {
    finds: /EMFILE|too many open files/i,
    what: 'The process has too many files and connections open.',
    why: 'It leaks them, or its limit is low.',
    fixes: ['Restart it to get time.', 'Raise `ulimit -n`, and find what is never closed.']
  }
]

const row = (what: string, why: string, ...fixes: string[]): Omit<Row, 'finds'> => ({ what, why, fixes })

/** Of answers, by HTTP status. */
export const httpErrors: Readonly<Record<number, Omit<Row, 'finds'>>> = {
  400: row('The request was not understood.', 'It is malformed, or for another version.', 'Compare it with what the API takes.'),
  401: row(
    'The other side does not know who asks.',
    'Credentials are missing, wrong or expired.',
    'Renew them.',
    'Look at how they are sent.'
  ),
  403: row('The other side does not allow this.', 'The account may not do it.', 'Use another account, or have it allowed.'),
  404: row(
    'There is no such thing there.',
    'The path or the name is wrong, or it was removed.',
    'Compare the address.',
    'See what there is.'
  ),
  408: row('The request took too long to arrive.', 'The line or the client is slow.', 'Try again.', 'Send less.'),
  409: row('It is in conflict with the state that is.', 'Somebody else was first, or it exists already.', 'Read again, then decide again.'),
  413: row('The request is too large.', 'The other side bounds what it takes.', 'Send less at a time.'),
  422: row('The request is understood and makes no sense.', 'A value is not allowed.', 'Read which field the answer names.'),
  429: row('Too many requests.', 'A limit in a time was reached.', 'Wait as long as Retry-After says.', 'Ask less often.'),
  500: row(
    'The other side failed.',
    'A defect in it, or something that it needs is away.',
    'Read its log at that time.',
    'Look at what it depends on.'
  ),
  502: row(
    'The proxy got no proper answer from behind it.',
    'The service behind it ended or is being restarted.',
    'Look at the service behind the proxy.'
  ),
  503: row(
    'The other side does not serve now.',
    'It is not ready, overloaded, or has nobody behind it.',
    'Look at its readiness and what it needs.',
    'Wait and try again.'
  ),
  504: row(
    'The proxy waited too long for what is behind it.',
    'The service behind it hangs or is slow.',
    'Look at its load and what it waits for.'
  )
}
