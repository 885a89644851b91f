/** Every bound of the swarm, with its unit. Times in milliseconds, sizes in bytes. */
export const limits = Object.freeze({
  message_bytes: 256 * 1024,
  report_text_chars: 16 * 1024,
  webhook_bytes: 4 * 1024 ** 2,
  /** What one report holds at most. */
  alerts_per_report: 100,
  /** An incident that holds this many takes no further alerts in. */
  alerts_per_incident: 10_000,
  /** While this many incidents opened by alerts are open, further alerts join the newest. */
  alert_incidents: 8,
  message_ttl_ms: 120_000,
  /** The longest time to live that is accepted: which commands were taken is remembered for longer. */
  message_ttl_max_ms: 600_000,
  clock_skew_ms: 5_000,
  /** All processes sign with a new key this long after they were told to. */
  key_switch_ms: 30_000,
  /**
   * A key is accepted this long after its successor took over: until all have switched, and then for as long as a message may
   * live, with the clocks' difference and its last redelivery.
   */
  key_overlap_ms: 200_000,
  json_depth: 32,
  replay_window: 1024,
  heartbeat_ms: 2_000,
  heartbeat_lost_ms: 5_000,
  tasks_per_plan: 8,
  task_retries: 2,
  retry_backoff_ms: 500,
  replans: 3,
  flapping_ms: 5_000,
  /** A planner waits this long for the slowest collector of a round. */
  collect_ms: 3_000,
  /** The monitor must see agreement for this long before it says recovered. */
  verify_window_ms: 3_000,
  /** The same for saying that nothing was wrong: somebody noticed something, and it may come and go. */
  dismiss_window_ms: 8_000,
  /** The same for what a human is asked to allow, before it is found not to be needed any more: what comes and goes is still to be mended. */
  lapse_window_ms: 30_000,
  /** The monitor gives a finished plan this long before it says that the world deviates. */
  verify_deadline_ms: 12_000,
  /** Once the world agrees, the alerts of an incident get this long after its plan finished to be resolved. */
  alert_resolve_ms: 60_000,
  /** An incident that is still open after this long is escalated. */
  incident_ms: 600_000,
  /** An approval that no human has answered by then has expired. Meanwhile the time of its incident stands still. */
  approval_ms: 1_800_000,
  /** What no human has answered by then is planned without. Meanwhile the time of its incident stands still. */
  question_ms: 120_000,
  /** What a human answers, at most. */
  answer_chars: 2_000,
  observations_per_collector: 60,
  /** Entries of the audit log that one checkpoint adds, and how long an entry waits for its checkpoint. */
  checkpoint_entries: 256,
  checkpoint_ms: 1_000
})
