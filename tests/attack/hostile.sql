-- Statements of our own that try to read, bypass, set, write, exhaust or confuse.
-- Each starts with "-- @group expectation"; refused: by gate or lineage; ends: may run, must end and leak nothing.
-- {other}: another licence's Parquet, {own}: this licence's own, {text}: a decoy text file, {out}: a file to be written.

-- @read refused
SELECT * FROM read_text('{text}')
-- @read refused
SELECT * FROM read_blob('{text}')
-- @read refused
SELECT * FROM read_csv('{text}', header = false)
-- @read refused
SELECT * FROM read_csv_auto('{text}')
-- @read refused
SELECT * FROM sniff_csv('{text}')
-- @read refused
SELECT * FROM read_json('{text}')
-- @read refused
SELECT * FROM '{text}'
-- @read refused
FROM '{other}'
-- @read refused
TABLE "{other}"
-- @read refused
SELECT * FROM read_parquet('{other}')
-- @read refused
SELECT * FROM parquet_scan(['{own}', '{other}'])
-- @read refused
SELECT * FROM READ_PARQUET('{other}')
-- @read refused
SELECT * FROM main.read_parquet('{other}')
-- @read refused
SELECT * FROM system.main.read_parquet('{other}')
-- @read refused
SELECT * FROM parquet_metadata('{other}')
-- @read refused
SELECT * FROM parquet_kv_metadata('{other}')
-- @read refused
SELECT * FROM parquet_bloom_probe('{other}', 'secret', 'CANARY-OTHER')
-- @read refused
SELECT * FROM glob('/**')
-- @read refused
SELECT getenv('SLUICE_PLANTED')
-- @read refused
SELECT * FROM read_text('/proc/self/environ')
-- @read refused
SELECT * FROM read_text('/proc/self/maps')
-- @read refused
SELECT (SELECT content FROM read_text('{text}')) AS c
-- @read refused
WITH x AS (SELECT * FROM read_text('{text}')) SELECT * FROM x
-- @read refused
SELECT * FROM licensed, LATERAL (SELECT content FROM read_text('{text}'))
-- @read refused
VALUES ((SELECT content FROM read_text('{text}')))
-- @read refused
SELECT * FROM licensed WHERE id IN (SELECT length(content) FROM read_text('{text}'))
-- @read refused
SELECT * FROM licensed ORDER BY (SELECT content FROM read_text('{text}'))
-- @read refused
SELECT * FROM licensed LIMIT (SELECT length(content) FROM read_text('{text}'))
-- @read refused
SELECT list_transform([1], lambda x: (SELECT any_value(content) FROM read_text('{text}')))
-- @read refused
SELECT sum(id) OVER (ORDER BY (SELECT content FROM read_text('{text}'))) FROM licensed
-- @read refused
SELECT CASE WHEN true THEN (SELECT content FROM read_text('{text}')) END
-- @read refused
SELECT * FROM python_map_function('x')
-- @read refused
SELECT * FROM sys_modules
-- @read refused
ATTACH '{other}' AS o

-- @bypass refused
SELECT * FROM query('FROM read_text(''{text}'')')
-- @bypass refused
SELECT * FROM query_table('{other}')
-- @bypass refused
SELECT * FROM query_table('lic' || 'ensed')
-- @bypass refused
FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''{text}'')'))
-- @bypass refused
SELECT json_serialize_sql('SELECT 1')
-- @bypass refused
SELECT json_serialize_plan('FROM licensed')
-- @bypass refused
PREPARE p AS FROM read_text('{text}')
-- @bypass refused
EXECUTE p
-- @bypass refused
SELECT 1; FROM read_text('{text}')
-- @bypass refused
CREATE MACRO m() AS TABLE FROM read_text('{text}')
-- @bypass refused
CREATE OR REPLACE VIEW licensed AS FROM read_text('{text}')
-- @bypass refused
WITH sqlite_master AS (SELECT 1) SELECT * FROM main.sqlite_master
-- @bypass refused
WITH duckdb_views AS (SELECT 1 AS a) SELECT * FROM duckdb_views
-- @bypass refused
SELECT sql FROM duckdb_views()
-- @bypass refused
SELECT * FROM duckdb_settings()
-- @bypass refused
SELECT * FROM duckdb_secrets()
-- @bypass refused
SELECT * FROM information_schema.views
-- @bypass refused
SELECT * FROM pg_catalog.pg_views
-- @bypass refused
SELECT * FROM sqlite_master
-- @bypass refused
SELECT current_setting('allowed_paths')
-- @bypass refused
SELECT pg_get_viewdef(0)
-- @bypass refused
EXPLAIN ANALYZE FROM licensed
-- @bypass refused
SUMMARIZE licensed
-- @bypass refused
FROM (SUMMARIZE licensed)
-- @bypass refused
DESCRIBE licensed
-- @bypass refused
SHOW ALL TABLES
-- @bypass refused
FROM (SHOW ALL TABLES)
-- @bypass refused
SELECT * FROM memory.main.licensed
-- @bypass refused
SELECT * FROM other_agreement
-- @bypass refused
SELECT rowid, * FROM licensed
-- @bypass refused
SELECT filename FROM licensed
-- @bypass refused
SELECT stats(id) FROM licensed
-- @bypass refused
SELECT * FROM licensed AT (VERSION => 1)
-- @bypass refused
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r
-- @bypass refused
SELECT user, current_user, session_user
-- @bypass refused
SELECT finalize('\x00'::BLOB)

-- @settings refused
SET enable_external_access = true
-- @settings refused
SET GLOBAL memory_limit = '100GB'
-- @settings refused
RESET lock_configuration
-- @settings refused
PRAGMA threads = 64
-- @settings refused
SET VARIABLE x = 1
-- @settings refused
USE memory
-- @settings refused
SELECT setseed(0.5)
-- @settings refused
SELECT * FROM enable_logging()
-- @settings refused
CALL enable_profiling()
-- @settings refused
SELECT write_log('x')

-- @write refused
COPY (SELECT 1) TO '{out}'
-- @write refused
COPY licensed TO '{own}' (FORMAT parquet)
-- @write refused
COPY licensed TO '{other}' (FORMAT parquet)
-- @write refused
SELECT 1; COPY (SELECT 1) TO '{out}'
-- @write refused
ANALYZE SELECT 1; COPY (SELECT 1) TO '{out}'
-- @write refused
ATTACH '{out}' AS db
-- @write refused
EXPORT DATABASE '{out}'
-- @write refused
WITH d AS (DELETE FROM licensed RETURNING *) FROM d
-- @write refused
WITH d AS (INSERT INTO licensed SELECT * FROM licensed RETURNING *) FROM d
-- @write refused
WITH d AS (UPDATE licensed SET id = 0 RETURNING *) FROM d
-- @write refused
CREATE TABLE t AS FROM licensed
-- @write refused
DROP VIEW licensed
-- @write refused
INSTALL httpfs
-- @write refused
LOAD '{out}'
-- @write refused
CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')
-- @write refused
CHECKPOINT
-- @write refused
SELECT nextval('s')

-- @exhaust ends
SELECT count(*) FROM range(10000000) a, range(10000000) b
-- @exhaust ends
SELECT sum(a.id * b.id) FROM licensed a, licensed b, licensed c
-- @exhaust ends
SELECT list_sort(list(a.range)) FROM range(10000000) a, range(100) b
-- @exhaust ends
SELECT string_agg(city, ',') FROM licensed, range(10000000)
-- @exhaust ends
SELECT length(repeat(repeat('x', 10000000), 10000000))
-- @exhaust ends
SELECT regexp_extract_all(repeat('ab', 5000000), '(a|b)*')
-- @exhaust ends
SELECT unnest(range(10000000)) FROM range(10000000)
-- @exhaust ends
SELECT * FROM licensed a, licensed b ORDER BY random()
-- @exhaust refused
SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))
-- @exhaust refused
SELECT damerau_levenshtein(repeat('a', 200000), repeat('b', 200000))
-- @exhaust refused
SELECT repeat('x', 3000000000)
-- @exhaust refused
SELECT repeat('x', id) FROM licensed
-- @exhaust refused
SELECT count(*) FROM generate_series(1, 3000000000)
-- @exhaust refused
SELECT lpad('x', 2000000000, 'y')
-- @exhaust refused
SELECT printf('%2000000000d', 1)
-- @exhaust refused
SELECT format('{{:{{}}}}', 1, 2000000000)
-- @exhaust refused
SELECT list_resize([1], 2000000000)
-- @exhaust refused
SELECT sleep_ms(60000)
-- @exhaust refused
SELECT pg_sleep(60)
-- @exhaust refused
WITH a AS (FROM licensed, licensed b), b AS (FROM a, a x), c AS (FROM b, b x), d AS (FROM c, c x), e AS (FROM d, d x), f AS (FROM e, e x), g AS (FROM f, f x), h AS (FROM g, g x), i AS (FROM h, h x) FROM i

-- @confuse refused
SELECT/**/*/**/FROM/* ; */"read_text"('{text}')
-- @confuse refused
/* /* */ */ SELECT * FROM read_text($$'{text}'$$)
-- @confuse refused
SELECT * FROM "READ_TEXT"('{text}')
-- @confuse refused
SELECT 'x' -- ; SELECT 1
; FROM read_text('{text}')
-- @confuse refused
SELECT * FROM U&"licensed"
-- @confuse refused
SELECT * FROM licensed."licensed"
-- @confuse refused
SELECT * FROM "main"."licensed"
-- @confuse refused
WITH licensed2 AS (SELECT 1) SELECT * FROM main.licensed2
-- @confuse refused
WITH "{other}" AS (SELECT 1) SELECT * FROM "{other}"
-- @confuse refused
SELECT '{text}'.read_text()
-- @confuse refused
SELECT version(), 1
-- @confuse refused
SELECT $1
-- @confuse refused
SELECT (((((SELECT a FROM (FROM (FROM other_agreement) x) y)))))
-- @confuse refused
SELECT x::ENUM('a') FROM licensed
-- @confuse refused
SELECT * FROM licensed WHERE EXISTS (FROM duckdb_tables())
-- @confuse refused
SELECT COLUMNS(c -> c IN (SELECT content FROM read_text('{text}'))) FROM licensed
-- @confuse refused

-- @confuse ends
SELECT 'FROM read_text(''/etc/passwd''); --' AS harmless FROM licensed LIMIT 1
-- @confuse ends
/* SELECT */ FROM licensed SELECT id -- LIMIT 3
 LIMIT 2
-- @confuse ends
WITH licensed AS (SELECT 1 AS id) SELECT * FROM licensed
-- @confuse ends
SELECT CAST(city AS INTEGER) FROM licensed
