-- Statements that are a transaction by themselves: one round trip instead of three. So their settings stand here, and as
-- functions they keep their plans, which take longer to make than to run.

-- As insert_single_loads of before, with a limit of its own for each wait, in milliseconds. The isolation is that of the
-- connection: at a stricter one than READ COMMITTED a reference that has just gone fails the statement.
drop function :"schema".insert_single_loads(jsonb);

create function :"schema".insert_single_loads(given jsonb, longest_wait integer) returns table (id bigint, number text)
language plpgsql
set search_path = :"schema", pg_temp set enable_bitmapscan = off set enable_seqscan = off
as $$
#variable_conflict use_column
begin
  perform set_config('lock_timeout', longest_wait::text, true);
  return query
  with wanted as (
    select * from jsonb_to_recordset(given) as wanted (
      person text, source text, number text collate "C", alias text collate "C",
      class integer, ingroup integer, customer integer, region integer, stype text)
    where (select id from classes where id = wanted.class
        and (classes.customer is null or wanted.customer is null or classes.customer = wanted.customer)) is not null
      and (select id from ingroups where id = wanted.ingroup) is not null
      and (wanted.customer is null or (select id from customers where id = wanted.customer) is not null)
      and (wanted.region is null or (select id from regions where id = wanted.region) is not null)
      and (select number from numbers where number = wanted.number) is null
      and (select alias from numbers where alias = wanted.alias) is null
    order by number
  ), load as (
    insert into loads
      (person, source, start, "end", count, alias, class, ingroup, customer, region, stype, charge_customer)
    select person, source, number, number, 1, alias, class, ingroup, customer, region, stype, false from wanted
    returning id, start
  ), inserted as (
    insert into numbers (number, alias, class, ingroup, customer, region, stype, load)
    select number, alias, class, ingroup, customer, region, stype, id from wanted join load on start = number
  )
  select id, start from load;
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
