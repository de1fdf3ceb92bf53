/** The literal errors of StorageService.java, Gossiper.java and RangeStreamer.java. */
export const MOVEMENT_ERRORS = {
  noPeers: 'Unable to gossip with any peers',
  others:
    'Other bootstrapping/leaving/moving nodes detected, cannot bootstrap while cassandra.consistent.rangemovement is true',
  exists: (node: string) =>
    `A node with address ${node} already exists, cancelling join. Use cassandra.replace_address if you want to replace this node.`,
  sourceDown: (nodes: string) => `A node required to move the data consistently is down: [${nodes}]`,
  bootstrap: 'Error while waiting on bootstrap to complete. Bootstrap will have to be restarted.',
  pointless:
    'nodetool: Unsupported operation: no other normal nodes in the ring; decommission would be pointless',
  tooFew: (factor: number | string, nodes: number | string) =>
    `nodetool: Unsupported operation: Not enough live nodes to maintain replication factor in keyspace quorum_call (RF = ${factor}, N = ${nodes}). Perform a forceful decommission to ignore.`,
  moving: 'nodetool: Unsupported operation: data is currently moving to this node; unable to leave the ring',
  state: (status: string) =>
    `nodetool: Unsupported operation: Node in ${status} state; wait for status to become normal or restart`,
  stream: 'nodetool: Stream failed',
} as const;

/** Those of `nodetool removenode`. */
export const REMOVAL_ERRORS = {
  noServer:
    "nodetool: Failed to connect to '127.0.0.1:7199' - ConnectException: 'Connection refused (Connection refused)'.",
  stranger: 'error: Host ID not found.',
  noMember: 'error: Node to be removed is not a member of the token ring',
  self: 'error: Cannot remove self',
  alive: (node: string) =>
    `error: Node ${node} is alive and owns this ID. Use decommission command to remove it from the ring`,
  busy: "error: This node is already processing a removal. Wait for it to complete, or use 'removenode force' if this has failed.",
  changed: (node: string) => `error: Endpoint ${node} generation changed while trying to remove it`,
} as const;
