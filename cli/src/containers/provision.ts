// Creates the streams and consumers of the swarm as the one user of the bus that may, waits for the bus as long as it takes, and ends.
import { commonSettings } from '@triage/actor'
import { connectNats } from '@triage/bus'
import { provision } from '@triage/bus/server'
import { readConfig } from '@triage/config'
import { instances } from '../launcher/swarm-processes.ts'
import { job } from './job.ts'

const { natsUrl, nkey, busCa } = commonSettings

await job(async () => {
  const config = readConfig({ natsUrl, nkey, busCa })
  const tls = { ca: config.busCa || undefined }
  const provisioner = await connectNats({ url: config.natsUrl, user: 'provisioner', nkey: config.nkey, tls })
  await provision(provisioner.connection, instances)
  await provisioner.close()
})
