/** Riak's own times and limits, virtual milliseconds. */

/** `net_tick`: an Erlang node ticks every connection four times in `net_ticktime`, 60 s (Erlang kernel documentation). */
export const TICK = 15_000;

/** After so many intervals without a word a connection counts as broken: 45 to 75 s after it really broke. */
export const SILENT_TICKS = 4;

/** How often a node tries to reach those it has lost (riak_core_node_watcher, gossip_interval). */
export const RECONNECT = 60_000;

/** How long a request may take (riak_kv.schema, ring of request timeouts: 60 s). */
export const REQUEST_TIMEOUT = 60_000;

/** How long a node that has handed a write to a coordinator waits to hear that it took it (riak_kv_put_fsm). */
export const COORDINATOR_TIMEOUT = 3000;

/** How often fallback vnodes look for their primaries (riak_core vnode_management_timer). */
export const HANDOFF_CHECK = 10_000;

/** How long a fallback vnode must have been idle before it hands off (riak_core vnode_inactivity_timeout). */
export const HANDOFF_IDLE = 60_000;

/** How many keys go into one handoff message. */
export const HANDOFF_BATCH = 32;

/** How often active anti-entropy begins an exchange (riak_kv anti_entropy_tick). */
export const EXCHANGE = 15_000;

/** Above this a write fails (riak_kv max_siblings). */
export const SIBLINGS_MAX = 100;

/** How long Erlang tries to connect to a node that does not answer (`net_setuptime`). */
export const SETUP_TIME = 7000;

/** How often a node sends its ring to another, and the claimant looks what there is to do (riak_core gossip_limit, claimant_tick). */
export const GOSSIP = 10_000;

/** How many rings a node sends in that time (riak_core gossip_limit, {45, 10000}). */
export const GOSSIP_LIMIT = 45;

/** How many of the pending transfers are looked at each time (riak_core forced_ownership_handoff). */
export const FORCED_TRANSFERS = 8;

/** How many partitions a node hands over at once (riak_core handoff_concurrency, `transfer_limit`). */
export const TRANSFER_LIMIT = 2;
