-- Statements that are a transaction by themselves: one round trip instead of three. So their settings stand here, and as
-- functions they keep their plans, which take longer to make than to run.

alter function :"schema".insert_single_loads(jsonb) set enable_bitmapscan = off;
alter function :"schema".insert_single_loads(jsonb) set enable_seqscan = off;

-- The same with a limit for each wait, in milliseconds. The isolation is that of the connection: at a stricter one than READ
-- COMMITTED a reference that has just gone fails the statement.
create function :"schema".insert_single_loads(given jsonb, longest_wait integer) returns table (id bigint, number text)
language plpgsql set search_path = :"schema", pg_temp
as $$
begin
  perform set_config('lock_timeout', longest_wait::text, true);
  return query select * from insert_single_loads(given);
end
$$;

-- The people among these usernames.
create function :"schema".find_people(usernames text[])
returns table (username text, password_hash text, enabled boolean, privileges text[])
language plpgsql stable
set search_path = :"schema", pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select username, password_hash, enabled,
    array(select privilege from roles_access where roles_access.role = people.role)
  from people
  where username = any(usernames);
end
$$;
