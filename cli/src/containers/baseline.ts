// Takes down the last known good state of the project that is watched: what was good stays so until compose changes it. Then it ends.
import { runtimeSettings } from '@triage/actor/runtime'
import { readConfig } from '@triage/config'
import { readPrivateFile } from '@triage/keyring/private-file'
import { refreshBaseline } from '@triage/runtime/docker'
import { job } from './job.ts'

const { runtimeUrl: url, runtimeTokenFile: tokenFile, project, baseline } = runtimeSettings

await job(async () => {
  const { tokenFile: file, ...where } = readConfig({ url, tokenFile, project, baseline })
  const { kept, taken, skipped } = await refreshBaseline({ ...where, token: readPrivateFile(file).trim(), vantage: 'network' })
  const meta = { kept, taken, skipped }
  console.log(JSON.stringify({ ts: new Date().toISOString(), level: 'info', service: 'baseline', msg: 'refreshed', meta }))
})
