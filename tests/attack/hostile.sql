-- Statements of our own, in ten groups: other files, masks and filters, Python's memory, environment and catalogue, settings,
-- writing and loading, processor time, memory and disk, crashes, and a confused parser.
-- Each starts with "-- @group expectation"; refused: by gate or lineage; ends: may run, must end and leak nothing.
-- {other}: another licence's Parquet, {own}: this licence's own, {text}: a decoy text file, {out}: a file to be written.

-- @files refused
SELECT * FROM read_text('{text}')
-- @files refused
SELECT * FROM read_blob('{text}')
-- @files refused
SELECT * FROM read_csv('{text}', header = false)
-- @files refused
SELECT * FROM read_csv_auto('{text}')
-- @files refused
SELECT * FROM sniff_csv('{text}')
-- @files refused
SELECT * FROM read_json('{text}')
-- @files refused
SELECT * FROM '{text}'
-- @files refused
FROM '{other}'
-- @files refused
TABLE "{other}"
-- @files refused
SELECT * FROM read_parquet('{other}')
-- @files refused
SELECT * FROM parquet_scan(['{own}', '{other}'])
-- @files refused
SELECT * FROM READ_PARQUET('{other}')
-- @files refused
SELECT * FROM main.read_parquet('{other}')
-- @files refused
SELECT * FROM system.main.read_parquet('{other}')
-- @files refused
SELECT * FROM parquet_metadata('{other}')
-- @files refused
SELECT * FROM parquet_kv_metadata('{other}')
-- @files refused
SELECT * FROM parquet_bloom_probe('{other}', 'secret', 'CANARY-OTHER')
-- @files refused
SELECT * FROM glob('/**')
-- @files refused
SELECT (SELECT content FROM read_text('{text}')) AS c
-- @files refused
WITH x AS (SELECT * FROM read_text('{text}')) SELECT * FROM x
-- @files refused
SELECT * FROM licensed, LATERAL (SELECT content FROM read_text('{text}'))
-- @files refused
VALUES ((SELECT content FROM read_text('{text}')))
-- @files refused
SELECT * FROM licensed WHERE id IN (SELECT length(content) FROM read_text('{text}'))
-- @files refused
SELECT * FROM licensed ORDER BY (SELECT content FROM read_text('{text}'))
-- @files refused
SELECT * FROM licensed LIMIT (SELECT length(content) FROM read_text('{text}'))
-- @files refused
SELECT list_transform([1], lambda x: (SELECT any_value(content) FROM read_text('{text}')))
-- @files refused
SELECT sum(id) OVER (ORDER BY (SELECT content FROM read_text('{text}'))) FROM licensed
-- @files refused
SELECT CASE WHEN true THEN (SELECT content FROM read_text('{text}')) END
-- @files refused
ATTACH '{other}' AS o
-- @files refused
SELECT * FROM read_text(['{text}', '{other}'])
-- @files refused
SELECT * FROM read_blob('{text}*')
-- @files refused
SELECT * FROM read_csv('{text}', columns = {{'a': 'VARCHAR'}}, auto_detect = false)
-- @files refused
SELECT * FROM read_ndjson('{text}')
-- @files refused
SELECT * FROM read_ndjson_auto('{text}')
-- @files refused
SELECT * FROM read_ndjson_objects('{text}')
-- @files refused
SELECT * FROM read_json_objects('{text}')
-- @files refused
SELECT * FROM read_json_auto('{text}', format = 'unstructured')
-- @files refused
SELECT * FROM parquet_scan('{other}')
-- @files refused
SELECT * FROM parquet_schema('{other}')
-- @files refused
SELECT * FROM parquet_file_metadata('{other}')
-- @files refused
SELECT * FROM parquet_full_metadata('{other}')
-- @files refused
SELECT * FROM read_parquet('{own}')
-- @files refused
SELECT * FROM read_parquet('{own}', filename = true)
-- @files refused
SELECT * FROM parquet_metadata('{own}')
-- @files refused
SELECT * FROM "{own}"
-- @files refused
SELECT * FROM '{own}'
-- @files refused
SELECT * FROM 'file://{other}'
-- @files refused
SELECT * FROM 'file:{text}'
-- @files refused
SELECT * FROM 'http://127.0.0.1:1/x.parquet'
-- @files refused
SELECT * FROM read_csv('http://169.254.169.254/latest/meta-data/')
-- @files refused
SELECT * FROM read_parquet('s3://bucket/key.parquet')
-- @files refused
SELECT * FROM read_text('hf://datasets/x/y.csv')
-- @files refused
SELECT * FROM read_text('/etc/passwd')
-- @files refused
SELECT * FROM read_csv('/etc/passwd', delim = ':', header = false)
-- @files refused
SELECT * FROM read_csv('/dev/stdin')
-- @files refused
SELECT * FROM read_text('pipe:cat {text}')
-- @files refused
SELECT * FROM read_csv('cat {text} |')
-- @files refused
SELECT * FROM glob('{text}*')
-- @files refused
SELECT unnest(glob) FROM glob('/proc/*/cmdline')
-- @files refused
SELECT * FROM read_duckdb('{other}')
-- @files refused
SELECT * FROM sqlite_scan('{other}', 't')
-- @files refused
SELECT * FROM postgres_scan('host=127.0.0.1', 'public', 't')
-- @files refused
SELECT * FROM delta_scan('{other}')
-- @files refused
SELECT * FROM iceberg_scan('{other}')
-- @files refused
SELECT * FROM st_read('{text}')
-- @files refused
SELECT * FROM read_xlsx('{text}')
-- @files refused
SELECT * FROM read_avro('{text}')
-- @files refused
SELECT * FROM licensed UNION ALL BY NAME SELECT * FROM read_parquet('{other}')
-- @files refused
SELECT * FROM licensed SEMI JOIN read_parquet('{other}') USING (id)
-- @files refused
SELECT * FROM licensed ASOF JOIN '{other}' USING (id)
-- @files refused
SELECT * FROM licensed POSITIONAL JOIN '{other}'
-- @files refused
SELECT * FROM licensed WHERE city = ANY (SELECT secret FROM '{other}')
-- @files refused
SELECT * FROM licensed WHERE id < (SELECT count(*) FROM '{other}' WHERE secret LIKE 'CANARY%')
-- @files refused
SELECT id FROM licensed QUALIFY row_number() OVER (ORDER BY (SELECT max(secret) FROM '{other}')) = 1
-- @files refused
SELECT id FROM licensed GROUP BY id HAVING count(*) < (SELECT count(*) FROM '{other}')
-- @files refused
WITH licensed AS (FROM '{other}') SELECT * FROM licensed
-- @files refused
WITH a AS MATERIALIZED (FROM read_parquet('{other}')) SELECT * FROM a
-- @files refused
FROM (VALUES ((SELECT first(secret) FROM '{other}'))) t(x)
-- @files refused
SELECT * FROM licensed TABLESAMPLE 10% (system), '{other}' AS o

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
EXPLAIN ANALYZE FROM licensed
-- @bypass refused
SUMMARIZE licensed
-- @bypass refused
FROM (SUMMARIZE licensed)
-- @bypass refused
DESCRIBE licensed
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
FROM query('SELECT * FROM licensed')
-- @bypass refused
FROM query('FROM ' || chr(39) || '{other}' || chr(39))
-- @bypass refused
FROM query_table(['licensed', '{other}'])
-- @bypass refused
FROM query_table('licensed', true)
-- @bypass refused
SELECT * FROM json_execute_serialized_sql('{{"statements":[]}}')
-- @bypass refused
SELECT json_deserialize_sql(json_serialize_sql('SELECT 1'))
-- @bypass refused
PIVOT licensed ON city USING count(*)
-- @bypass refused
UNPIVOT licensed ON city
-- @bypass refused
FROM licensed PIVOT (count(*) FOR city IN ('a'))
-- @bypass refused
FROM (PIVOT licensed ON city)
-- @bypass refused
FROM licensed UNPIVOT (v FOR n IN (city))
-- @bypass refused
FROM (DESCRIBE licensed)
-- @bypass refused
SHOW licensed
-- @bypass refused
SHOW TABLES
-- @bypass refused
EXPLAIN FROM licensed
-- @bypass refused
EXPLAIN (FORMAT json) FROM licensed
-- @bypass refused
CALL query('FROM licensed')
-- @bypass refused
DEALLOCATE p
-- @bypass refused
CREATE TEMP VIEW v AS FROM licensed
-- @bypass refused
CREATE TEMP MACRO f(x) AS x
-- @bypass refused
CREATE FUNCTION f() AS TABLE FROM '{other}'
-- @bypass refused
ALTER VIEW licensed RENAME TO x
-- @bypass refused
SELECT * FROM shadow.licensed
-- @bypass refused
SELECT * FROM main.licensed
-- @bypass refused
SELECT * FROM temp.licensed
-- @bypass refused
SELECT * FROM system.main.licensed
-- @bypass refused
SELECT * FROM licensed WHERE rowid = 1
-- @bypass refused
SELECT file_row_number FROM licensed
-- @bypass refused
SELECT file_index FROM licensed
-- @bypass refused
SELECT hidden FROM licensed
-- @bypass refused
SELECT licensed.secret FROM licensed
-- @bypass refused
SELECT COLUMNS('secret') FROM licensed
-- @bypass refused
SELECT * EXCLUDE (secret) FROM licensed
-- @bypass refused
SELECT * FROM licensed a JOIN licensed b USING (secret)
-- @bypass refused
SELECT id FROM licensed ORDER BY secret
-- @bypass refused
SELECT vector_type(city) FROM licensed
-- @bypass refused
SELECT constant_or_null(id, 1) FROM licensed
-- @bypass refused
SELECT hive_partition_component('x', 'y')
-- @bypass refused
SELECT remap_struct(licensed, NULL, NULL, NULL) FROM licensed
-- @bypass refused
SELECT invoke(lambda x: x, 1)
-- @bypass refused
SELECT list_aggregate([1, 2], 'query')
-- @bypass refused
SELECT list_aggregate([1], 'finalize')
-- @bypass refused
WITH RECURSIVE r(n) USING KEY (n) AS (SELECT 1 UNION SELECT n + 1 FROM r) FROM r
-- @bypass refused
MERGE INTO licensed USING licensed AS b ON true WHEN MATCHED THEN DELETE
-- @bypass ends
SELECT * FROM licensed WHERE CASE WHEN city = 'city-1' THEN 1 / 0 ELSE 1 END = 1 LIMIT 1
-- @bypass ends
SELECT COLUMNS(*)::VARCHAR FROM licensed LIMIT 1
-- @bypass ends
SELECT licensed FROM licensed LIMIT 1
-- @bypass ends
SELECT unnest(licensed) FROM licensed LIMIT 1
-- @bypass ends
SELECT list_aggregate(list(id), 'max') FROM licensed
-- @bypass ends
SELECT (FROM licensed SELECT max(city))

-- @python refused
SELECT * FROM read_text('/proc/self/maps')
-- @python refused
SELECT * FROM python_map_function('x')
-- @python refused
SELECT * FROM sys_modules
-- @python refused
SELECT * FROM world
-- @python refused
SELECT * FROM pool
-- @python refused
SELECT * FROM df
-- @python refused
SELECT * FROM globals
-- @python refused
SELECT * FROM locals
-- @python refused
SELECT * FROM __main__
-- @python refused
SELECT * FROM __builtins__
-- @python refused
SELECT * FROM order_
-- @python refused
SELECT * FROM engine
-- @python refused
SELECT * FROM reader
-- @python refused
SELECT * FROM "self"
-- @python refused
SELECT * FROM "self.connection"
-- @python refused
SELECT * FROM "os.environ"
-- @python refused
SELECT * FROM tables, limits
-- @python refused
SELECT * FROM arrow_scan(140000000000000, 140000000000000, 140000000000000)
-- @python refused
SELECT * FROM arrow_scan_dumb(1, 2, 3)
-- @python refused
SELECT * FROM pandas_scan(140000000000000)
-- @python refused
SELECT * FROM pandas_scan(0)
-- @python refused
SELECT * FROM python_map_function(0, 0)
-- @python refused
SELECT * FROM python_udf('x')
-- @python refused
SELECT * FROM read_text('/proc/self/mem')
-- @python refused
SELECT * FROM read_blob('/proc/self/mem')
-- @python refused
SELECT * FROM read_blob('/proc/self/fd/3')
-- @python refused
SELECT * FROM read_text('/proc/self/cmdline')
-- @python refused
SELECT * FROM read_text('/proc/thread-self/maps')
-- @python refused
SELECT * FROM read_text('/proc/1/environ')
-- @python refused
SELECT * FROM read_blob('/proc/kcore')
-- @python refused
SELECT * FROM read_blob('/dev/mem')
-- @python refused
SELECT * FROM read_text('/sys/kernel/notes')
-- @python refused
SELECT eval('1')
-- @python refused
SELECT exec('import os')
-- @python refused
SELECT __import__('os')
-- @python refused
SELECT python('1 + 1')
-- @python refused
CREATE FUNCTION f AS 'os.system'
-- @python refused
SELECT * FROM register_external_resource('x')
-- @python refused
SELECT * FROM seq_scan('licensed')

-- @environment refused
SELECT getenv('SLUICE_PLANTED')
-- @environment refused
SELECT * FROM read_text('/proc/self/environ')
-- @environment refused
WITH sqlite_master AS (SELECT 1) SELECT * FROM main.sqlite_master
-- @environment refused
WITH duckdb_views AS (SELECT 1 AS a) SELECT * FROM duckdb_views
-- @environment refused
SELECT sql FROM duckdb_views()
-- @environment refused
SELECT * FROM duckdb_settings()
-- @environment refused
SELECT * FROM duckdb_secrets()
-- @environment refused
SELECT * FROM information_schema.views
-- @environment refused
SELECT * FROM pg_catalog.pg_views
-- @environment refused
SELECT * FROM sqlite_master
-- @environment refused
SELECT current_setting('allowed_paths')
-- @environment refused
SELECT pg_get_viewdef(0)
-- @environment refused
SHOW ALL TABLES
-- @environment refused
FROM (SHOW ALL TABLES)
-- @environment refused
SELECT user, current_user, session_user
-- @environment refused
SELECT getenv('PATH')
-- @environment refused
SELECT getvariable('x')
-- @environment refused
SELECT current_setting('home_directory')
-- @environment refused
SELECT current_setting('secret_directory')
-- @environment refused
SELECT current_database()
-- @environment refused
SELECT current_schema()
-- @environment refused
SELECT current_schemas(true)
-- @environment refused
SELECT current_query()
-- @environment refused
SELECT current_user
-- @environment refused
SELECT current_role
-- @environment refused
SELECT current_catalog
-- @environment refused
SELECT user
-- @environment refused
SELECT now()
-- @environment refused
SELECT today()
-- @environment refused
SELECT current_timestamp
-- @environment refused
SELECT localtimestamp
-- @environment refused
SELECT version()
-- @environment refused
SELECT txid_current()
-- @environment refused
SELECT current_transaction_id()
-- @environment refused
SELECT current_connection_id()
-- @environment refused
SELECT in_search_path('memory', 'main')
-- @environment refused
SELECT pg_get_constraintdef(0)
-- @environment refused
SELECT pg_typeof(current_setting('threads'))
-- @environment refused
SELECT obj_description(0, 'x')
-- @environment refused
SELECT has_table_privilege('licensed', 'select')
-- @environment refused
SELECT inet_client_addr()
-- @environment refused
SELECT get_block_size('memory')
-- @environment refused
SELECT * FROM duckdb_views()
-- @environment refused
SELECT * FROM duckdb_tables()
-- @environment refused
SELECT * FROM duckdb_columns()
-- @environment refused
SELECT * FROM duckdb_databases()
-- @environment refused
SELECT * FROM duckdb_extensions()
-- @environment refused
SELECT * FROM duckdb_functions()
-- @environment refused
SELECT * FROM duckdb_memory()
-- @environment refused
SELECT * FROM duckdb_temporary_files()
-- @environment refused
SELECT * FROM duckdb_logs
-- @environment refused
SELECT * FROM duckdb_logs()
-- @environment refused
SELECT * FROM duckdb_log_contexts()
-- @environment refused
SELECT * FROM duckdb_external_file_cache()
-- @environment refused
SELECT * FROM duckdb_prepared_statements()
-- @environment refused
SELECT * FROM duckdb_variables()
-- @environment refused
SELECT * FROM duckdb_dependencies()
-- @environment refused
SELECT * FROM duckdb_optimizers()
-- @environment refused
SELECT * FROM duckdb_connections()
-- @environment refused
SELECT * FROM duckdb_approx_database_count()
-- @environment refused
SELECT * FROM which_secret('s3://x', 's3')
-- @environment refused
SELECT * FROM pragma_database_size()
-- @environment refused
SELECT * FROM pragma_user_agent()
-- @environment refused
SELECT * FROM pragma_platform()
-- @environment refused
SELECT * FROM pragma_version()
-- @environment refused
SELECT * FROM pragma_table_info('licensed')
-- @environment refused
SELECT * FROM pragma_show('licensed')
-- @environment refused
SELECT * FROM pragma_storage_info('licensed')
-- @environment refused
SELECT * FROM pragma_metadata_info()
-- @environment refused
SELECT * FROM pragma_collations()
-- @environment refused
SELECT * FROM information_schema.tables
-- @environment refused
SELECT * FROM information_schema.columns
-- @environment refused
SELECT * FROM pg_catalog.pg_class
-- @environment refused
SELECT * FROM pg_class
-- @environment refused
SELECT * FROM pg_settings
-- @environment refused
SELECT * FROM sqlite_schema
-- @environment refused
SELECT * FROM sqlite_temp_master
-- @environment refused
SELECT * FROM duckdb_settings
-- @environment refused
SELECT table_name FROM licensed, duckdb_tables
-- @environment refused
WITH x AS (SELECT sql FROM duckdb_views()) SELECT * FROM x

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
-- @settings refused
SET threads = 128
-- @settings refused
SET GLOBAL max_execution_time = 0
-- @settings refused
SET lock_configuration = false
-- @settings refused
SET SESSION allowed_paths = ['/']
-- @settings refused
SET allowed_directories = ['/']
-- @settings refused
SET temp_directory = '/tmp'
-- @settings refused
SET python_enable_replacements = true
-- @settings refused
SET python_scan_all_frames = true
-- @settings refused
SET disabled_optimizers = ''
-- @settings refused
SET search_path = 'shadow'
-- @settings refused
SET schema = 'shadow'
-- @settings refused
SET TimeZone = 'Asia/Shanghai'
-- @settings refused
SET autoload_known_extensions = true
-- @settings refused
SET custom_extension_repository = '{out}'
-- @settings refused
SET log_query_path = '{out}'
-- @settings refused
SET profiling_output = '{out}'
-- @settings refused
SET allow_unredacted_secrets = true
-- @settings refused
RESET ALL
-- @settings refused
RESET GLOBAL memory_limit
-- @settings refused
PRAGMA enable_profiling
-- @settings refused
PRAGMA profiling_output = '{out}'
-- @settings refused
PRAGMA database_list
-- @settings refused
PRAGMA show_tables
-- @settings refused
PRAGMA enable_object_cache
-- @settings refused
USE system
-- @settings refused
BEGIN
-- @settings refused
COMMIT
-- @settings refused
ROLLBACK
-- @settings refused
SET VARIABLE x = (SELECT content FROM read_text('{text}'))
-- @settings refused
RESET VARIABLE x
-- @settings refused
SELECT set_config('threads', '8')
-- @settings refused
CALL disable_logging()
-- @settings refused
SELECT * FROM truncate_duckdb_logs()
-- @settings refused
SELECT * FROM force_checkpoint()
-- @settings refused
COMMENT ON VIEW licensed IS 'x'

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
-- @write refused
COPY (FROM licensed) TO '{out}' (FORMAT csv)
-- @write refused
COPY (FROM licensed) TO '/dev/stdout'
-- @write refused
COPY licensed FROM '{text}'
-- @write refused
COPY FROM DATABASE memory TO system
-- @write refused
COPY (SELECT 1) TO '{out}' (FORMAT json, PARTITION_BY (a))
-- @write refused
COPY (SELECT 1) TO 'pipe:cat > {out}'
-- @write refused
ATTACH ':memory:' AS m
-- @write refused
ATTACH '{out}' (READ_WRITE)
-- @write refused
DETACH memory
-- @write refused
CONNECT 'quack:127.0.0.1'
-- @write refused
INSERT INTO licensed VALUES (1, 'x')
-- @write refused
UPDATE licensed SET id = 1
-- @write refused
DELETE FROM licensed
-- @write refused
TRUNCATE licensed
-- @write refused
INSERT INTO licensed BY NAME SELECT 1 AS id RETURNING *
-- @write refused
WITH m AS (MERGE INTO licensed USING licensed b ON true WHEN MATCHED THEN DELETE RETURNING *) FROM m
-- @write refused
WITH c AS (COPY (SELECT 1) TO '{out}') FROM c
-- @write refused
CREATE TABLE t (a INTEGER)
-- @write refused
CREATE TEMP TABLE t AS SELECT 1
-- @write refused
CREATE OR REPLACE TABLE licensed AS SELECT 1
-- @write refused
CREATE SCHEMA s
-- @write refused
CREATE SEQUENCE s
-- @write refused
CREATE TYPE t AS ENUM ('a')
-- @write refused
CREATE INDEX i ON licensed (id)
-- @write refused
CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')
-- @write refused
DROP SECRET s
-- @write refused
DROP SCHEMA main CASCADE
-- @write refused
SELECT setval('s', 1)
-- @write refused
SELECT currval('s')
-- @write refused
FORCE INSTALL httpfs FROM community
-- @write refused
INSTALL '{out}'
-- @write refused
LOAD httpfs
-- @write refused
UPDATE EXTENSIONS
-- @write refused
IMPORT DATABASE '{out}'
-- @write refused
VACUUM
-- @write refused
ANALYZE
-- @write refused
FORCE CHECKPOINT memory
-- @write refused
SELECT * INTO t FROM licensed

-- @cpu ends
SELECT count(*) FROM range(10000000) a, range(10000000) b
-- @cpu ends
SELECT sum(a.id * b.id) FROM licensed a, licensed b, licensed c
-- @cpu ends
SELECT regexp_extract_all(repeat('ab', 5000000), '(a|b)*')
-- @cpu refused
SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))
-- @cpu refused
SELECT damerau_levenshtein(repeat('a', 200000), repeat('b', 200000))
-- @cpu refused
SELECT sleep_ms(60000)
-- @cpu refused
SELECT pg_sleep(60)
-- @cpu refused
WITH a AS (FROM licensed, licensed b), b AS (FROM a, a x), c AS (FROM b, b x), d AS (FROM c, c x), e AS (FROM d, d x), f AS (FROM e, e x), g AS (FROM f, f x), h AS (FROM g, g x), i AS (FROM h, h x) FROM i
-- @cpu ends
SELECT count(*) FROM licensed a, licensed b WHERE a.city < b.city
-- @cpu ends
SELECT count(DISTINCT a.id * b.id) FROM licensed a, licensed b
-- @cpu ends
SELECT max(md5(a.city || b.city || c.city)) FROM licensed a, licensed b, licensed c
-- @cpu ends
SELECT sum(sin(a.range) * cos(b.range)) FROM range(10000000) a, range(1000) b
-- @cpu ends
SELECT count(*) FROM licensed WHERE regexp_matches(repeat(city, 1000), '(a*)*(b*)*(c*)*x')
-- @cpu ends
SELECT regexp_replace(repeat('a', 1000000), '(a|aa)+$', 'b', 'g')
-- @cpu ends
SELECT list_reduce(range(10000000), lambda x, y: (x * 31 + y) % 1000003)
-- @cpu ends
SELECT list_sort(range(10000000), 'DESC')[1]
-- @cpu ends
SELECT list_distinct(list_transform(range(10000000), lambda x: x % 1000003))[1]
-- @cpu ends
SELECT list_aggregate(range(10000000), 'entropy')
-- @cpu ends
SELECT count(*) FROM licensed a LEFT JOIN licensed b ON a.id < b.id AND a.city > b.city
-- @cpu ends
SELECT sum(x) FROM (SELECT row_number() OVER (PARTITION BY a.city ORDER BY b.id) AS x FROM licensed a, licensed b)
-- @cpu ends
SELECT median(a.id + b.id) OVER (ORDER BY a.id ROWS BETWEEN 10000 PRECEDING AND 10000 FOLLOWING) FROM licensed a, licensed b
-- @cpu ends
SELECT quantile_cont(a.id * random(), [0.1, 0.5, 0.9]) FROM licensed a, range(100000) b
-- @cpu ends
SELECT count(*) FROM generate_series(TIMESTAMP '2000-01-01', TIMESTAMP '2000-04-01', INTERVAL 1 SECOND) a, range(10000)
-- @cpu ends
SELECT factorial(20)::HUGEINT * count(*) FROM range(10000000) a, range(10000000) b
-- @cpu ends
SELECT string_split(repeat('a,', 5000000), ',')[1], list_sort(string_split(repeat('b,', 5000000), ','))[1]
-- @cpu ends
SELECT jaccard(repeat('ab', 3000000), repeat('bc', 3000000)) FROM licensed
-- @cpu ends
SELECT sha256(repeat(city, 1000000)) FROM licensed
-- @cpu ends
SELECT json_extract(repeat('[', 1000) || repeat(']', 1000), '$[*]') FROM range(1000000)
-- @cpu ends
SELECT count(*) FROM range(1000000) a WHERE EXISTS (FROM range(1000000) b WHERE b.range % 97 = a.range % 89 AND b.range * a.range % 31 = 7)
-- @cpu ends
SELECT product(a.range + 1) FROM range(1, 10000000) a, range(100) b
-- @cpu ends
SELECT array_agg(DISTINCT a.id ORDER BY a.id)[1] FROM licensed a, licensed b
-- @cpu ends
SELECT mode(a.id * b.id) FROM licensed a, licensed b
-- @cpu refused
SELECT jaro_similarity(repeat('a', 1000000), repeat('b', 1000000))
-- @cpu refused
SELECT jaro_winkler_similarity(repeat('a', 1000000), repeat('b', 1000000))
-- @cpu refused
SELECT editdist3(repeat('a', 1000000), repeat('b', 1000000))
-- @cpu refused
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r) SELECT count(*) FROM r
-- @cpu refused
SELECT count(*) FROM range(10000000000) a
-- @cpu refused
SELECT count(*) FROM range(0, 10000000, 0) a
-- @cpu refused
SELECT count(*) FROM generate_series(TIMESTAMP '0001-01-01', TIMESTAMP '9999-01-01', INTERVAL 1 SECOND)
-- @cpu refused
SELECT sleep_ms(id) FROM licensed

-- @memory ends
SELECT list_sort(list(a.range)) FROM range(10000000) a, range(100) b
-- @memory ends
SELECT string_agg(city, ',') FROM licensed, range(10000000)
-- @memory ends
SELECT length(repeat(repeat('x', 10000000), 10000000))
-- @memory ends
SELECT unnest(range(10000000)) FROM range(10000000)
-- @memory ends
SELECT * FROM licensed a, licensed b ORDER BY random()
-- @memory refused
SELECT repeat('x', 3000000000)
-- @memory refused
SELECT repeat('x', id) FROM licensed
-- @memory refused
SELECT count(*) FROM generate_series(1, 3000000000)
-- @memory refused
SELECT lpad('x', 2000000000, 'y')
-- @memory refused
SELECT printf('%2000000000d', 1)
-- @memory refused
SELECT format('{{:{{}}}}', 1, 2000000000)
-- @memory refused
SELECT list_resize([1], 2000000000)
-- @memory ends
SELECT list(id) FROM licensed, range(100000)
-- @memory ends
SELECT histogram(a.id * b.id) FROM licensed a, licensed b
-- @memory ends
SELECT map_from_entries(list((id, city))) FROM licensed, range(10000)
-- @memory ends
SELECT string_agg(repeat(city, 1000), '') FROM licensed
-- @memory ends
SELECT list_transform(range(1000000), lambda x: repeat('x', 1000))
-- @memory ends
SELECT list_transform(range(10000000), lambda x: range(1000))
-- @memory ends
SELECT flatten(list_transform(range(100000), lambda x: range(10000)))
-- @memory ends
SELECT length(list_reduce(list_transform(range(40), lambda x: 'ab'), lambda a, b: a || a || b))
-- @memory ends
SELECT * FROM range(10000000) a ORDER BY hash(a.range), md5(a.range::VARCHAR)
-- @memory ends
SELECT a.range, count(*) FROM range(10000000) a, range(10) b GROUP BY ALL
-- @memory ends
SELECT md5(a.range::VARCHAR) AS m, list(b.range) FROM range(10000000) a, range(10) b GROUP BY m
-- @memory ends
SELECT array_agg(a) OVER (ORDER BY a.id) FROM licensed a
-- @memory ends
SELECT json_group_array(city) FROM licensed, range(10000)
-- @memory ends
SELECT replace(repeat('a', 10000000), 'a', repeat('b', 1000))
-- @memory ends
SELECT translate(repeat('a', 10000000), 'a', 'b') || repeat('c', 10000000) FROM licensed
-- @memory ends
SELECT to_base64(encode(repeat('a', 10000000))) || hex(repeat('b', 10000000)) FROM range(1000)
-- @memory ends
SELECT bin(repeat('a', 10000000))
-- @memory ends
SELECT string_split(repeat('a', 10000000), '')
-- @memory ends
SELECT list_resize(range(10), 10000000, id) FROM licensed
-- @memory ends
SELECT lpad(city, 10000000, 'x') FROM licensed
-- @memory ends
SELECT list_zip(range(10000000), range(10000000), range(10000000))
-- @memory ends
SELECT bitstring_agg(id) FROM licensed
-- @memory ends
SELECT bitstring_agg(id::HUGEINT * 1000000, 0, 20000000000) FROM licensed
-- @memory ends
SELECT equi_width_bins(0, 1000000000, 100000000, false)
-- @memory ends
SELECT a.city || b.city || c.city AS x FROM licensed a, licensed b, licensed c ORDER BY x DESC
-- @memory ends
SELECT DISTINCT a.id, b.id FROM licensed a, licensed b
-- @memory ends
SELECT regexp_split_to_array(repeat('ab', 5000000), 'a')
-- @memory ends
SELECT approx_top_k(a.id * b.id, 900000) FROM licensed a, licensed b
-- @memory ends
SELECT reservoir_quantile(id, 0.5, 100000000) FROM licensed
-- @memory refused
SELECT repeat('x', 2147483647)
-- @memory refused
SELECT repeat(repeat('x', 100), 1000000)::BLOB, repeat('y', 10000000 * 1000)
-- @memory refused
SELECT rpad('x', 2147483647, 'y')
-- @memory refused
SELECT range(3000000000)
-- @memory refused
SELECT unnest(generate_series(1, 4000000000))
-- @memory refused
SELECT bitstring('1', 4000000000)
-- @memory refused
SELECT array_resize([1], 4000000000)
-- @memory refused
SELECT bar(1, 0, 10, 4000000000)
-- @memory refused
SELECT printf('%*d', 2000000000, 1)
-- @memory refused
SELECT range(id, id + 10000000000) FROM licensed
-- @memory refused
SELECT repeat('x', (SELECT max(id) FROM licensed))

-- @crash refused
SELECT finalize('\x00'::BLOB)
-- @crash ends
SELECT [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]
-- @crash ends
SELECT array_value(1, 2)::INTEGER[3]
-- @crash ends
SELECT 'x'::INTEGER
-- @crash ends
SELECT (1 / 0), 5 % 0, -9223372036854775808 // -1
-- @crash ends
SELECT 9223372036854775807 + id FROM licensed
-- @crash ends
SELECT substring(city, -9223372036854775808, 9223372036854775807) FROM licensed LIMIT 1
-- @crash ends
SELECT list_slice([1, 2], -9223372036854775808, 9223372036854775807, 1)
-- @crash ends
SELECT city[-2147483648:2147483647] FROM licensed LIMIT 1
-- @crash ends
SELECT json_extract('{{"a":1}}', '$.a[18446744073709551615]')
-- @crash ends
SELECT from_json('{{"a":1}}', '{{"a":["INTEGER"]}}')
-- @crash ends
SELECT regexp_matches('a', '(?<n>a){{1,1000}}{{1,1000}}')
-- @crash ends
SELECT strptime('99999999999', '%Y%Y%Y'), strftime(DATE '0001-01-01', '%')
-- @crash ends
SELECT make_date(2147483647, 12, 31)
-- @crash ends
SELECT DATE '294247-01-10' + INTERVAL 2147483647 MONTH
-- @crash ends
SELECT time_bucket(INTERVAL 0 DAY, DATE '2000-01-01')
-- @crash ends
SELECT union_value(a := 1)::UNION(b VARCHAR)
-- @crash ends
SELECT map([1, 1], [2, 3])
-- @crash ends
SELECT nth_value(id, 9223372036854775807) OVER () FROM licensed LIMIT 1
-- @crash ends
SELECT sum(id) OVER (ROWS BETWEEN 9223372036854775807 PRECEDING AND 9223372036854775807 FOLLOWING) FROM licensed LIMIT 1
-- @crash ends
SELECT lag(id, -9223372036854775808) OVER () FROM licensed LIMIT 1
-- @crash ends
SELECT ntile(0) OVER () FROM licensed
-- @crash ends
SELECT quantile_cont(id, 1.5) FROM licensed
-- @crash ends
SELECT * FROM licensed LIMIT 18446744073709551615 OFFSET 18446744073709551615
-- @crash ends
SELECT * FROM licensed TABLESAMPLE reservoir(9223372036854775807 ROWS)
-- @crash ends
SELECT unbin('2'), unhex('zz'), from_base64('*')
-- @crash ends
SELECT decode('\xFF\xFE'::BLOB)
-- @crash ends
SELECT chr(-1), chr(1114112), unicode('')
-- @crash ends
SELECT set_bit('1'::BIT, 2147483647, 1)
-- @crash ends
SELECT 1::DECIMAL(38, 38) * 99
-- @crash ends
SELECT st_geomfromwkb('\x00\x00'::BLOB)
-- @crash ends
SELECT st_astext(st_geomfromwkb('\x01\x06\x00\x00\x00\xFF\xFF\xFF\xFF'::BLOB))
-- @crash ends
SELECT struct_extract_at(row(1), 99)
-- @crash ends
SELECT enum_range(NULL), list_aggregate([], 'histogram')
-- @crash ends
SELECT array_distance([1]::FLOAT[1], [NULL]::FLOAT[1])
-- @crash ends
SELECT format('{{0}}{{99}}', 1)
-- @crash ends
SELECT printf('%n%s%s%s', 1)
-- @crash ends
SELECT uuid_extract_timestamp('00000000-0000-0000-0000-000000000000'::UUID)
-- @crash ends
SELECT url_decode('%'), url_decode('%zz')
-- @crash ends
SELECT greatest(NULL, row(1, 'a'), row(2, NULL))
-- @crash ends
SELECT lttb(id, id, 0) FROM licensed
-- @crash refused
SELECT combine('\x00'::BLOB, '\x00'::BLOB)
-- @crash refused
SELECT to_aggregate_state(sum(id)) FROM licensed
-- @crash refused
SELECT sum(id) EXPORT_STATE FROM licensed
-- @crash refused
SELECT create_sort_key(id, 'x') FROM licensed
-- @crash refused
SELECT variant_extract(1::VARIANT, 'a')
-- @crash refused
SELECT 1::VARIANT
-- @crash refused
SELECT __internal_decompress_string(1::HUGEINT)
-- @crash refused
SELECT __internal_compress_integral_utinyint(id, 100000) FROM licensed
-- @crash refused
SELECT test_all_types()
-- @crash refused
SELECT * FROM test_all_types()
-- @crash refused
SELECT * FROM test_vector_types(NULL::INTEGER)
-- @crash refused
SELECT * FROM repeat_row(1, num_rows = 1)
-- @crash refused
SELECT * FROM summary((FROM licensed))
-- @crash refused
SELECT * FROM unnest_rewrite(1)
-- @crash refused
SELECT bitstring_byte_comparable('1'::BIT)
-- @crash refused
SELECT error('x')
-- @crash refused
SELECT switch(1, 2)

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
-- @confuse ends
SELECT 'FROM read_text(''/etc/passwd''); --' AS harmless FROM licensed LIMIT 1
-- @confuse ends
/* SELECT */ FROM licensed SELECT id -- LIMIT 3
 LIMIT 2
-- @confuse ends
WITH licensed AS (SELECT 1 AS id) SELECT * FROM licensed
-- @confuse ends
SELECT CAST(city AS INTEGER) FROM licensed
-- @confuse refused
SELECT * FROM "read_text" ('{text}')
-- @confuse refused
SELECT * FROM system."main"."read_text"('{text}')
-- @confuse refused
SELECT ('{text}').read_text()
-- @confuse refused
SELECT * FROM read_text(E'{text}')
-- @confuse refused
SELECT * FROM read_text(('{text}'))
-- @confuse refused
SELECT * FROM $tag${text}$tag$
-- @confuse refused
SELECT 1 UNION SELECT content FROM read_text('{text}') --
-- @confuse ends
SELECT 1 /* /* */; COPY (SELECT 1) TO '{out}' */
-- @confuse refused
SELECT 1;;FROM read_text('{text}')
-- @confuse refused
;
-- @confuse refused
--
-- @confuse refused
SELECT
-- @confuse refused
FROM
-- @confuse refused
SELECT * FROM licensed WHERE city = 'a' OR 1 = 1; DROP VIEW licensed; --
-- @confuse refused
SELECT * FROM "licensed"; SELECT * FROM "{other}"
-- @confuse refused
SELECT * FROM licensed AS "{other}", "{other}" AS x
-- @confuse refused
WITH a AS (SELECT 1), a AS (FROM '{other}') FROM a
-- @confuse refused
WITH a AS (FROM b), b AS (FROM '{other}') FROM a
-- @confuse refused
WITH main AS (SELECT 1) SELECT * FROM main.duckdb_views
-- @confuse refused
WITH information_schema AS (SELECT 1) FROM information_schema.tables
-- @confuse refused
WITH pg_class AS (SELECT 1) FROM pg_class
-- @confuse refused
WITH "duckdb_settings()" AS (SELECT 1) FROM "duckdb_settings()"
-- @confuse refused
SELECT * FROM licensed, LATERAL query('FROM licensed')
-- @confuse refused
SELECT * FROM licensed l, read_text(l.city)
-- @confuse refused
SELECT * FROM ROWS FROM (read_text('{text}'))
-- @confuse refused
SELECT * FROM (((read_text('{text}'))))
-- @confuse refused
SELECT ?
-- @confuse refused
SELECT $name
-- @confuse refused
SELECT $1 + ?2
-- @confuse refused
SELECT * FROM licensed WHERE id = :id
-- @confuse refused
SELECT ＊ FROM licensed
-- @confuse refused
SELECT * FROM lіcensed
-- @confuse refused
SELECT * FROM licensed\0
-- @confuse refused
SELECT 'a' 'b' FROM licensed; SELECT 1
-- @confuse refused
SELECT * FROM read_text(concat('{text}', ''))
-- @confuse refused
SELECT CAST('x' AS main.varchar)
-- @confuse refused
SELECT 'licensed'::REGCLASS
-- @confuse refused
SELECT NULL::mytype
-- @confuse refused
SELECT main.upper('x')
-- @confuse refused
SELECT system.main.upper('x')
-- @confuse refused
SELECT "query"('FROM licensed')
-- @confuse refused
SELECT * FROM licensed FETCH FIRST 1 ROWS ONLY; FROM duckdb_views()
-- @confuse ends
SELECT ';' AS a, '--' AS b, '/*' AS c FROM licensed LIMIT 1
-- @confuse ends
SELECT $$FROM read_text('/etc/passwd')$$ AS harmless
-- @confuse ends
SELECT "id" AS "FROM read_text('x')" FROM licensed LIMIT 1
-- @confuse ends
FROM licensed AS "read_text" SELECT "read_text".id LIMIT 1
-- @confuse ends
SELECT licensed.id AS licensed FROM licensed AS licensed LIMIT 1
-- @confuse ends
SELECT id FROM licensed WHERE city = ';DROP VIEW licensed;' LIMIT 1
-- @confuse ends
SELECT * FROM licensed AS query_table LIMIT 1
-- @confuse ends
SELECT id: id FROM licensed LIMIT 1
