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
