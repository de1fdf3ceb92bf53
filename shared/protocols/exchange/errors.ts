/** Bodies of CouchDB's HTTP answers (chttpd.erl, `error_info`), with the status before them. */
export const CONFLICT = '409 {"error":"conflict","reason":"Document update conflict."}';
export const MISSING = '404 {"error":"not_found","reason":"missing"}';
export const DELETED = '404 {"error":"not_found","reason":"deleted"}';
export const TIMEOUT =
  '500 {"error":"timeout","reason":"The request could not be processed in a reasonable amount of time."}';
/** No copy of the document has answered a write, or a read (fabric_doc_update.erl, fabric_doc_open.erl). */
export const NOBODY_WROTE = '500 {"error":"error","reason":"internal_server_error"}';
export const NOBODY_READ = '500 {"error":"error","reason":"read_failure"}';
/** No copy of any shard can be reached (fabric_util.erl, `get_shard`). */
export const NO_SHARDS = '500 {"error":"internal_server_error","reason":"No DB shards could be opened."}';
/** A revision that an edit names is no revision at all (couch_doc.erl, `parse_rev`). */
export const BAD_REVISION = '400 {"error":"bad_request","reason":"Invalid rev format"}';
export const NOT_A_LIST = 'the document holds no list';
/** What is asked of a node that has joined no cluster (chttpd_db.erl). */
export const NO_DATABASE = '404 {"error":"not_found","reason":"Database does not exist."}';
/** Node's HTTP client: nobody listens there, or the server has gone before it answered. */
export const REFUSED = 'connect ECONNREFUSED';
export const INTERRUPTED = 'socket hang up';
/** A machine that an administrator's script talks to says nothing: curl's, and ssh's where CouchDB is to be started. */
export const TIMED_OUT = 'connect ETIMEDOUT';
export const SSH_TIMED_OUT = (node: string) => `ssh: connect to host ${node} port 22: Connection timed out`;
/** Our words: the script waits for `_node/{node}/_system` to say that nothing is to be replicated, and gives up. */
export const NOT_IN_SYNC = 'internal_replication_jobs is not 0';
/** Our words: the script does not take away the only copy of a shard. */
export const LAST_COPY = 'no other node could keep the shards';
