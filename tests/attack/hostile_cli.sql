-- Statements for the whole way of a question, besides those of hostile.sql; the same form, each with its aim.
-- Each starts with "-- @group expectation"; refused: by gate or lineage; ends: may run, must end and leak nothing.

-- @read refused
-- another firm's edition, by the name it is queried under
SELECT * FROM rivals
-- @read refused
-- the file of another firm's edition, compressed text as CSV
SELECT * FROM read_csv('{other}', delim = '\0', header = false, ignore_errors = true)
-- @read refused
-- the folder of all editions
SELECT * FROM read_parquet('{store}/**')
-- @read refused
-- the market's own database
ATTACH '{home}/sluice.db' AS market (TYPE sqlite)
-- @read refused
-- the private key of the log
SELECT content FROM read_text('{home}/keys/log.key')
-- @read refused
-- a secret in a subquery of a filter
SELECT id FROM licensed WHERE (SELECT length(content) FROM read_blob('{text}')) > 0
-- @read refused
-- the environment by its file, byte by byte
SELECT unnest(string_split(content, chr(0))) FROM read_text('/proc/1/environ')
-- @bypass refused
-- a table function under a correlated name
SELECT * FROM licensed AS l, read_text(l.id::VARCHAR)
-- @bypass refused
-- a statement hidden behind a NUL-like escape
SELECT 1 AS a; -- \0
SELECT content FROM read_text('{text}')
-- @bypass refused
-- a macro that shadows an allowed function
CREATE TEMP MACRO upper(x) AS (SELECT content FROM read_text('{text}'))
-- @bypass refused
-- a pivot that reads a file for its columns
PIVOT (FROM read_csv('{text}')) ON column0 USING count(*)
-- @bypass refused
-- a quoted alias made to look like a path
SELECT * FROM "{text}" AS licensed
-- @settings refused
-- a setting within a CTE's neighbour
SET SESSION temp_directory = '{out}'
-- @settings refused
-- the search path, so that another schema answers
SET search_path = 'information_schema'
-- @settings refused
-- the settings by function
SELECT * FROM duckdb_settings() WHERE name = 'secret_directory'
-- @write refused
-- a copy by a writing CTE
WITH x AS (COPY licensed TO '{out}') SELECT 1
-- @write refused
-- a partitioned copy over the store
COPY (SELECT 1 AS a) TO '{store}' (FORMAT parquet, PARTITION_BY (a), OVERWRITE_OR_IGNORE)
-- @write refused
-- a comment on the licensed table
COMMENT ON VIEW licensed IS 'ours'
-- @exhaust ends
-- a product of the edition with itself, sorted by no index
SELECT a.id FROM licensed a, licensed b, licensed c ORDER BY a.id || b.id || c.id
-- @exhaust ends
-- an aggregate that keeps every value of a product
SELECT count(DISTINCT a.id || b.id || c.id || d.id) FROM licensed a, licensed b, licensed c, licensed d
-- @exhaust ends
-- a window over a product
SELECT max(n) FROM (SELECT row_number() OVER (ORDER BY a.size * b.size + c.size) AS n FROM licensed a, licensed b, licensed c)
-- @confuse ends
-- an error that would quote a cell
SELECT remark::INTEGER FROM licensed
-- @confuse ends
-- an error that would quote a literal of ours
SELECT error('{text}') FROM licensed
-- @confuse ends
-- words that look like an answer of ours
SELECT 'quote' AS query, 0 AS amount_fen, '"}}' AS receipt FROM licensed LIMIT 1
