/** Names that a batch job could have: they tell nothing. */
const jobs = ['report-export', 'thumbnailer', 'log-shipper', 'reindex']

export const jobName = (pick: (n: number) => number): string => `${jobs[pick(jobs.length)]}-${pick(900) + 100}`
