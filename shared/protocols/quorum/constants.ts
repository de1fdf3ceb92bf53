/**
 * Times and limits, virtual milliseconds. The paper says what happens and gives no numbers but two: membership
 * gossip once a second (DeCandia et al. 2007 §4.8) and a 99.9th percentile of 300 ms (§2.2). The rest is ours,
 * chosen so that a person sees an answer within about two seconds whatever is broken.
 */

/** How long a peer may take before this node takes it to be down and goes on to the next one. */
export const PEER_WAIT = 300;

/** How long a write is remembered after that for owners that answer late: then nobody need keep a hint for them. */
export const LATE_WAIT = 1000;

/** How often a coordinator goes on to further nodes, and how many coordinators are tried: 1.5 s at most. */
export const ROUNDS_MAX = 5;

/** How long a node that has forwarded a write waits for the outcome once a coordinator has taken it. */
export const OUTCOME_WAIT = (ROUNDS_MAX + 1) * PEER_WAIT;

/** How often peers thought down are probed and hints are offered to their owners. */
export const TICK = 1000;

/** How many suspects are probed in one tick; with more of them they take turns. */
export const PROBES_PER_TICK = 8;

/** How many hints go to one owner in one tick: an owner that comes back must not drown in them. */
export const HINTS_PER_TICK = 16;

/** How often a node compares its keys with those of one other owner, chosen by chance. */
export const ANTI_ENTROPY = 5000;

/** How often a node tells another who has joined and left (§4.8.1). */
export const GOSSIP = 1000;

/** Coordinators in a version vector: "a threshold (say 10)" (§4.4). */
export const VECTOR_MAX = 10;
